/** What docs/decoupling.md claims, a row each: which runs it rests on, and what is wanted of them. */
import type { Run } from './run.ts';

/** Runs whose figures are averaged. */
export interface Arm {
  readonly name: string;
  readonly runs: readonly Run[];
}

export interface Row {
  readonly name: string;
  readonly about: string;
  /** It is of a feature file that `--data` names. */
  readonly ofFile?: true;
  /** Modalities that are dropped at test, one at a time. */
  readonly dropped?: readonly string[];
  /** The first is the one that the others are compared with. */
  readonly arms: (given: Given) => readonly Arm[];
}

export interface Given {
  /** A feature file, for the rows of real data. */
  readonly data: string;
  readonly seeds: readonly number[];
}

const made = (
  set: readonly string[],
  { seeds }: Given,
  dataSeeds: readonly number[] = [0],
): ((recipe: string) => Arm) => {
  const runs = (recipe: string): readonly Run[] =>
    dataSeeds.flatMap((dataSeed) =>
      seeds.map((seed) => ({ data: 'synthetic', recipe, seed, set: [...set, `data.synthetic.seed=${dataSeed}`] })),
    );
  return (recipe) => ({ name: recipe, runs: runs(recipe) });
};
const both = (of: (recipe: string) => Arm): readonly Arm[] => [of('paper'), of('decoupled')];
const alone = (name: string, about: string, set: readonly string[]): Row => ({
  name,
  about,
  arms: (given) => [made(set, given)('decoupled')],
});

/** Settings for images: encoders that bend, unique features that the label does not teach, and much to keep. */
const images = [
  'model.encoder=hidden',
  'model.uniqueGradient=false',
  'model.weights.reconstruction=6',
  'model.commonWidth=16',
];
/** For either recipe a width that can hold ten classes. */
const wide = ['data.digits.seed=1', 'model.width=64', 'model.dropout.input=0.2'];
/** Enough digits for ten classes. */
const digits = [...wide, 'data.digits.samples=16000'];

type Variants = Readonly<Record<string, Pick<Run, 'set' | 'without'>>>;
/** What the recipe `decoupled` is without each of its parts, and with others. */
const variants: Variants = {
  decoupled: { set: [] },
  'without pairing': { set: [], without: ['pairing'] },
  'without independence': { set: [], without: ['independence'] },
  'without pretraining': { set: ['model.pretraining.steps=0'] },
  'without heterogeneity': { set: [], without: ['heterogeneity'] },
  'without homogeneity': { set: [], without: ['homogeneity'] },
  'without contrastive': { set: [], without: ['contrastive'] },
  'transformers read u alone': { set: ['model.lifted=unique'] },
  'linear head': { set: ['model.head=linear'] },
  'widths 16 and 16': { set: ['model.uniqueWidth=16', 'model.commonWidth=16'] },
  'with reconstruction': { set: ['model.weights.reconstruction=0.1'] },
  'moments of halves, unbiased MMD': { set: ['model.moments.form=halves', 'model.mmd.estimator=unbiased'] },
  'λ relative to the spread': { set: ['model.transport.lambdaScale=spread'] },
};
interface Ablated {
  readonly folds?: number;
  /** Variants of the recipe `decoupled`. */
  readonly of?: Variants;
}
/** The same for images, by their settings. */
const imageVariants: Variants = Object.fromEntries(
  Object.entries({
    decoupled: { set: [] },
    'without pairing': { set: [], without: ['pairing'] },
    'without independence': { set: [], without: ['independence'] },
    'without reconstruction': { set: ['model.weights.reconstruction=0'] },
    'without pretraining': { set: ['model.pretraining.steps=0'] },
    'without heterogeneity': { set: [], without: ['heterogeneity'] },
    'without homogeneity': { set: [], without: ['homogeneity'] },
    'linear encoders': { set: ['model.encoder=linear'] },
    'task teaches unique features': { set: ['model.uniqueGradient=true'] },
    '8 common features': { set: ['model.commonWidth=8'] },
  }).map(([name, own]) => [name, { ...own, set: [...images, ...own.set] }]),
);
const ablation = (
  data: (given: Given) => string,
  set: readonly string[],
  { folds, of = variants }: Ablated = {},
): Row['arms'] =>
  function arms(given) {
    const run = (recipe: string, own: Pick<Run, 'set' | 'without'>): readonly Run[] =>
      given.seeds.map((seed) => ({
        ...{ data: data(given), recipe, seed, ...own, set: [...set, ...own.set] },
        ...(folds !== undefined && { folds }),
      }));
    return [
      ...Object.entries(of).map(([name, own]) => ({ name, runs: run('decoupled', own) })),
      { name: 'paper', runs: run('paper', { set: [] }) },
      { name: 'paper, hidden head', runs: run('paper', { set: ['model.head=hidden'] }) },
    ];
  };

const real = (folds?: number): Row['arms'] =>
  function arms({ data, seeds }) {
    const of = (recipe: string): Arm => ({
      name: recipe,
      runs: seeds.map((seed) => ({ data, recipe, seed, set: [], ...(folds !== undefined && { folds }) })),
    });
    return both(of);
  };

export const rows: readonly Row[] = [
  {
    name: 'synthetic',
    about: 'known factors, five data seeds',
    arms: (given) => both(made([], given, [0, 1, 2, 3, 4])),
  },
  alone('noise', 'the same with noise .8', ['data.synthetic.noise=0.8']),
  alone('two', 'the same with two modalities', ['data.synthetic.modalities=2']),
  alone('four', 'the same with four modalities', ['data.synthetic.modalities=4']),
  alone('few', 'the same with 300 samples', ['data.synthetic.samples=300']),
  {
    name: 'absent',
    about: 'one modality dropped at test',
    dropped: ['text', 'audio', 'vision'],
    arms: (given) => both(made([], given)),
  },
  {
    name: 'absent-common',
    about: 'the same, labels of shared factors alone',
    dropped: ['text', 'audio', 'vision'],
    arms: (given) => both(made(['data.synthetic.labels=common'], given)),
  },
  { name: 'ablation', about: 'each term left out, on synthetic', arms: ablation(() => 'synthetic', []) },
  { name: 'folds', ofFile: true, about: 'a feature file (--data), five folds of its groups', arms: real(5) },
  { name: 'file', ofFile: true, about: 'a feature file (--data), its own test split', arms: real() },
  {
    name: 'ablation-folds',
    ofFile: true,
    about: 'each term left out, on five folds of a feature file (--data)',
    arms: ablation(({ data }) => data, [], { folds: 5 }),
  },
  {
    name: 'ablation-file',
    ofFile: true,
    about: 'each term left out, on the test split of a feature file (--data)',
    arms: ablation(({ data }) => data, []),
  },
  {
    name: 'ablation-digits',
    about: 'each term left out, on 4,000 pairs of digits, with the settings for images',
    arms: ablation(() => 'digits', wide, { of: imageVariants }),
  },
  {
    name: 'digits',
    about: 'two views of digits, with the settings for images',
    arms: ({ seeds }) => {
      const of = (recipe: string, set: readonly string[]): Arm => ({
        name: recipe,
        runs: seeds.map((seed) => ({
          data: 'digits',
          recipe,
          seed,
          set: [...set, ...digits],
        })),
      });
      return [of('paper', []), of('decoupled', images)];
    },
  },
];
