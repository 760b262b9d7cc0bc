/** A run that has begun, finished or not, is given another number of epochs. */
import { cpSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { resolveConfig } from '../src/config/index.ts';
import { synthetic } from '../src/data/datasets/synthetic.ts';
import { prepare } from '../src/runs/prepare.ts';
import { runTraining, type RunEvent, type RunOptions, type RunResult } from '../src/runs/training-run.ts';
import type { TrainConfig } from '../src/train/train-config.ts';
import { learningRate } from '../src/train/optimisation/schedule.ts';
import { decalignHere, temporaryFolder, tiny } from './cli/decalign.ts';
import { save, tables } from './cli/feature-file.ts';
import { leftovers, outcome } from './crash/run.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);

interface Line {
  readonly epoch: number;
  readonly learning_rate: number;
  readonly best: boolean;
}
const linesOf = (directory: string): Line[] =>
  readFileSync(path.join(directory, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const read = (...names: string[]): unknown => JSON.parse(readFileSync(at(...names), 'utf8'));

/** The rate of the last step of an epoch, as a run of so many epochs has it: three steps an epoch, a warm-up of one epoch. */
const rateAt = (epoch: number, epochs: number): number =>
  learningRate(
    { learningRate: 0.02, epochs, schedule: { kind: 'cosine', warmup: 1, minimum: 0 } } as TrainConfig,
    { scale: 1, best: null, stale: 0 },
    { step: 3 * epoch - 1, stepsPerEpoch: 3 },
  );

async function train(
  epochs: number,
  directory: string,
  {
    settings = {},
    until,
    ...options
  }: Partial<RunOptions> & {
    readonly settings?: Partial<TrainConfig>;
    /** The step after which the process is as if it were killed. */
    readonly until?: number;
  } = {},
): Promise<RunEvent[]> {
  const config = resolveConfig({
    recipe: 'paper',
    values: {
      model: { width: 8, heads: 2, layers: 1, without: ['heterogeneity', 'homogeneity'] },
      train: { ...{ epochs, batchSize: 8, learningRate: 0.02, patience: null, average: 0.5, threads: 1 }, ...settings },
    },
  });
  const data = synthetic({ samples: { train: 24, valid: 12, test: 12 } });
  const events: RunEvent[] = [];
  for await (const event of runTraining(prepare(config, data), { seed: 3, directory, resume: false, ...options })) {
    events.push(event);
    if (event.type === 'step' && event.step === until) break;
  }
  return events;
}
const resultOf = (events: readonly RunEvent[]): RunResult => {
  const last = events.at(-1)!;
  if (last.type !== 'result') throw new Error(`The last event is ${last.type}.`);
  return last.result;
};
const extend = { resume: true, extend: true } as const;

beforeAll(async () => {
  await train(2, at('two'));
  cpSync(at('two'), at('four'), { recursive: true });
  await train(4, at('four'), extend);
});
const copy = (name: string, of = 'two'): string => {
  cpSync(at(of), at(name), { recursive: true });
  return at(name);
};

describe('a finished run', () => {
  test('goes on from its last epoch, by the schedule of the new number', () => {
    const [before, after] = [linesOf(at('two')), linesOf(at('four'))];
    expect(after.slice(0, 2)).toEqual(before);
    expect(after.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(before[1]!.learning_rate).toBeCloseTo(rateAt(2, 2), 12);
    for (const epoch of [3, 4]) expect(after[epoch - 1]!.learning_rate).toBeCloseTo(rateAt(epoch, 4), 12);
  });

  test('records from which epoch and step, and the numbers before and after', () => {
    const extended = [{ epoch: 2, step: 6, epochs_before: 2, epochs_after: 4 }];
    expect(read('four', 'config.json')).toMatchObject({ config: { train: { epochs: 4 } }, extended });
    expect(read('four', 'result.json')).toMatchObject({ epochs: 4, extended });
    expect(read('two', 'result.json')).not.toHaveProperty('extended');
  });

  test('is not said to be a run begun with that number', async () => {
    await train(4, at('begun'));
    expect(linesOf(at('begun'))[0]).toEqual(linesOf(at('four'))[0]);
    expect(outcome(at('begun'))['best']).not.toBe(outcome(at('four'))['best']);
  });

  test('extended twice from the same has the same bits', async () => {
    await train(4, copy('again'), extend);
    expect(outcome(at('again'))).toEqual(outcome(at('four')));
  });

  test('and again, to more', async () => {
    await train(5, copy('five', 'four'), extend);
    expect(read('five', 'result.json')).toMatchObject({
      epochs: 5,
      extended: [{ epochs_after: 4 }, { epoch: 4, step: 12, epochs_before: 4, epochs_after: 5 }],
    });
  });

  test('with the same number is told again and not touched', async () => {
    const events = await train(4, copy('same', 'four'), extend);
    expect(events.map(({ type }) => type)).toEqual(['result']);
    expect(outcome(at('same'))).toEqual(outcome(at('four')));
  });

  test('cannot end before what is done', async () => {
    await expect(train(3, copy('fewer', 'four'), extend)).rejects.toThrow(
      `${at('fewer')} has trained 4 epochs, so it cannot end after 3: give --epochs 4, or more to extend it.`,
    );
    expect(outcome(at('fewer'))).toEqual(outcome(at('four')));
  });
});

describe('a run that was killed', () => {
  test('in an extension, and resumed, has the bits of one that was not', async () => {
    for (const [name, until] of [
      ['early', 7],
      ['late', 11],
    ] as const) {
      await train(4, copy(name), { ...extend, until, checkpointEvery: { steps: 1 } });
      const events = await train(4, at(name), extend);
      expect(events.map(({ type }) => type)).not.toContain('extended');
      expect(outcome(at(name))).toEqual(outcome(at('four')));
      expect(leftovers(at(name))).toEqual([]);
    }
  });

  test('between losing its result and the new number being written is as it was', async () => {
    rmSync(path.join(copy('between'), 'result.json'));
    await train(2, copy('back', 'between'), { resume: true });
    expect(outcome(at('back'))).toEqual(outcome(at('two')));
    await train(4, at('between'), extend);
    expect(outcome(at('between'))).toEqual(outcome(at('four')));
  });

  test('within an epoch is extended from there', async () => {
    await train(2, at('within'), { until: 4, checkpointEvery: { steps: 1 } });
    await train(4, at('within'), extend);
    expect(read('within', 'result.json')).toMatchObject({ epochs: 4, extended: [{ epoch: 1, step: 4 }] });
  });

  test('may end earlier than it was to, where it is not that far', async () => {
    await train(4, at('shorter'), { until: 5, checkpointEvery: { steps: 1 } });
    await train(2, at('shorter'), extend);
    expect(read('shorter', 'result.json')).toMatchObject({
      epochs: 2,
      extended: [{ epochs_before: 4, epochs_after: 2 }],
    });
  });
});

test('a run that stopped early has its whole patience again, and keeps its best epoch where none is better', async () => {
  // Nothing is ever better than the first epoch.
  const settings = { learningRate: 1e-12, average: 0, patience: 2 };
  const stopped = resultOf(await train(5, at('early-stopped'), { settings }));
  expect(stopped).toMatchObject({ epochs: 3, best_epoch: 1 });
  const further = resultOf(await train(9, at('early-stopped'), { ...extend, settings }));
  expect(further).toMatchObject({ epochs: 5, best_epoch: 1, valid: stopped.valid });
});

describe('the command line', () => {
  const data = at('data.pkl');
  const call = (...more: string[]): Promise<Awaited<ReturnType<typeof decalignHere>>> =>
    decalignHere(['train', data, ...tiny, '--set', 'train.patience=null', ...more]);

  beforeAll(async () => {
    save(data, tables());
    expect(await call('--epochs', '2', '--out', at('run'))).toMatchObject({ code: 0 });
  });

  test('extends where --epochs asks for it, and says so', async () => {
    const { code, stderr } = await call('--epochs', '3', '--out', copy('longer', 'run'), '--resume');
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining(
        '\n3 epochs in place of 2, from epoch 2 on: the learning rate goes on as in a run of 3\n',
      ),
    ]);
    expect(stderr).toContain('\nepoch 3/3 ');
    const again = await decalignHere(['reproduce', at('longer'), '--quiet']);
    expect([again.code, again.stdout]).toEqual([
      0,
      expect.stringContaining('reproduced, identical to the last bit (3 epochs'),
    ]);
  });

  test('does not where another number comes from elsewhere, and says what would', async () => {
    const { code, stderr } = await call('--out', at('run'), '--resume');
    expect([code, stderr]).toEqual([
      1,
      `decalign: ${at('run', 'config.json')}: cannot resume with another configuration: "train.epochs" was 2 and is now 30; --epochs 2 goes on with it, and another number extends it.\n`,
    ]);
  });

  test.each([
    ['seed', ['--seeds', '1,2']],
    ['fold', ['--folds', '3']],
  ] as const)('extends the run of each %s', async (kind, several) => {
    if (kind === 'fold') {
      const whole = tables();
      for (const [split, { id }] of Object.entries(whole)) whole[split]!['id'] = id!.map((_, n) => `${split} ${n}`);
      save(data, whole);
    }
    const out = ['--out', at(`several-${kind}s`)];
    expect(await call('--epochs', '1', ...several, ...out)).toMatchObject({ code: 0 });
    // One has not begun yet, and begins with the new number.
    rmSync(at(`several-${kind}s`, `${kind}-2`), { recursive: true });
    expect(await call('--epochs', '2', ...several, ...out, '--resume')).toMatchObject({ code: 0 });
    const { runs } = read(`several-${kind}s`, 'result.json') as { runs: RunResult[] };
    expect(runs.map(({ epochs, extended }) => [epochs, extended?.length ?? 0]).slice(0, 2)).toEqual([
      [2, 1],
      [2, 0],
    ]);
  });
});
