/** The field that finds charts by name, of which a run may have thirty; the address keeps what is looked for. */
import { useId } from 'preact/hooks';
import { counted } from '../../base/texts.ts';
import { place, setQuery } from '../navigation.ts';

/** What is looked for, in any case of letters. */
export const searchedIn = (query: URLSearchParams): string => query.get('curve') ?? '';

interface CurveSearchProps {
  readonly found: number;
  readonly of: number;
}

export function CurveSearch({ found, of }: CurveSearchProps) {
  const id = useId();
  const typed = searchedIn(place.value.query);
  return (
    <search>
      <label for={id}>Find a curve</label>{' '}
      <input
        id={id}
        type="search"
        value={typed}
        placeholder="part of its name"
        spellcheck={false}
        autocomplete="off"
        onInput={({ currentTarget: { value } }) => setQuery({ curve: value })}
      />{' '}
      <span class="quiet small" role="status">
        {typed !== '' && `${found === 0 ? 'none' : found} of ${counted(of, 'curve')}`}
      </span>
    </search>
  );
}
