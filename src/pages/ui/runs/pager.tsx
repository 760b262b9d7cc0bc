/** Pages of a long list: a thousand lines at once are slow to draw, and slower to go through by keyboard. */
import { counted } from '../../base/texts.ts';
import { setQuery } from '../navigation.ts';

export const perPage = 100;

interface PagerProps {
  readonly page: number;
  readonly pages: number;
  readonly of: number;
}

export function Pager({ page, pages, of }: PagerProps) {
  if (pages < 2) return null;
  const go = (to: number): void => setQuery({ page: to === 1 ? undefined : String(to) });
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
