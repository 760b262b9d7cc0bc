/** A box of an array: where it begins along every axis, and how long it is. */
export interface Slab {
  readonly offset: readonly number[];
  readonly count: readonly number[];
}

/** The boxes that hold elements `from` to `from + count` of an array in row-major order, one after another. */
export function slabs(shape: readonly number[], from: number, count: number): Slab[] {
  if (count === 0) return [];
  const [, ...inner] = shape;
  if (shape.length === 0) return [{ offset: [], count: [] }];
  const width = inner.reduce((product, axis) => product * axis, 1);
  const end = from + count;
  const row = Math.floor(from / width);
  const within = (index: number, start: number, stop: number): Slab[] =>
    slabs(inner, start - index * width, stop - start).map((slab) => ({
      offset: [index, ...slab.offset],
      count: [1, ...slab.count],
    }));
  // Part of a row, whole rows, part of a row: each may be missing.
  const firstWhole = Math.ceil(from / width);
  const lastWhole = Math.floor(end / width);
  if (firstWhole > lastWhole) return within(row, from, end);
  const before = from < firstWhole * width ? within(row, from, firstWhole * width) : [];
  const after = lastWhole * width < end ? within(lastWhole, lastWhole * width, end) : [];
  const rows = lastWhole - firstWhole;
  const whole =
    rows === 0 ? [] : [{ offset: [firstWhole, ...inner.map(() => 0)], count: [rows, ...inner.map((axis) => axis)] }];
  return [...before, ...whole, ...after];
}

/** How many elements to read together: about `target`, and chunks whole where they are not too large, as each is unpacked once then. */
export function pieceLength(shape: readonly number[], chunks: readonly number[] | null, target: number): number {
  const width = shape.slice(1).reduce((product, axis) => product * axis, 1);
  const height = chunks?.[0] ?? 1;
  const rows = Math.floor(target / (width * height)) * height;
  if (rows > 0) return rows * width;
  return height * width <= 16 * target ? height * width : target;
}
