/** Where attention looks: weights of the steps of one modality on those of another. */
import type { SampleAttention } from '../../../server/ui/api/sample.ts';
import { ChartFrame } from '../../base/chart-frame.tsx';
import { counted } from '../../base/texts.ts';
import { HeatMap } from './heat-map.tsx';

interface AttentionProps {
  readonly id: string;
  readonly attention: readonly SampleAttention[];
}

export function Attention({ id, attention }: AttentionProps) {
  // Of a single step the weight is 1, whatever looks at it.
  const isChoice = ({ weights }: SampleAttention): boolean => (weights[0]?.length ?? 0) > 1;
  const choices = attention.filter(isChoice);
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Attention</h2>
      {choices.length > 0 && (
        <p class="quiet small">
          Rows look at columns; a stronger colour is more. It does not say what the prediction rests on: that is above.
        </p>
      )}
      {attention
        .filter((each) => !isChoice(each))
        .map(({ queries, keys }) => (
          <p key={`${queries} ${keys}`} class="quiet">
            {queries} looks at {keys}, which has one step: there is nothing to choose.
          </p>
        ))}
      <div class="grid">
        {choices.map(({ queries, keys, layers, heads, weights }) => {
          const columns = (weights[0] ?? []).map((_, k) => weights.map((row) => row[k]!));
          return (
            <ChartFrame
              key={`${queries} ${keys}`}
              title={`${queries} looks at ${keys}`}
              name={`${id} attention ${queries} ${keys}`}
              note={`A mean over ${counted(layers, 'layer')} and ${counted(heads, 'head')}.`}
              table={() => ({
                columns: [`step of ${queries}`, ...columns.map((_, k) => `${keys} ${k}`)],
                rows: weights.map((row, n) => [n, ...row]),
              })}
            >
              <HeatMap
                label={`Attention of ${counted(weights.length, 'step')} of ${queries} on ${counted(columns.length, 'step')} of ${keys}`}
                columns={columns}
                isSquare
              />
            </ChartFrame>
          );
        })}
      </div>
    </section>
  );
}
