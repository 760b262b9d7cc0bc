/** The curves of runs, a chart for each figure. */
import { ChartFrame } from '../../shared/chart-frame.tsx';
import { LineChart } from '../../shared/line-chart.tsx';
import { numberText } from '../../shared/texts.ts';
import { arrowOf } from '../metric-texts.ts';
import { place } from '../navigation.ts';
import { CurveControls, curveView, setRange } from './curve-controls.tsx';
import { isPositive, linesOf, marksOf, panelsOf, panelTable, type Panel, type Shown } from './panels.ts';

interface CurveGridProps {
  readonly shown: readonly Shown[];
  /** What files of it are named by. */
  readonly name: string;
  /** Panels that are left out, such as losses of different models. */
  readonly without?: (panel: Panel) => boolean;
}

const headings = {
  metric: 'Validation',
  loss: 'Losses',
  rate: 'Learning rate',
  diagnostic: 'Diagnostics',
} as const;

export function CurveGrid({ shown, name, without = () => false }: CurveGridProps) {
  const panels = panelsOf(shown).filter((panel) => !without(panel));
  const marks = marksOf(shown);
  const last = Math.max(1, ...shown.flatMap(({ runs }) => runs.map(({ epochs }) => epochs.at(-1) ?? 1)));
  if (panels.length === 0) return <p class="quiet">The first epoch is not done yet.</p>;
  return (
    <>
      <CurveControls last={last} />
      {(['metric', 'loss', 'rate', 'diagnostic'] as const).map((kind) => {
        const own = panels.filter((panel) => panel.kind === kind);
        if (own.length === 0) return null;
        const grid = (
          <div class="grid">
            {own.map((panel, n) => (
              <CurvePanel key={panel.name} isMain={kind === 'metric' && n === 0} {...{ panel, marks, name }} />
            ))}
          </div>
        );
        return (
          <section key={kind} aria-labelledby={`curves-${kind}`} class="curve-section">
            <h2 id={`curves-${kind}`}>{headings[kind]}</h2>
            {grid}
          </section>
        );
      })}
    </>
  );
}

interface CurvePanelProps {
  readonly panel: Panel;
  readonly marks: ReturnType<typeof marksOf>;
  readonly name: string;
  /** The one to look at first. */
  readonly isMain: boolean;
}

function CurvePanel({ panel, marks, name, isMain }: CurvePanelProps) {
  const { smooth, isLog, range } = curveView(place.value.query);
  const { label, better } = panel;
  const title = better ? `${label} ${arrowOf({ better })}` : label;
  const canLog = isPositive(panel);
  return (
    <div class={isMain ? 'main-panel' : undefined}>
      <ChartFrame
        title={title}
        name={`${name} ${panel.name}`}
        table={() => panelTable(panel)}
        {...(isLog && !canLog && { note: 'Not all of it is above 0, so not by powers of ten.' })}
      >
        <LineChart
          label={`${label} by epoch. ${panel.curves.map(curveText).join('; ')}`}
          lines={linesOf(panel, smooth)}
          marks={marks}
          isLog={isLog && canLog}
          range={range}
          onRange={setRange}
          together="epochs"
          height={isMain ? 260 : 170}
        />
      </ChartFrame>
    </div>
  );
}

function curveText({ name, curve: { y } }: Panel['curves'][number]): string {
  const known = y.filter((value) => value !== null);
  return known.length === 0 ? name : `${name}: from ${numberText(known[0]!)} to ${numberText(known.at(-1)!)}`;
}
