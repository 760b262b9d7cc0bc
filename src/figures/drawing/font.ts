/** The font of figures, which lies in the package: a picture has its text on machines without any font. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const family = 'Arimo';

// The folder lies three folders above this one, in the sources and in the published package alike.
const pathOf = (name: string): string => fileURLToPath(new URL(`../../../fonts/${name}.ttf`, import.meta.url));

/** The files of both weights. */
export const fontFiles = { regular: pathOf('Arimo-Regular'), bold: pathOf('Arimo-Bold') } as const;
export type Weight = keyof typeof fontFiles;

interface Font {
  /** The width of a letter in parts of the font's size; undefined where the font does not have it. */
  readonly advance: (codePoint: number) => number | undefined;
  /** That of a letter which is not there. */
  readonly missing: number;
}

const read = new Map<Weight, Font>();

function fontOf(weight: Weight): Font {
  const known = read.get(weight);
  if (known) return known;
  const font = parsed(bytesOf(fontFiles[weight]));
  read.set(weight, font);
  return font;
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`The font of figures, ${file}, cannot be read: install decalign anew.`, { cause: error });
  }
}

/** How wide a line of text is, in the unit of `size`. */
export function textWidth(text: string, size: number, weight: Weight = 'regular'): number {
  const { advance, missing } = fontOf(weight);
  let width = 0;
  for (const letter of text) width += advance(letter.codePointAt(0)!) ?? missing;
  return width * size;
}

/** Texts that are shorter have room beside them whatever font they are in. */
const fewLetters = 12;

/**
 * An SVG whose lines of text are told how wide they are: where a machine has none of its fonts, letters are narrowed or
 * widened to it, for wider ones would be cut at the edge.
 */
export const withWidths = (svg: string): string =>
  svg.replaceAll(/<text([^>]*)>(.*?)<\/text>/gs, (element, attributes: string, inside: string) => {
    // Letters of a subscript have a size of their own.
    if (inside.includes('<tspan dy="0.2em"')) return element;
    const size = Number(/ font-size="([\d.]+)px"/.exec(attributes)?.[1]);
    const weight = attributes.includes(' font-weight="bold"') ? 'bold' : 'regular';
    return element.replaceAll(/(<t(?:ext|span)[^>]*)>([^<]+)(?=<)/g, (line, tag: string, text: string) => {
      const letters = text.replaceAll(/&(?:amp|lt|gt|quot|apos);/g, '&');
      if (letters.length < fewLetters) return line;
      const width = Number(textWidth(letters, size, weight).toFixed(1));
      return `${tag} textLength="${width}" lengthAdjust="spacingAndGlyphs">${text}`;
    });
  });

/** An SVG that has the font in it, for where a machine's fonts may be none as wide: text that was fitted is not cut. */
export const withFont = (svg: string): string =>
  svg.replace(/<svg[^>]*>/, (element) => `${element}<style>${faces()}</style>`);

const faces = (): string =>
  (['regular', 'bold'] as const)
    .map((weight) => {
      const bytes = bytesOf(fontFiles[weight]).toString('base64');
      return `@font-face{font-family:${family};font-weight:${weight === 'bold' ? 700 : 400};src:url(data:font/ttf;base64,${bytes})}`;
    })
    .join('');

/** Letters of a text that the font does not have, once each. */
export const lettersMissing = (text: string): string[] =>
  [...new Set(text)].filter((letter) => fontOf('regular').advance(letter.codePointAt(0)!) === undefined);

/** A paragraph in lines of at most that width; a word that is wider has a line of its own. */
export function wrapped(text: string, width: number, size: number, weight: Weight = 'regular'): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)!} ${word}`;
    if (lines.length > 0 && textWidth(longer, size, weight) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Reads the tables of a TrueType file that say how wide letters are: `head`, `hhea`, `hmtx` and `cmap` (of format 4). */
function parsed(bytes: Buffer): Font {
  const tables = new Map(
    Array.from({ length: bytes.readUInt16BE(4) }, (_, i) => {
      const at = 12 + 16 * i;
      return [bytes.toString('latin1', at, at + 4), bytes.readUInt32BE(at + 8)] as const;
    }),
  );
  const unitsPerEm = bytes.readUInt16BE(tables.get('head')! + 18);
  const measured = bytes.readUInt16BE(tables.get('hhea')! + 34);
  // Glyphs after the last that is measured are as wide as that one.
  const widthOf = (glyph: number): number =>
    bytes.readUInt16BE(tables.get('hmtx')! + 4 * Math.min(glyph, measured - 1)) / unitsPerEm;
  const map = lettersAt(bytes, tables.get('cmap')!);
  const segments = bytes.readUInt16BE(map + 6) / 2;
  const value = (table: number, segment: number): number => map + 14 + 2 * segments * table + 2 * segment;
  const glyphOf = (codePoint: number): number => {
    for (let s = 0; s < segments; s++) {
      if (codePoint > bytes.readUInt16BE(value(0, s))) continue;
      // After the ends of the segments there are two bytes of padding.
      const start = bytes.readUInt16BE(value(1, s) + 2);
      if (codePoint < start) return 0;
      const delta = bytes.readUInt16BE(value(2, s) + 2);
      const place = value(3, s) + 2;
      const offset = bytes.readUInt16BE(place);
      if (offset === 0) return (codePoint + delta) % 65_536;
      const glyph = bytes.readUInt16BE(place + offset + 2 * (codePoint - start));
      return glyph === 0 ? 0 : (glyph + delta) % 65_536;
    }
    return 0;
  };
  // Of few letters there are many widths to be told.
  const advances = new Map<number, number | undefined>();
  return {
    advance: (codePoint) => {
      if (!advances.has(codePoint)) {
        const glyph = glyphOf(codePoint);
        advances.set(codePoint, glyph === 0 ? undefined : widthOf(glyph));
      }
      return advances.get(codePoint);
    },
    missing: widthOf(0),
  };
}

/** Where the table of letters of format 4 begins, which every font has. */
function lettersAt(bytes: Buffer, cmap: number): number {
  const starts = Array.from(
    { length: bytes.readUInt16BE(cmap + 2) },
    (_, i) => cmap + bytes.readUInt32BE(cmap + 4 + 8 * i + 4),
  );
  return starts.find((start) => bytes.readUInt16BE(start) === 4)!;
}
