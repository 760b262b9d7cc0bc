/** What the model is given: by modality the numbers of each step, in shades. */
import type { SampleModality } from '../../../server/ui/api/sample.ts';
import { ChartFrame } from '../../base/chart-frame.tsx';
import { counted, metricText } from '../../base/texts.ts';
import { HeatMap } from './heat-map.tsx';

interface InputsProps {
  readonly id: string;
  readonly modalities: readonly SampleModality[];
}

export function Inputs({ id, modalities }: InputsProps) {
  return (
    <section aria-labelledby="inputs">
      <h2 id="inputs">Inputs</h2>
      <div class="grid wide">
        {modalities.map((modality) =>
          modality.present ? (
            <Input key={modality.name} id={id} modality={modality} />
          ) : (
            <p key={modality.name}>This sample has no {modality.name}.</p>
          ),
        )}
      </div>
    </section>
  );
}

function Input({ id, modality }: { readonly id: string; readonly modality: SampleModality }) {
  const { name, steps, time, width, values, every, tokens, assignment } = modality;
  const size = `${counted(steps, 'step')}${steps < time ? ` of ${time}` : ''}, ${counted(width, 'number')} each${every > 1 ? `, every ${every}th of them` : ''}`;
  const share = assignment && assignment.indexOf(Math.max(...assignment));
  return (
    <ChartFrame
      title={name}
      name={`${id} ${name}`}
      note={`${size}. Columns are steps.${share === undefined ? '' : ` Mostly of prototype ${share + 1} (${metricText(assignment![share]!)}).`}`}
      table={() => ({
        columns: ['step', ...(tokens ? ['word'] : []), ...(values[0] ?? []).map((_, n) => String(n * every))],
        rows: values.map((row, n) => [n, ...(tokens ? [tokens[n] ?? ''] : []), ...row]),
      })}
    >
      <HeatMap label={`Numbers of ${name} by step: ${size}`} columns={values} isSigned />
      {tokens && <p class="tokens">{tokens.join(' ')}</p>}
    </ChartFrame>
  );
}
