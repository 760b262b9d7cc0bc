/** A table of what a chart shows, the first column its rows' names, which lead to what a row is of where that has a page. */
import { useSignal } from '@preact/signals';
import type { TableData } from './download.ts';
import { counted, numberText } from './texts.ts';

/** More rows at once would be slow, and nobody reads them. */
const atFirst = 200;

export interface LinkedTable extends TableData {
  /** The address of what each row is of. */
  readonly links?: readonly string[];
  /** Which of them, where these are not all. */
  readonly note?: string;
}

export function PlainTable({ caption, columns, rows, links }: LinkedTable & { readonly caption: string }) {
  const isWhole = useSignal(false);
  const shown = isWhole.value ? rows : rows.slice(0, atFirst);
  const isNumber = columns.map((_, n) => rows.every((cells) => typeof cells[n] !== 'string'));
  const kind = (n: number): string | undefined => (isNumber[n] ? 'number' : undefined);
  return (
    <>
      <div class="as-table" tabIndex={0} role="region" aria-label={`Table of ${caption}`}>
        <table>
          <caption class="unseen">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column, n) => (
                <th key={column} scope="col" class={kind(n)}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((cells, row) => (
              <tr key={row}>
                {cells.map((cell, n) => {
                  const text = typeof cell === 'number' ? numberText(cell) : (cell ?? '–');
                  return n === 0 ? (
                    <th key={n} scope="row" class={kind(n)}>
                      {links ? <a href={links[row]!}>{text}</a> : text}
                    </th>
                  ) : (
                    <td key={n} class={kind(n)}>
                      {text}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < rows.length && (
        <button type="button" class="plain" onClick={() => (isWhole.value = true)}>
          Show all {counted(rows.length, 'row')}
        </button>
      )}
    </>
  );
}
