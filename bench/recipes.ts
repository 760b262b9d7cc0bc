import { compile } from '../src/runtime/node.ts';
import type { BenchCase } from './case.ts';
import { configuration, type Recipe, type Request } from './configurations.ts';
import { median, rounded } from './statistics.ts';
import { stepping, type Stepping } from './stepping.ts';

/** Steps before the first that counts. */
const warmUp = 3;

/** What is compared: a model of a published size, and the small one. */
const subjects: readonly ((recipe: Recipe) => Request)[] = [
  (recipe) => ({ name: 'step-mosi', recipe }),
  (recipe) => ({ name: 'step-iemocap', recipe }),
  (recipe) => ({ name: 'small', recipe, sizes: {} }),
];

export const recipesCase: BenchCase = {
  name: 'recipes',
  about: 'a step of the recipe decoupled over one of the recipe paper, in turn',
  async *run({ threads, repetitions }) {
    for (const subject of subjects) {
      const start = async (recipe: Recipe): Promise<Stepping> =>
        stepping(configuration(subject(recipe)), { compile, threads });
      const [paper, decoupled] = [await start('paper'), await start('decoupled')];
      const times: { readonly paper: number; readonly decoupled: number }[] = [];
      for (let i = 0; i < warmUp + repetitions; i++)
        times.push({ paper: (await paper.step()).step, decoupled: (await decoupled.step()).step });
      await paper.stop();
      await decoupled.stop();
      const counted = times.slice(warmUp);
      yield {
        ...{ case: 'recipes', model: subject('paper').name, threads },
        nodes: { paper: paper.nodes, decoupled: decoupled.nodes },
        paper_ms: rounded(median(counted.map((time) => time.paper)), 2),
        decoupled_ms: rounded(median(counted.map((time) => time.decoupled)), 2),
        // Of pairs that follow each other, so that both bear what else the machine does.
        ratio: rounded(median(counted.map((time) => time.decoupled / time.paper)), 3),
      };
    }
  },
};
