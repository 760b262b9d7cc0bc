/** One sample's prediction, what it is without each modality, and with some of them weakened. */
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import type { ExportedModel } from '../../deploy/exported-model.ts';
import type { Prediction } from '../../deploy/predictions.ts';
import { holdsAny } from '../../deploy/inputs.ts';
import type { PreparedSample } from '../../deploy/sample.ts';
import type { DemoCard, DemoContent } from '../../demo/content.ts';
import { lengthOf, weakened, type Strength, type Strengths } from './weaken.ts';

/** What is known of the sample that is looked at. */
export interface Explored {
  readonly sample: PreparedSample;
  /** The sample as it was given. */
  readonly given: Prediction;
  /** Without one modality each, by its name; none of those that the sample lacks. */
  readonly without: Readonly<Record<string, Prediction>>;
  /** With all modalities as strong as they are set; undefined where nothing is left of it. */
  readonly now: Prediction | undefined;
}

export interface Exploring {
  readonly explored: ReadonlySignal<Explored | undefined>;
  readonly strengths: ReadonlySignal<Strengths>;
  /** Whether all modalities are as they were given. */
  readonly isAsGiven: ReadonlySignal<boolean>;
  /** The sample with its modalities as strong as they are set; undefined before one was chosen. */
  readonly weakened: ReadonlySignal<PreparedSample | undefined>;
  /** What single predictions took, in milliseconds, the latest last. */
  readonly times: ReadonlySignal<readonly number[]>;
  /** What went wrong where a prediction failed. */
  readonly problem: ReadonlySignal<string | undefined>;
  choose(sample: PreparedSample): Promise<void>;
  set(modality: string, strength: Strength): Promise<void>;
  reset(): Promise<void>;
}

/** So many times are kept. */
const kept = 50;

export function exploring(model: ExportedModel, { card, statistics }: DemoContent): Exploring {
  const explored = signal<Explored | undefined>(undefined);
  const chosen = signal<PreparedSample | undefined>(undefined);
  const strengths = signal<Strengths>({});
  const times = signal<readonly number[]>([]);
  const problem = signal<string | undefined>(undefined);
  const { modalities } = card;
  const predict = (samples: readonly PreparedSample[]): Promise<readonly Prediction[]> =>
    model.predict(samples, { warn: () => undefined });
  // What is run first is compiled while it runs, and says little of what follows.
  let isWarm = false;
  const one = async (sample: PreparedSample): Promise<Prediction> => {
    if (!isWarm) await predict([sample]);
    isWarm = true;
    const start = performance.now();
    const [prediction] = await predict([sample]);
    times.value = [...times.value, performance.now() - start].slice(-kept);
    return prediction!;
  };
  const withStrengths = computed(
    () => chosen.value && weakened(chosen.value, strengths.value, { modalities, statistics }),
  );

  // The latest wish alone is worth the work: a slider that is drawn wishes more than can be predicted.
  let wished = 0;
  let working: Promise<void> = Promise.resolve();
  const latest = (work: () => Promise<void>): Promise<void> => {
    const own = ++wished;
    working = working.then(async () => {
      if (own !== wished) return;
      try {
        await work();
        problem.value = undefined;
      } catch (error) {
        problem.value = error instanceof Error ? error.message : String(error);
      }
    });
    return working;
  };
  const set = (next: Strengths): Promise<void> => {
    strengths.value = next;
    return latest(async () => {
      const { value: before } = explored;
      const sample = withStrengths.value;
      if (!before || !sample) return;
      explored.value = { ...before, now: holdsAny(sample) ? await one(sample) : undefined };
    });
  };
  return {
    explored,
    strengths,
    isAsGiven: computed(() => Object.values(strengths.value).every((strength) => strength === 1)),
    weakened: withStrengths,
    times,
    problem,
    choose(sample) {
      batch(() => {
        chosen.value = sample;
        strengths.value = {};
      });
      return latest(async () => {
        const given = await one(sample);
        explored.value = { sample, given, now: given, without: await withoutEach(sample, card, predict) };
      });
    },
    set: (modality, strength) => set({ ...strengths.value, [modality]: strength }),
    reset: () => set({}),
  };
}

async function withoutEach(
  sample: PreparedSample,
  { modalities }: DemoCard,
  predict: (samples: readonly PreparedSample[]) => Promise<readonly Prediction[]>,
): Promise<Explored['without']> {
  const held = modalities.filter((modality) => lengthOf(modality, sample) > 0);
  // Without its only modality there is nothing to predict by.
  if (held.length < 2) return {};
  const lacking = held.map(({ name }) => weakened(sample, { [name]: 'left out' }, { modalities, statistics: {} }));
  const predictions = await predict(lacking);
  return Object.fromEntries(held.map(({ name }, n) => [name, predictions[n]!]));
}
