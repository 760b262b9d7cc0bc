/** The part of the epochs that is shown. */

/** From the first to the last of them. */
export type Epochs = readonly [number, number];

/** Whole epochs for a range whose ends lie between some, as those of a pointer do. */
export function wholeEpochs([from, to]: Epochs): Epochs {
  const [first, last] = [Math.round(from), Math.round(to)];
  return first < last ? [first, last] : [Math.floor(from), Math.ceil(to)];
}

/** Without a range all are within it. */
export const isWithin = (epoch: number, range: Epochs | undefined): boolean =>
  range === undefined || (epoch >= range[0] && epoch <= range[1]);
