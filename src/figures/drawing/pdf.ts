/** A picture as a page of PDF of its size, with the font embedded as TrueType. */
import { fontFiles } from './font.ts';
import type { Picture } from './vector.ts';

export async function pdf({ svg, title, description, width, height }: Picture): Promise<Uint8Array> {
  const [{ default: Document }, { default: svgToPdf }] = await Promise.all([import('pdfkit'), import('svg-to-pdfkit')]);
  const document = new Document({
    size: [width, height],
    margin: 0,
    font: fontFiles.regular,
    // A document must have a date, and its identity is made of it: the same drawing gives the same bytes.
    info: { Title: title, Subject: description, CreationDate: new Date(0) },
  });
  for (const [weight, file] of Object.entries(fontFiles)) document.registerFont(weight, file);
  const chunks: Uint8Array[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    document.on('error', reject);
    document.on('end', resolve);
  });
  // The size in the SVG is in points of CSS, which are a third larger than the unit that they are taken for here.
  const inPoints = svg.replace(/ width="[\d.]+pt" height="[\d.]+pt"/, ` width="${width}" height="${height}"`);
  svgToPdf(document, inPoints, 0, 0, { fontCallback: (_, bold) => (bold ? 'bold' : 'regular'), assumePt: true });
  document.end();
  await ended;
  return Buffer.concat(chunks);
}
