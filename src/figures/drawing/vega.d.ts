/** What Vega exports and its types leave out. */
export {};

declare module 'vega' {
  interface MeasuredText {
    readonly fontSize?: number;
    readonly fontWeight?: string | number;
  }
  /** How wide a text, or the widest of its lines, is taken to be. */
  export const textMetrics: { width: (item: MeasuredText, text: unknown) => number };
}
