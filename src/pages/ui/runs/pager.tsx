/** Pages of a long list: a thousand lines at once are slow to draw, and slower to go through by keyboard. */
import type { RefObject } from 'preact';
import { counted } from '../../base/texts.ts';
import { setQuery } from '../navigation.ts';

export const perPage = 100;

interface PagerProps {
  readonly page: number;
  readonly pages: number;
  readonly of: number;
  /** The list, to whose beginning one comes with each page. */
  readonly top: RefObject<HTMLElement | null>;
}

export function Pager({ page, pages, of, top }: PagerProps) {
  if (pages < 2) return null;
  const go = (to: number): void => {
    setQuery({ page: to === 1 ? undefined : String(to) });
    // When the page is drawn, which is as high as its lines.
    requestAnimationFrame(() => {
      top.current?.focus({ preventScroll: true });
      top.current?.scrollIntoView();
    });
  };
  return (
    <nav class="pager" aria-label="Pages of the list">
      <button type="button" disabled={page === 1} onClick={() => go(page - 1)}>
        Previous
      </button>
      <span>
        {(page - 1) * perPage + 1} to {Math.min(of, page * perPage)} of {counted(of, 'line')}
      </span>
      <button type="button" disabled={page === pages} onClick={() => go(page + 1)}>
        Next
      </button>
    </nav>
  );
}
