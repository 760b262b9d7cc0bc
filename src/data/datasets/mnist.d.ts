/** The part that is read of the package `mnist`, which has no types of its own. */
declare module 'mnist' {
  /** One for each digit, 0 to 9: the pixels of all its images, `[N, 28, 28]`, row after row, 0 (paper) to 1 (ink). */
  const mnist: readonly { readonly raw: readonly number[] }[];
  export default mnist;
}
