/** What each modality adds to the prediction, and controls that weaken it or leave it out. */
import { useSignal } from '@preact/signals';
import type { PreparedSample } from '../../deploy/sample.ts';
import type { DemoContent, DemoModality } from '../../demo/content.ts';
import { counted } from '../base/texts.ts';
import { FeatureMap } from './feature-map.tsx';
import type { Explored, Exploring } from './explore.ts';
import { changeText, mainOutput, valuesOf, valueText, type Output } from './outputs.ts';
import { lengthOf, type Strength } from './weaken.ts';

interface ModalitiesProps {
  readonly content: DemoContent;
  readonly outputs: readonly Output[];
  readonly exploring: Exploring;
  readonly explored: Explored;
}

export function Modalities({ content, outputs, exploring, explored }: ModalitiesProps) {
  const { card, statistics } = content;
  const { task, modalities } = card;
  const given = valuesOf(outputs, explored.given);
  const asked = useSignal<number | undefined>(undefined);
  const index = asked.value ?? mainOutput(task, given);
  const output = outputs[index]!;
  const added = modalities.map(({ name }) => {
    const without = Object.hasOwn(explored.without, name) ? explored.without[name] : undefined;
    return without && given[index]! - valuesOf(outputs, without)[index]!;
  });
  const largest = Math.max(...added.map((x) => Math.abs(x ?? 0)), smallest(output));
  const now = exploring.weakened.value ?? explored.sample;
  return (
    <section aria-labelledby="modalities" class="modalities">
      <h2 id="modalities">What each modality adds</h2>
      <p class="quiet">{summaryText({ content, outputs, explored, index, added })}</p>
      {outputs.length > 1 && (
        <label class="of">
          To the {task.kind === 'multitarget' ? 'value' : 'probability'} of{' '}
          <select value={String(index)} onChange={({ currentTarget }) => (asked.value = Number(currentTarget.value))}>
            {outputs.map(({ name }, n) => (
              <option key={name} value={String(n)}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <ul class="each">
        {modalities.map((modality, m) => (
          <li key={modality.name}>
            <ModalityControls
              modality={modality}
              sample={explored.sample}
              now={now}
              strength={exploring.strengths.value[modality.name] ?? 1}
              statistics={statistics[modality.name]}
              set={(strength) => void exploring.set(modality.name, strength)}
            />
            {added[m] !== undefined && (
              <Added
                share={added[m] / largest}
                text={`adds ${changeText(task, output, added[m])}`}
                without={valueText(task, output, given[index]! - added[m])}
              />
            )}
          </li>
        ))}
      </ul>
      <p class="buttons">
        <button type="button" disabled={exploring.isAsGiven.value} onClick={() => void exploring.reset()}>
          All as given
        </button>
      </p>
      <Explanation content={content} />
    </section>
  );
}

/** Bars of rounding alone would look like something. */
const smallest = ({ range: [low, high] }: Output): number => (high - low) * 1e-4 || 1e-4;

interface SummaryProps {
  readonly content: DemoContent;
  readonly outputs: readonly Output[];
  readonly explored: Explored;
  readonly index: number;
  readonly added: readonly (number | undefined)[];
}

/** What the prediction rests on most, in a sentence. */
function summaryText({ content: { card }, outputs, explored, index, added }: SummaryProps): string {
  const output = outputs[index]!;
  const sizes = added.map((x) => Math.abs(x ?? 0));
  const m = sizes.indexOf(Math.max(...sizes));
  const without = explored.without[card.modalities[m]!.name];
  if (!without || added.every((x) => x === undefined))
    return 'The sample has one modality, and without it there is nothing to predict by.';
  const { name } = card.modalities[m]!;
  if (sizes[m]! <= smallest(output)) return 'None of the modalities changes this prediction: the others say the same.';
  const text = (prediction: Explored['given']): string =>
    valueText(card.task, output, valuesOf(outputs, prediction)[index]!);
  const of = outputs.length > 1 ? ` of ${output.name}` : '';
  const what = card.task.kind === 'classification' || card.task.kind === 'multilabel' ? 'probability' : 'value';
  return `${capital(name)} counts most: without it, the ${what}${of} would be ${text(without)} in place of ${text(explored.given)}.`;
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

interface ControlsProps {
  readonly modality: DemoModality;
  readonly sample: PreparedSample;
  readonly now: PreparedSample;
  readonly strength: Strength;
  readonly statistics: DemoContent['statistics'][string] | undefined;
  readonly set: (strength: Strength) => void;
}

function ModalityControls({ modality, sample, now, strength, statistics, set }: ControlsProps) {
  const { name, time, width, tokens } = modality;
  const length = lengthOf(modality, sample);
  const percent = strength === 'left out' ? 0 : Math.round(strength * 100);
  const steps =
    time === 1 ? counted(width, 'number') : `${length} of ${counted(time, tokens === undefined ? 'step' : 'token')}`;
  if (length === 0)
    return (
      <div class="controls">
        <h3>{name}</h3>
        <p class="quiet">The sample has none.</p>
      </div>
    );
  const isIn = strength !== 'left out';
  return (
    <div class="controls">
      <h3>
        {name} <span class="quiet small">{steps}</span>
      </h3>
      {statistics && <FeatureMap name={name} sample={sample} now={now} statistics={statistics} />}
      <label class="check">
        <input
          type="checkbox"
          checked={isIn}
          onChange={({ currentTarget }) => set(currentTarget.checked ? 1 : 'left out')}
        />
        use {name}
      </label>
      <label class="strength">
        <span class="unseen">Strength of {name}</span>
        <input
          type="range"
          min="0"
          max="100"
          step="5"
          value={percent}
          disabled={!isIn}
          aria-valuetext={`${percent} percent`}
          onInput={({ currentTarget }) => set(Number(currentTarget.value) / 100)}
        />
        <span class="percent" aria-hidden="true">
          {isIn ? `${percent}\u00a0%` : 'left out'}
        </span>
      </label>
    </div>
  );
}

/** A bar to the right of the middle for what adds, to the left for what takes away. */
function Added({ share, text, without }: { readonly share: number; readonly text: string; readonly without: string }) {
  const size = Math.min(1, Math.abs(share)) * 50;
  return (
    <div class={share < 0 ? 'added less' : 'added'}>
      <span class="bar" aria-hidden="true">
        <span class="filling" style={{ left: `${share < 0 ? 50 - size : 50}%`, width: `${size}%` }} />
      </span>
      <span class="text">
        {text} <span class="quiet">(without it {without})</span>
      </span>
    </div>
  );
}

/** What the controls do, in words. */
function Explanation({ content: { card, statistics } }: Pick<ModalitiesProps, 'content'>) {
  const ways = Object.values(statistics);
  const centre = ways.every(({ isMean }) => isMean) ? 'its mean over the training samples' : 'what is usual';
  const hasTokens = card.modalities.some(({ tokens }) => tokens !== undefined);
  return (
    <details class="quiet small">
      <summary>How this is found</summary>
      <p>
        The sample is predicted again without one modality, as the model predicts samples that lack it: what a modality
        adds is the difference. What two modalities both say neither of them adds, and the parts need not sum to the
        prediction.
      </p>
      {ways.length > 0 && (
        <p>
          A slider moves every number of a modality towards {centre}: at 40 %, by 60 % of the way. At 0 % nothing of
          this sample is left in it, though the model takes it to be there; left out, the model knows that it is not.
        </p>
      )}
      {hasTokens && <p>Tokens are no quantities: the slider keeps the first of them, in that share.</p>}
    </details>
  );
}
