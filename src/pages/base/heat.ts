/** Shades of cells. */

/** The style of a cell that holds a share in 0..1: all of it is `--heat`, on which letters can be read. */
export const heat = (share: number): { readonly backgroundColor: string } => ({
  backgroundColor: `color-mix(in srgb, var(--heat) ${Math.round(Math.min(1, Math.max(0, share)) * 100)}%, var(--ground))`,
});
