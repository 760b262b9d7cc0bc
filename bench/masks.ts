/** Dropout masks of a training step of the authors' model for CMU-MOSI, drawn as the trainer draws them. */
import { dropoutMasks, fillDropoutMask } from '../src/data/random.ts';
import { Scope } from '../src/nn/index.ts';
import { size } from '../src/tensor/index.ts';
import { placeholders } from '../src/train/index.ts';
import type { BenchCase } from './case.ts';
import { configuration } from './configurations.ts';
import { median, rounded } from './statistics.ts';

export const masksCase: BenchCase = {
  name: 'masks',
  about: 'nanoseconds per element of the dropout masks of a MOSI training step',
  // eslint-disable-next-line @typescript-eslint/require-await -- generators of cases are asynchronous
  async *run({ repetitions }) {
    const { network, spec, train } = configuration({ name: 'step-mosi', recipe: 'authors' });
    const scope = new Scope({ training: true });
    network.build(scope, placeholders(spec, train.batchSize, { labels: true }));
    const sites = [...scope.dropouts].map(([name, { mask, rate }]) => ({ name, length: size(mask.shape), rate }));
    const elements = sites.reduce((sum, { length }) => sum + length, 0);
    // Where the trainer's masks lie, and anywhere else.
    const places = {
      dropoutMasks: dropoutMasks(sites),
      Float32Array: Object.fromEntries(sites.map(({ name, length }) => [name, new Float32Array(length)])),
    };
    for (const [place, masks] of Object.entries(places)) {
      const times: number[] = [];
      const warmUp = 3;
      for (let step = 0; step < warmUp + repetitions; step++) {
        const start = performance.now();
        for (const { name, rate } of sites) fillDropoutMask(masks[name]!, rate, 1, name, step);
        if (step >= warmUp) times.push(performance.now() - start);
      }
      yield {
        case: 'masks',
        place,
        elements,
        arrays: sites.length,
        ns_per_element: rounded((median(times) / elements) * 1e6, 2),
        ms_per_step: rounded(median(times), 1),
      };
    }
  },
};
