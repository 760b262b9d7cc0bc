/** A report of runs: one page that opens anywhere, the model card and the metrics beside it. */
import { splits } from '../data/dataset.ts';
import { groupsKnown } from '../data/samples.ts';
import { draw } from '../figures/drawing/draw.ts';
import { checkPackages } from '../figures/drawing/packages.ts';
import type { Drawing } from '../figures/figure.ts';
import { figures } from '../figures/figures.ts';
import { drawingsOf, type MadeFigures } from '../figures/make.ts';
import { openSources, type Source } from '../figures/source.ts';
import { mapTexts } from '../json/tree.ts';
import { hasPredictions, readPredictions } from '../runs/record/predictions.ts';
import { version } from '../runs/version.ts';
import { cardOf } from './card.ts';
import { contentsOf, type Contents } from './contents.ts';
import { metricsCsv } from './csv.ts';
import { commandsOf, ledeOf, titleOf } from './headings.ts';
import { inlineSvg, type InlineFigure } from './inline.ts';
import { pageOf, type PagePart } from './page.ts';
import { recordedData } from './recorded.ts';
import type { ReportOptions } from './report-options.ts';
import { redaction, withoutExamples, withoutUnknown, type Redaction } from './shareable.ts';

export interface MadeReport {
  /** The page, the model card and the metrics as CSV, in this order. */
  readonly files: readonly { readonly name: string; readonly content: string }[];
  /** What a person should know, a line each: seeds, figures and packages that were left out. */
  readonly notes: readonly string[];
}

/** What the files beside the page are called. */
export const [cardName, csvName] = ['README.md', 'metrics.csv'] as const;

/**
 * Makes a report of runs, of folders of several seeds or folds, or of the folder of a benchmark, an ablation or a sweep. It
 * holds no absolute path and no sentence of a sample unless `includeText` asks for these. Figures are left out where the
 * packages that draw them are not installed. The same runs give the same bytes on one platform.
 *
 * Throws an Error for a folder that is no run, for runs of which none has finished, and for what is damaged.
 */
export async function makeReport(
  runs: readonly string[],
  { data, device, includeText = false, anonymous = false, name = 'report.html' }: ReportOptions = {},
): Promise<MadeReport> {
  if (includeText && anonymous)
    throw new Error('The text of a sample tells who said it: a report is anonymous or includes texts.');
  const sources = openSources(runs, { data, device });
  const names = anonymous ? numbered(sources) : undefined;
  const change = redaction({
    paths: [...runs, ...sources.flatMap(pathsOf), ...(data === undefined ? [] : [data])],
    ...(names && { names }),
  });
  const undrawn = missingPackages();
  const parts: (PagePart & { readonly contents: Contents })[] = [];
  for (const [n, source] of sources.entries()) {
    const whole = await contentsOf(source, { texts: includeText });
    const contents = mapTexts(names ? withoutIdsOfTraining(whole, source, names) : whole, change);
    const { made, left } = undrawn ? { made: [], left: [] } : await figuresOf(source, change, `part-${n + 1}`);
    parts.push({ ...(sources.length > 1 && { dataset: source.dataset! }), contents, figures: made, left });
  }
  const all = parts.flatMap(({ contents }) => contents.runs);
  const title = titleOf(all);
  const commands = commandsOf(runs, all, { data, includeText, anonymous }).map(change);
  const notes = [
    ...all.flatMap((run) => run.notes),
    ...(undrawn === undefined ? [] : [`There are no figures in the report: ${undrawn}`]),
  ];
  const about = { title, commands, version };
  return {
    files: [
      {
        name,
        content: pageOf({
          ...{
            ...about,
            parts,
            lede: ledeOf(parts[0]!.contents, { data: data === undefined ? undefined : change(data) }),
          },
          notes: undrawn === undefined ? [] : [`There are no figures here: ${undrawn}`],
        }),
      },
      { name: cardName, content: cardOf({ ...about, parts, report: name, csv: csvName }) },
      { name: csvName, content: metricsCsv(all) },
    ],
    notes,
  };
}

/** Contents whose warnings hold no id but those in `names`. */
function withoutIdsOfTraining(contents: Contents, { shown }: Source, names: ReadonlyMap<string, string>): Contents {
  const modalities = contents.runs.flatMap((run) => run.modalities?.map(({ name }) => name) ?? []);
  const known = new Set([...splits, ...modalities, ...shown.flatMap(({ classes }) => classes), ...names.keys()]);
  const told = (message: string): string => withoutUnknown(withoutExamples(message), known);
  return { ...contents, warnings: contents.warnings.map((each) => ({ ...each, message: told(each.message) })) };
}

const pathsOf = ({ shown }: Source): string[] =>
  shown.flatMap(({ finished, seeds }) =>
    seeds.flatMap(({ directories }) =>
      directories.flatMap((one) => [one, ...(finished ? [recordedData(one).source] : [])]),
    ),
  );

/** The ids and groups of all samples that runs predicted, by numbers in their order. */
function numbered(sources: readonly Source[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const [ids, groups] = [new Set<string>(), new Set<string>()];
  for (const { directories, classes } of sources.flatMap(({ shown }) =>
    shown.flatMap(({ seeds, classes: all }) => seeds.map((seed) => ({ ...seed, classes: all }))),
  ))
    for (const directory of directories.filter((one) => hasPredictions(one)))
      for (const split of ['test', 'valid'] as const) {
        const predictions = readPredictions(directory, { classes, split });
        for (const id of predictions.ids) ids.add(id);
        for (const group of groupsKnown(predictions) ?? []) groups.add(group);
      }
  for (const [n, group] of [...groups].entries()) names.set(group, `group ${n + 1}`);
  for (const [n, id] of [...ids].entries()) names.set(id, `sample ${n + 1}`);
  return names;
}

/** What to install where nothing can be drawn. */
function missingPackages(): string | undefined {
  try {
    checkPackages(['svg']);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function figuresOf(
  source: Source,
  change: Redaction,
  prefix: string,
): Promise<{ readonly made: readonly InlineFigure[]; readonly left: MadeFigures['left'] }> {
  const shown = source.shown.map((each) => ({ ...each, name: change(each.name) }));
  const { drawings, left } = await drawingsOf({ ...source, shown }, { tolerant: true });
  const made: InlineFigure[] = [];
  for (const { figure, drawing } of drawings) {
    const [svg] = await draw(redactedDrawing(drawing, change), ['svg']);
    const { title } = drawing;
    const caption = capital(figures[figure].summary);
    made.push({ name: figure, title, caption: `${caption}.`, svg: inlineSvg(svg as string, `${prefix}-${figure}`) });
  }
  return { made, left: mapTexts(left, change) };
}

const redactedDrawing = ({ spec, ...drawing }: Drawing, change: Redaction): Drawing => ({
  ...mapTexts(drawing, change),
  spec: (panel) => mapTexts(spec(panel), change),
});

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
