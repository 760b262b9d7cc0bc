/** What a run predicted of a split, and where it errs. */
import type { RunPredictions } from '../../../server/ui/api/run.ts';
import type { RunRow } from '../../../server/ui/api/routes.ts';
import { ChartFrame } from '../../base/chart-frame.tsx';
import { Plot } from '../../base/plot.tsx';
import { counted, metricText, numberText } from '../../base/texts.ts';
import { rangeOf } from '../../base/ticks.ts';
import { runApi } from '../api.ts';
import { navigate, place, setQuery } from '../navigation.ts';
import { sampleUrl } from '../place.ts';
import { Confusion } from './confusion.tsx';
import { Errors } from './errors.tsx';
import { Part } from './part.tsx';

interface PredictionsProps {
  readonly run: RunRow;
  /** Why single samples cannot be looked at. */
  readonly samples: string | undefined;
}

export function Predictions({ run: { id, status }, samples }: PredictionsProps) {
  const split = place.value.query.get('split') === 'valid' ? 'valid' : 'test';
  return (
    <>
      <p class="controls">
        <label>
          Samples of the split{' '}
          <select
            value={split}
            onChange={({ currentTarget: { value } }) => setQuery({ split: value === 'test' ? undefined : value })}
          >
            <option value="test">test</option>
            <option value="valid">validation</option>
          </select>
        </label>
      </p>
      <Part<RunPredictions> path={runApi(id, `/predictions?split=${split}`)} version={status}>
        {(predictions) => <Predicted run={id} predictions={predictions} samples={samples} />}
      </Part>
    </>
  );
}

interface PredictedProps {
  readonly run: string;
  readonly predictions: RunPredictions;
  readonly samples: string | undefined;
}

function Predicted({ run, predictions, samples }: PredictedProps) {
  const { split, residuals, confusion, categories } = predictions;
  return (
    <div class="beside">
      <Errors run={run} predictions={predictions} samples={samples} />
      <div class="stack">
        {residuals && <Residuals {...{ run, split, residuals }} isLinked={samples === undefined} />}
        {confusion && <Confusion run={run} {...confusion} />}
        {categories && <Categories run={run} categories={categories} />}
      </div>
    </div>
  );
}

/** More marks at once would be slow, and lie above each other. */
const mostDrawn = 2000;

type ResidualsProps = { readonly run: string; readonly isLinked: boolean } & Required<
  Pick<RunPredictions, 'split' | 'residuals'>
>;

function Residuals({ run, isLinked, split, residuals }: ResidualsProps) {
  const linkOf = (id: string): string => sampleUrl(run, id, { split: split === 'test' ? undefined : split });
  const both = rangeOf(residuals.flatMap(({ label, prediction }) => [label, prediction]));
  const apart = Math.max(1, residuals.length / mostDrawn);
  const drawn = Array.from(
    { length: Math.floor(residuals.length / apart) },
    (_, n) => residuals[Math.floor(n * apart)]!,
  );
  return (
    <ChartFrame
      title="Predictions against labels"
      name={`${run} residuals`}
      note={`On the line they are equal.${drawn.length < residuals.length ? ` ${drawn.length} of ${residuals.length} samples are drawn.` : ''}`}
      table={() => ({
        columns: ['id', 'label', 'prediction'],
        rows: residuals.map(({ id, label, prediction }) => [id, label, prediction]),
        ...(isLinked && { links: residuals.map(({ id }) => linkOf(id)) }),
      })}
    >
      <Plot
        label={`Predictions against labels of ${counted(residuals.length, 'sample')}`}
        x={both}
        y={both}
        xTitle="label"
        yTitle="prediction"
        width={400}
        height={360}
      >
        {({ x, y }) => (
          <>
            <line class="axis" x1={x(both[0])} y1={y(both[0])} x2={x(both[1])} y2={y(both[1])} />
            {drawn.map(({ id, label, prediction }, n) => (
              <circle
                key={n}
                class={isLinked ? 'dot linked' : 'dot'}
                cx={x(label)}
                cy={y(prediction)}
                r="3"
                {...(isLinked && { onClick: () => navigate(linkOf(id)) })}
              >
                <title>{`${id}: label ${numberText(label)}, prediction ${numberText(prediction)}`}</title>
              </circle>
            ))}
          </>
        )}
      </Plot>
    </ChartFrame>
  );
}

function Categories({ run, categories }: { readonly run: string } & Required<Pick<RunPredictions, 'categories'>>) {
  const names = categories.map(({ name, count }) => `${name} (${count})`);
  return (
    <ChartFrame
      title="Right by true class"
      name={`${run} categories`}
      note="The share of samples that are right, with Wilson's 95 % interval; in brackets how many samples there are."
      table={() => ({
        columns: ['class', 'samples', 'accuracy', 'low', 'high'],
        rows: categories.map(({ name, count, accuracy, low, high }) => [name, count, accuracy, low, high]),
      })}
    >
      <Plot
        label={`Accuracy by class: ${categories.map(({ name, accuracy }) => `${name} ${metricText(accuracy)}`).join(', ')}`}
        x={[0, 1]}
        y={[categories.length - 0.5, -0.5]}
        xTitle="share right"
        yTitle=""
        yNames={names}
        height={70 + 26 * categories.length}
      >
        {({ x, y }) =>
          categories.map(({ name, accuracy, low, high }, n) => (
            <g key={name}>
              <rect class="bar" x={x(0)} y={y(n) - 7} width={x(accuracy) - x(0)} height="14" />
              <line class="whisker" x1={x(low)} x2={x(high)} y1={y(n)} y2={y(n)} />
            </g>
          ))
        }
      </Plot>
    </ChartFrame>
  );
}
