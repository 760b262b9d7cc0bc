/** The ellipse of one standard deviation of a Gaussian on a plane. */
import type { Scales } from '../../base/plot.tsx';

const corners = 48;

/**
 * Its outline as points of SVG. With the covariance `[var x, var y, cov xy]` and its Cholesky factor L, L times a circle is that
 * ellipse.
 */
export function ellipseOf(
  [centreX, centreY]: readonly [number, number],
  [xx, yy, xy]: readonly [number, number, number],
  scales: Scales,
): string {
  const a = Math.sqrt(Math.max(0, xx));
  const b = a > 0 ? xy / a : 0;
  const c = Math.sqrt(Math.max(0, yy - b * b));
  return Array.from({ length: corners }, (_, n) => {
    const angle = (2 * Math.PI * n) / corners;
    const [u, v] = [Math.cos(angle), Math.sin(angle)];
    const [x, y] = [scales.x(centreX + a * u), scales.y(centreY + b * u + c * v)];
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  }).join(' ');
}
