/** What the prediction rests on: each modality as a whole, and step by step. */
import type { SampleModality, SampleView } from '../../../server/ui/api/sample.ts';
import { ChartFrame } from '../../base/chart-frame.tsx';
import { Plot } from '../../base/plot.tsx';
import { numberText, signedText } from '../../base/texts.ts';
import { rangeOf } from '../../base/ticks.ts';
import { predictionText } from './prediction-text.ts';

export function Contributions({ view: { id, output, modalities } }: { readonly view: SampleView }) {
  // A value that is predicted is the output itself.
  const isOther = modalities.some(({ without }) => without && typeof without.prediction !== 'number');
  const what = output.kind === 'logit' ? `the logit of ${output.name}` : output.name;
  return (
    <section aria-labelledby="contributions">
      <h2 id="contributions">What it rests on</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Modalities">
        <table>
          <caption>
            Of {what}, which is {numberText(output.value)}
          </caption>
          <thead>
            <tr>
              <th scope="col">Modality</th>
              <th scope="col" class="number">
                Without it
              </th>
              <th scope="col" class="number">
                It adds
              </th>
              {isOther && <th scope="col">Predicted without it</th>}
              <th scope="col" class="number">
                Gradient × input
              </th>
            </tr>
          </thead>
          <tbody>
            {modalities.map(({ name, present, without, contribution }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="number">{without ? numberText(without.value) : present ? '–' : 'not there'}</td>
                <td class="number">{without ? <strong>{signedText(without.change)}</strong> : '–'}</td>
                {isOther && <td>{without ? predictionText(without.prediction) : '–'}</td>}
                <td class="number">{contribution ? signedText(contribution.sum) : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="grid wide">
        {modalities.map(
          (modality) =>
            modality.contribution &&
            (modality.contribution.steps.length > 1 ? (
              <Steps key={modality.name} id={id} modality={modality} steps={modality.contribution.steps} />
            ) : (
              <p key={modality.name} class="quiet">
                {modality.name} has one step: what it pushes is in the table.
              </p>
            )),
        )}
      </div>
    </section>
  );
}

interface StepsProps {
  readonly id: string;
  readonly modality: SampleModality;
  readonly steps: readonly number[];
}

/** More names below bars than these would lie above each other. */
const mostNamed = 14;

function Steps({ id, modality: { name, tokens }, steps }: StepsProps) {
  const [low, high] = rangeOf([0, ...steps], 0.08);
  const words = tokens && tokens.length === steps.length ? tokens : undefined;
  const isNamed = words !== undefined && steps.length <= mostNamed;
  const most = steps.reduce((best, value, n) => (Math.abs(value) > Math.abs(steps[best]!) ? n : best), 0);
  return (
    <ChartFrame
      title={`${name}, step by step`}
      name={`${id} contribution ${name}`}
      level={3}
      note="Gradient times input: what each step pushes up or down, for small changes of it."
      table={() => ({
        columns: ['step', ...(words ? ['word'] : []), 'gradient times input'],
        rows: steps.map((value, n) => [n, ...(words ? [words[n]!] : []), value]),
      })}
    >
      <Plot
        label={`Gradient times input of ${steps.length} steps of ${name}; most at step ${most}${words ? `, ${words[most]!}` : ''}: ${signedText(steps[most] ?? 0)}`}
        x={[-0.5, Math.max(0.5, steps.length - 0.5)]}
        y={[low, high]}
        xTitle={isNamed ? '' : 'step'}
        yTitle=""
        height={220}
        {...(isNamed && { xNames: words })}
      >
        {({ x, y }) => (
          <>
            {steps.map((value, n) => (
              <rect
                key={n}
                class={value < 0 ? 'bar down' : 'bar'}
                x={x(n - 0.4)}
                width={Math.max(1, x(n + 0.4) - x(n - 0.4))}
                y={Math.min(y(0), y(value))}
                height={Math.abs(y(value) - y(0))}
              >
                <title>{`step ${n}${words ? ` ${words[n]!}` : ''}: ${signedText(value)}`}</title>
              </rect>
            ))}
            <line class="axis" x1={x(-0.5)} x2={x(steps.length - 0.5)} y1={y(0)} y2={y(0)} />
          </>
        )}
      </Plot>
    </ChartFrame>
  );
}
