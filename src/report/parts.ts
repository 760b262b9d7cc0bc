/** Pieces that the sections of a report are made of. */
import { html, type Html } from './html.ts';

export interface Cell {
  readonly content: Html | string;
  /** Numbers stand at the right, long texts are broken into lines. */
  readonly is?: 'number' | 'long';
}

export interface Row {
  /** The cell at the head of the row. */
  readonly name: Html | string;
  readonly cells: readonly Cell[];
  /** A simple reference, which stands back. */
  readonly isReference?: boolean;
}

/** A table that scrolls by itself where it is wider than the page. `heads` has one more than the rows have cells. */
export function table({
  caption,
  heads,
  rows,
}: {
  readonly caption: string;
  readonly heads: readonly Cell[];
  readonly rows: readonly Row[];
}): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads.map(({ content, is }) => html`<th scope="col" ${classOf(is)}>${content}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(tableRow)}
      </tbody>
    </table>
  </div> `;
}

const tableRow = ({ name, cells, isReference = false }: Row): Html =>
  html`<tr ${isReference ? html`class="reference"` : undefined}>
    <th scope="row">${name}</th>
    ${cells.map(({ content, is }) => html`<td ${classOf(is)}>${content}</td>`)}
  </tr>`;

const classOf = (is: Cell['is']): Html | undefined => (is === undefined ? undefined : html`class="${is}"`);

/** A part that is opened by who wants to see it, and is always seen in print. */
export const folded = (summary: string, content: Html): Html =>
  html`<details>
    <summary>${summary}</summary>
    ${content}
  </details> `;

export const list = (items: readonly (Html | string)[]): Html =>
  html`<ul>
    ${items.map((item) => html`<li>${item}</li> `)}
  </ul> `;

/** Lines that are typed into a shell. */
export const commandLines = (lines: readonly string[]): Html => html`<pre><code>${lines.join('\n')}</code></pre> `;

export const section = (id: string, heading: string, content: Html): Html =>
  html`<section aria-labelledby="${id}">
    <h2 id="${id}">${heading}</h2>
    ${content}
  </section> `;

/** A text whose letters may run from right to left without turning what is around it. */
export const apart = (text: string): Html => html`<bdi>${text}</bdi>`;

export const numberText = (x: number | undefined): string =>
  x === undefined || Number.isNaN(x) ? '–' : Number.isInteger(x) && Math.abs(x) >= 10 ? String(x) : x.toFixed(3);
