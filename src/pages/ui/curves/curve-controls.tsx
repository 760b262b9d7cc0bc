/** How all curves of a page are drawn; the address keeps it. */
import { useId } from 'preact/hooks';
import { place, setQuery } from '../navigation.ts';
import { CurveSearch } from './curve-search.tsx';
import { wholeEpochs, type Epochs } from './epochs.ts';

export interface CurveView {
  /** In 0..0.99. */
  readonly smooth: number;
  readonly isLog: boolean;
  readonly range?: Epochs;
}

export function curveView(query: URLSearchParams): CurveView {
  const smooth = Number(query.get('smooth') ?? 0);
  const [from, to] = [query.get('from'), query.get('to')].map((text) => (text === null ? NaN : Number(text)));
  return {
    smooth: smooth > 0 && smooth < 1 ? smooth : 0,
    isLog: query.get('scale') === 'log',
    ...(from !== undefined && to !== undefined && from < to && { range: wholeEpochs([from, to]) }),
  };
}

export function setRange(range: Epochs | undefined): void {
  const [from, to] = range ? wholeEpochs(range).map(String) : [];
  setQuery({ from, to });
}

interface CurveControlsProps {
  /** The last epoch of any run. */
  readonly last: number;
  /** Their ids. */
  readonly runs: readonly string[];
  /** How many curves are shown, of those there are. */
  readonly found: number;
  readonly of: number;
}

export function CurveControls({ last, runs, found, of }: CurveControlsProps) {
  const { smooth, isLog, range } = curveView(place.value.query);
  const id = useId();
  const query = new URLSearchParams(runs.map((run) => ['ids', run])).toString();
  const field = (which: 0 | 1) => (
    <input
      type="number"
      aria-label={which === 0 ? 'First epoch shown' : 'Last epoch shown'}
      min={1}
      max={last}
      value={range?.[which] ?? (which === 0 ? 1 : last)}
      onChange={({ currentTarget: { valueAsNumber } }) => {
        const [from = 1, to = last] = range ?? [];
        if (Number.isFinite(valueAsNumber)) setRange(which === 0 ? [valueAsNumber, to] : [from, valueAsNumber]);
      }}
    />
  );
  return (
    <div class="controls curve-controls" role="group" aria-label="Curves">
      <CurveSearch {...{ found, of }} />
      <span>
        <label for={id}>Smooth</label>{' '}
        <input
          id={id}
          type="range"
          min="0"
          max="0.95"
          step="0.05"
          value={smooth}
          onInput={({ currentTarget: { value } }) => setQuery({ smooth: value === '0' ? undefined : value })}
        />{' '}
        <output for={id}>{smooth}</output>
      </span>
      <label class="check">
        <input type="checkbox" checked={isLog} onChange={() => setQuery({ scale: isLog ? undefined : 'log' })} />
        Powers of ten
      </label>
      <span>
        Epochs {field(0)} to {field(1)}{' '}
        {range && (
          <button type="button" onClick={() => setRange(undefined)}>
            All
          </button>
        )}
      </span>
      <span>
        All curves:{' '}
        {(['csv', 'json'] as const).map((format) => (
          <a key={format} class="export" href={`/api/export/series.${format}?${query}`} download="">
            {format.toUpperCase()}
            <span class="unseen"> of all curves</span>
          </a>
        ))}
      </span>
    </div>
  );
}
