/** The curves of runs, a chart for each figure. */
import { useMemo } from 'preact/hooks';
import { ChartFrame } from '../../base/chart-frame.tsx';
import { LineChart } from '../../base/line-chart.tsx';
import { numberText } from '../../base/texts.ts';
import { arrowOf } from '../metric-texts.ts';
import { place } from '../navigation.ts';
import { CurveControls, curveView, setRange } from './curve-controls.tsx';
import { searchedIn } from './curve-search.tsx';
import type { Epochs } from './epochs.ts';
import { LineToggles } from './line-toggles.tsx';
import {
  isKnownIn,
  isPositive,
  linesOf,
  marksOf,
  panelsFound,
  panelsOf,
  panelTable,
  type Panel,
  type Shown,
} from './panels.ts';

interface CurveGridProps {
  /** The same list for as long as nothing has come. */
  readonly shown: readonly Shown[];
  /** What files of it are named by. */
  readonly name: string;
  /** Panels that are left out, such as losses of different models. */
  readonly without?: (panel: Panel) => boolean;
}

export function CurveGrid({ shown: given, name, without = () => false }: CurveGridProps) {
  const off = place.value.query.getAll('off');
  const shown = useMemo(() => given.filter((each) => !off.includes(each.name)), [given, off.join('\n')]);
  const all = useMemo(() => panelsOf(shown), [shown]);
  const panels = all.filter((panel) => !without(panel));
  const marks = useMemo(() => marksOf(shown), [shown]);
  const last = Math.max(1, ...shown.flatMap(({ runs }) => runs.map(({ epochs }) => epochs.at(-1) ?? 1)));
  const toggles = given.length > 1 && <LineToggles shown={given} off={off} />;
  if (panels.length === 0)
    return (
      <>
        {toggles}
        <p class="quiet">{shown.length === 0 ? 'No line is shown.' : 'The first epoch is not done yet.'}</p>
      </>
    );
  // The metric that epochs are chosen by, and the loss.
  const first = (['metric', 'loss'] as const).flatMap((kind) => panels.find((panel) => panel.kind === kind) ?? []);
  const rest = panels.filter((panel) => !first.includes(panel));
  const found = panelsFound(panels, searchedIn(place.value.query));
  const { range } = curveView(place.value.query);
  const isEmpty = range !== undefined && !panels.some((panel) => isKnownIn(panel, range));
  const sections = [
    { title: 'At a glance', own: first },
    { title: 'Terms of the loss', own: rest.filter(({ kind }) => kind === 'loss') },
    { title: 'Metrics of the validation split', own: rest.filter(({ kind }) => kind === 'metric') },
    { title: 'Rate and diagnostics', own: rest.filter(({ kind }) => kind === 'rate' || kind === 'diagnostic') },
  ].map(({ title, own }) => ({ title, own: own.filter((panel) => found.includes(panel)) }));
  return (
    <>
      {toggles}
      <CurveControls
        {...{ last, found: found.length, of: panels.length }}
        runs={shown.flatMap(({ runs }) => runs.map(({ run }) => run))}
      />
      {isEmpty && <NothingThere range={range} />}
      {sections.map(({ title, own }, section) =>
        isEmpty || own.length === 0 ? null : (
          <section key={title} aria-labelledby={`curves-${section}`} class="curve-section">
            <h2 id={`curves-${section}`} class={section === 0 ? 'unseen' : undefined}>
              {title}
            </h2>
            <div class="grid">
              {own.map((panel) => (
                <CurvePanel
                  key={`${panel.kind} ${panel.name}`}
                  isFirst={section === 0}
                  isMain={panel === first[0]}
                  {...{ panel, marks, name }}
                />
              ))}
            </div>
          </section>
        ),
      )}
    </>
  );
}

const NothingThere = ({ range: [from, to] }: { readonly range: Epochs }) => (
  <p class="quiet">
    There is nothing from epoch {from} to {to}.{' '}
    <button type="button" onClick={() => setRange(undefined)}>
      Show all epochs
    </button>
  </p>
);

interface CurvePanelProps {
  readonly panel: Panel;
  readonly marks: ReturnType<typeof marksOf>;
  readonly name: string;
  /** One of those to look at first, which are higher; and of these the first, which is wider. */
  readonly isFirst: boolean;
  readonly isMain: boolean;
}

function CurvePanel({ panel, marks, name, isFirst, isMain }: CurvePanelProps) {
  const { smooth, isLog, range } = curveView(place.value.query);
  const { label, better } = panel;
  const title = better ? `${isMain ? 'Validation ' : ''}${label} ${arrowOf({ better })}` : label;
  const canLog = useMemo(() => isPositive(panel), [panel]);
  const lines = useMemo(() => linesOf(panel, smooth), [panel, smooth]);
  // In a small chart words would lie over its lines.
  const rules = useMemo(() => marks.map(({ x }) => ({ x })), [marks]);
  return (
    <div class={isMain ? 'main-panel' : undefined}>
      <ChartFrame
        title={title}
        name={`${name} ${panel.name}`}
        table={() => panelTable(panel, range)}
        {...(isLog && !canLog && { note: 'Not all of it is above 0, so not by powers of ten.' })}
      >
        {range && !isKnownIn(panel, range) ? (
          <NothingThere range={range} />
        ) : (
          <LineChart
            label={`${label} by epoch. ${panel.curves.map(curveText).join('; ')}`}
            lines={lines}
            marks={isMain ? marks : rules}
            isLog={isLog && canLog}
            range={range}
            onRange={setRange}
            together="epochs"
            hasLegend={false}
            height={isFirst ? 276 : 176}
          />
        )}
      </ChartFrame>
    </div>
  );
}

function curveText({ name, curve: { y } }: Panel['curves'][number]): string {
  const known = y.filter((value) => value !== null);
  return known.length === 0 ? name : `${name}: from ${numberText(known[0]!)} to ${numberText(known.at(-1)!)}`;
}
