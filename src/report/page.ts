/** The page of a report. */
import type { Contents } from './contents.ts';
import { html, verbatim, type Html } from './html.ts';
import type { InlineFigure } from './inline.ts';
import { apart, commandLines, list, section } from './parts.ts';
import { configurationTable, environmentTable, errorTables, trainedTable } from './sections.ts';
import { resultsOf } from './results.ts';
import { style } from './style.ts';

/** The runs on one dataset, which a page has one or more of. */
export interface PagePart {
  /** The name of the dataset, where there are several. */
  readonly dataset?: string;
  readonly contents: Contents;
  readonly figures: readonly InlineFigure[];
  /** Figures that could not be made, and why. */
  readonly left: readonly { readonly figure: string; readonly reason: string }[];
}

export interface Page {
  readonly title: string;
  /** What stands below the title. */
  readonly lede: string;
  readonly parts: readonly PagePart[];
  /** What a person should know of how the report was made, a line each. */
  readonly notes: readonly string[];
  /** The commands that make the runs, and the report of them. */
  readonly commands: readonly string[];
  readonly version: string;
}

/** Says who made the page, by which it is known as one that may be replaced. */
export const generator = '<meta name="generator" content="decalign report">';

/** The page as one HTML document, which asks for nothing but itself. */
export function pageOf({ title, lede, parts, notes, commands, version }: Page): string {
  const sections = parts.flatMap((part, n) => sectionsOf(part, parts.length > 1 ? `-${n + 1}` : ''));
  const all = [...sections, { id: 'again', heading: 'To make it again', content: again(commands) }];
  return `${
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          ${verbatim(generator)}
          <meta
            http-equiv="Content-Security-Policy"
            content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
          />
          <link rel="icon" href="data:," />
          <title>${title}</title>
          <style>
            ${verbatimStyle}
          </style>
        </head>
        <body>
          <header>
            <h1>${apart(title)}</h1>
            <p class="lede">${lede}</p>
            <nav aria-label="Contents">
              <ul>
                ${all.map(({ id, heading }) => html`<li><a href="#${id}">${heading}</a></li> `)}
              </ul>
            </nav>
          </header>
          <main>
            ${notes.length > 0 ? html`<div class="note">${list(notes)}</div>` : undefined}
            ${all.map(({ id, heading, content }) => section(id, heading, content))}
          </main>
          <footer>
            <p>
              Made by decalign ${version} (decalign report). It holds no absolute path, no name of a user or machine,
              and asks for nothing from any network.
            </p>
          </footer>
        </body>
      </html>`.text
  }\n`;
}

const verbatimStyle: Html = verbatim(style);

interface Section {
  readonly id: string;
  readonly heading: string;
  readonly content: Html;
}

/** The sections of a part; `suffix` tells the ids of several parts apart. */
function sectionsOf({ dataset, contents, figures, left }: PagePart, suffix: string): readonly Section[] {
  const { runs, configuration, worst, warnings, environments } = contents;
  const of = dataset === undefined ? '' : ` (${dataset})`;
  const made = (id: string, heading: string, content: Html | undefined): readonly Section[] =>
    content ? [{ id: `${id}${suffix}`, heading: `${heading}${of}`, content }] : [];
  return [
    ...made('trained', 'Trained on', trainedTable(runs)),
    ...made('results', 'Results', resultsOf(runs)),
    ...made('configuration', 'Configuration', configurationTable(runs, configuration)),
    ...made('figures', 'Figures', figuresOf(figures, left)),
    ...made('errors', 'Largest errors', worst.length > 0 ? errorTables(worst, runs) : undefined),
    ...made('warnings', 'Warnings', warningsOf(warnings, runs)),
    ...made('environment', 'Environment', environmentTable(environments)),
  ];
}

function figuresOf(figures: readonly InlineFigure[], left: PagePart['left']): Html | undefined {
  if (figures.length + left.length === 0) return undefined;
  return html`<div class="figures">
      ${figures.map(
        ({ title, caption, svg }) =>
          html`<figure>
            <div class="paper" role="region" tabindex="0" aria-label="Picture: ${title}">${svg}</div>
            <figcaption>${caption}</figcaption>
          </figure>`,
      )}
    </div>
    ${
      left.length > 0
        ? html`<p class="note">Not shown:</p>
            <div class="note">${list(left.map(({ figure, reason }) => `${figure}: ${reason}.`))}</div>`
        : undefined
    }`;
}

function warningsOf(warnings: Contents['warnings'], runs: Contents['runs']): Html {
  const notes = runs.flatMap((run) => run.notes);
  if (warnings.length + notes.length === 0) return html`<p>None.</p>`;
  return list([
    ...notes.map((note) => html`<span class="warn">${note}.</span>`),
    ...warnings.map(
      ({ message, runs: by }) =>
        html`${message} <span class="note">(${by.map((name, n) => html`${n > 0 ? ', ' : ''}${apart(name)}`)})</span>`,
    ),
  ]);
}

const again = (commands: readonly string[]): Html =>
  html`${commandLines(commands)}
    <p class="note">
      Paths are shortened to the names of their files and folders. The same data, configuration, seed, number of threads
      and machine give the same weights; <code>decalign reproduce RUN</code> tries it.
    </p>`;
