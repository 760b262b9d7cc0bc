/** The part that is used of the package `svg-to-pdfkit`, which has no types of its own. */
declare module 'svg-to-pdfkit' {
  /** Draws an SVG on the page of a document of `pdfkit`; `fontCallback` names the font of a text. */
  export default function svgToPdf(
    document: object,
    svg: string,
    x: number,
    y: number,
    options: { readonly fontCallback: (family: string, bold: boolean) => string; readonly assumePt: boolean },
  ): void;
}
