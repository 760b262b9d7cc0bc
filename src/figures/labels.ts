/** Where the names of points go, so that none lies over another, over a point or beyond the frame: the nearest free place. */

/** A point with its name, in a frame whose corner on the upper left is 0, 0. */
export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** The size of its name. */
  readonly width: number;
  readonly height: number;
}

/** The middle of a name, and whether it lies so far off that a line must lead to it. */
export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly far: boolean;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const directions = 24;
const distances = [1, 5, 10, 16, 23, 31, 40, 50, 61, 73, 86, 100];
/** From this distance on a line leads to the name. */
const far = 5;

/** Places the names one after another, those first that come first; one that fits nowhere lies where it covers the least. */
export function placedLabels(
  points: readonly Labelled[],
  frame: { readonly width: number; readonly height: number },
): Placed[] {
  const taken: Box[] = points.map(({ x, y, radius }) => boxAround(x, y, 2 * radius, 2 * radius));
  return points.map((point) => {
    const candidates = distances.flatMap((distance) =>
      Array.from({ length: directions }, (_, d) => candidate(point, distance, (2 * Math.PI * d) / directions)),
    );
    let best = candidates[0]!;
    let least = Infinity;
    for (const each of candidates) {
      const cost = costOf(each.box, taken, frame);
      if (cost < least) [best, least] = [each, cost];
      if (cost === 0) break;
    }
    taken.push(best.box);
    return { x: best.x, y: best.y, far: best.distance >= far };
  });
}

function candidate(
  { x, y, radius, width, height }: Labelled,
  distance: number,
  angle: number,
): { readonly x: number; readonly y: number; readonly distance: number; readonly box: Box } {
  const [right, down] = [Math.cos(angle), Math.sin(angle)];
  const at = {
    x: x + right * (radius + distance + width / 2),
    y: y + down * (radius + distance + height / 2),
  };
  return { ...at, distance, box: boxAround(at.x, at.y, width, height) };
}

const boxAround = (x: number, y: number, width: number, height: number): Box => ({
  left: x - width / 2,
  top: y - height / 2,
  right: x + width / 2,
  bottom: y + height / 2,
});

/** The area that is covered twice or lies outside. */
function costOf(
  box: Box,
  taken: readonly Box[],
  { width, height }: { readonly width: number; readonly height: number },
): number {
  const own = (box.right - box.left) * (box.bottom - box.top);
  const outside = own - covered(box, { left: 0, top: 0, right: width, bottom: height });
  return taken.reduce((sum, other) => sum + covered(box, other), outside > 1e-9 ? outside : 0);
}

const covered = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
