/** Makes the figures of what a call names, as contents of files. */
import type { FigureOptions } from './figure-options.ts';
import { figures, usualFiguresOf, type FigureName } from './figures.ts';
import { CannotShow, type Drawing } from './figure.ts';
import { draw } from './drawing/draw.ts';
import { lettersMissing } from './drawing/font.ts';
import { checkPackages, type Format } from './drawing/packages.ts';
import { openSources, type Source } from './source.ts';

export interface MadeFigures {
  readonly files: readonly { readonly name: string; readonly content: string | Uint8Array }[];
  /** Figures that were not asked for by name and that the runs do not have the data for, and why. */
  readonly left: readonly { readonly figure: FigureName; readonly reason: string }[];
  /** What a person should know, a line each: seeds that were left out, letters that pictures lack. */
  readonly notes: readonly string[];
}

export interface MakeOptions extends FigureOptions {
  /** Default: every figure that the runs have the data for. */
  readonly only?: readonly FigureName[] | undefined;
  /** A file on whose test split models are used, in place of what the runs kept. */
  readonly data?: string | undefined;
  /** What models run on. Default: `cpu`. */
  readonly device?: string | undefined;
  /** Default: SVG. */
  readonly formats?: readonly Format[];
}

/**
 * Makes figures of runs, of folders of several seeds or folds, or of the folder of a benchmark; of several datasets each by
 * itself, whose names then begin with the dataset's. Throws an Error for a folder that is none of these, for a package that is
 * not installed, and where a figure that was asked for by name, or every figure, lacks its data.
 */
export async function makeFigures(
  runs: readonly string[],
  { only, data, device, formats = ['svg'], ...options }: MakeOptions = {},
): Promise<MadeFigures> {
  checkPackages(formats);
  const sources = openSources(runs, { data, device });
  const files: MadeFigures['files'][number][] = [];
  const left: MadeFigures['left'][number][] = [];
  const missing = new Set<string>();
  for (const source of sources) {
    const { drawings, left: none } = await drawingsOf(source, { only, ...options });
    const [unmade] = only ? none : [];
    if (unmade) throw new Error(`The figure ${unmade.figure} cannot be made: ${unmade.reason}.`);
    left.push(...none);
    for (const { figure, drawing } of drawings) {
      const name = sources.length > 1 ? `${source.dataset!}-${figure}` : figure;
      const contents = await draw(drawing, [...formats, 'svg']);
      const svg = contents.at(-1) as string;
      for (const letter of lettersMissing(svg.replaceAll(/\s/g, ' '))) missing.add(letter);
      files.push(...formats.map((format, n) => ({ name: `${name}.${format}`, content: contents[n]! })));
    }
  }
  if (files.length === 0)
    throw new Error(
      `No figure can be made of ${runs.join(', ')}: ${left.map(({ figure, reason }) => `${figure}: ${reason}`).join('; ')}.`,
    );
  const notes = sources.flatMap(({ shown }) => shown.flatMap(({ finished }) => finished?.notes ?? []));
  return { files, left, notes: [...notes, ...missingNote([...missing], formats)] };
}

export interface DrawingsOptions extends FigureOptions {
  readonly only?: readonly FigureName[] | undefined;
  /** Takes any error of a figure, such as that of a run without predictions, for the reason that it is left out. Default: false. */
  readonly tolerant?: boolean;
}

/** The letters that pictures lack, where they carry the font of the package, which has Latin, Greek and Cyrillic ones. */
function missingNote(letters: readonly string[], formats: readonly Format[]): readonly string[] {
  const outcomes = [
    ...(formats.includes('pdf') ? ['PDF has boxes in their place'] : []),
    ...(formats.includes('png') ? ['PNG has them where this machine has a font for them'] : []),
  ];
  if (letters.length === 0 || outcomes.length === 0) return [];
  const named = letters.length > mostLetters ? `${letters.slice(0, mostLetters).join(' ')} …` : letters.join(' ');
  return [`the font of figures lacks ${letters.length} letters of their texts (${named}): ${outcomes.join(', ')}`];
}

const mostLetters = 20;

/** The figures of a source, those that were named or the usual ones, and why the others cannot be made. */
export async function drawingsOf(
  source: Source,
  { only, tolerant = false, ...options }: DrawingsOptions = {},
): Promise<{
  readonly drawings: readonly { readonly figure: FigureName; readonly drawing: Drawing }[];
  readonly left: MadeFigures['left'];
}> {
  const drawings: { readonly figure: FigureName; readonly drawing: Drawing }[] = [];
  const left: MadeFigures['left'][number][] = [];
  for (const figure of only ?? usualFiguresOf(source))
    try {
      drawings.push({ figure, drawing: await figures[figure].make(source, options) });
    } catch (error) {
      if (!(error instanceof CannotShow) && !(tolerant && error instanceof Error)) throw error;
      left.push({ figure, reason: error.message });
    }
  return { drawings, left };
}
