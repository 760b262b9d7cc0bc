/** The lines of all charts of a page by name, each of which can be left out. */
import { Swatch } from '../../base/legend.tsx';
import { setQuery } from '../navigation.ts';
import type { Shown } from './panels.ts';

interface LineTogglesProps {
  readonly shown: readonly Shown[];
  /** The names of those that are left out. */
  readonly off: readonly string[];
}

export function LineToggles({ shown, off }: LineTogglesProps) {
  const names = shown.map(({ name }) => name);
  const set = (left: readonly string[]): void => setQuery({ off: left });
  return (
    <div class="toggles" role="group" aria-label="Lines">
      {shown.map(({ name, look, runs }) => {
        const isOff = off.includes(name);
        return (
          <button
            key={name}
            type="button"
            aria-pressed={!isOff}
            onClick={() => set(isOff ? off.filter((each) => each !== name) : [...off, name])}
          >
            <Swatch look={look} />
            {name}
            {runs.length > 1 && <span class="quiet"> {runs.length}</span>}
          </button>
        );
      })}
      {shown.length > 2 && (
        <button type="button" class="plain" onClick={() => set(off.length > 0 ? [] : names.slice(1))}>
          {off.length > 0 ? 'All' : 'Only the first'}
        </button>
      )}
    </div>
  );
}
