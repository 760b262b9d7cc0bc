/** What stands beside a training: references, what to try where they are not beaten, and warnings of memory. */
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { decalign, decalignHere, temporaryFolder, tiny, type Finished } from './decalign.ts';
import { save, table, tables, type Tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
const read = (...names: string[]): Record<string, Figures> =>
  JSON.parse(readFileSync(at(...names), 'utf8')) as Record<string, Figures>;

interface Figures {
  readonly describe: string;
  readonly valid: Readonly<Record<string, number>>;
  readonly test?: Readonly<Record<string, number>>;
}

const data = at('data.pkl');
const call = (...more: string[]): Promise<Finished> => decalignHere(['train', data, ...tiny, ...more]);

/** Labels that are a linear function of the one feature of each modality. */
function linear(): Tables {
  const split = (count: number, phase: number): Tables[string] => {
    const labels = Array.from({ length: count }, (_, n) => 3 * Math.sin(phase + 1.7 * n));
    return {
      text: labels.map((label) => [[label]]),
      audio: labels.map((label) => [[-label]]),
      id: labels.map((_, n) => `clip ${phase} ${n}`),
      regression_labels: labels,
    };
  };
  return { train: split(24, 1), valid: split(12, 2), test: split(12, 3) };
}

beforeAll(() => save(data, tables()));

describe('references', () => {
  test('stand above the model and in the directory, without being asked for', async () => {
    const { code, stdout } = await call('--epochs', '1', '--out', at('run'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^constant \(median\) .*\nridge .*\ndecalign /m);
    const found = read('run', 'references.json');
    expect(Object.keys(found)).toEqual(['constant (median)', 'ridge']);
    const [, mae] = /^ridge +([\d.]+)/m.exec(stdout)!;
    expect(Number(mae)).toBeCloseTo(found['ridge']!.test!['mae']!, 3);
    expect(found['ridge']!.describe).toMatch(/^linear on time-averaged text, audio, vision \(12 features\), penalty /);
    const inspected = await decalignHere(['inspect', at('run'), '--json']);
    expect(JSON.parse(inspected.stdout)).toMatchObject({ references: found });
  });

  test('are left out by --no-references', async () => {
    const { stdout, stderr } = await call('--epochs', '1', '--no-references', '--out', at('alone'));
    expect(stdout + stderr).not.toMatch(/ridge|constant/);
    expect(existsSync(at('alone', 'references.json'))).toBe(false);
  });

  test('are in the JSON document, by name', async () => {
    const { stdout } = await call('--epochs', '1', '--json', '--out', at('json'));
    const { ridge } = (JSON.parse(stdout) as { references: Record<string, Figures> }).references;
    const { valid, test: tested } = read('json', 'references.json')['ridge']!;
    expect(ridge).toEqual({ valid, test: tested });
  });

  test('stand beside folds and seeds, once for all of them', async () => {
    const whole = tables();
    for (const [split, { id }] of Object.entries(whole)) whole[split]!['id'] = id!.map((_, n) => `${split} ${n}`);
    save(at('folded.pkl'), whole);
    for (const several of [
      ['--folds', '3'],
      ['--seeds', '1,2'],
    ]) {
      const out = at(several[0]!);
      const { stdout } = await decalignHere([
        'train',
        at('folded.pkl'),
        ...tiny,
        '--epochs',
        '1',
        ...several,
        '--out',
        out,
      ]);
      expect(stdout.match(/^ridge /gm)).toHaveLength(1);
      expect(Object.keys(read(several[0]!, 'references.json'))).toContain('ridge');
    }
  });

  test.each<[string, () => Tables]>([
    ['one training sample', () => ({ ...tables(), train: table(1, 1) })],
    [
      'features that are all the same',
      () => {
        const all = tables();
        for (const split of Object.values(all)) split['vision'] = split['vision']!.map(() => [[1, 1, 1, 1]]);
        return all;
      },
    ],
    [
      'features that are not there',
      () => {
        const all = tables();
        for (const split of Object.values(all)) split['vision'] = split['vision']!.map(() => [[NaN, NaN, NaN, NaN]]);
        return all;
      },
    ],
  ])('say nothing wrong of %s', async (name, made) => {
    const file = save(at(`${name}.pkl`), made());
    const out = at(name);
    const { code, stdout } = await decalignHere(['train', file, ...tiny, '--epochs', '1', '--out', out]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^ridge +\d/m)]);
    for (const { valid, test: tested } of Object.values(read(name, 'references.json')))
      for (const figures of [valid, tested!]) expect(Number.isFinite(figures['mae'])).toBe(true);
  });

  test('that cannot be fitted are no failure of the run', async () => {
    // A folder where the record of references is to be written.
    mkdirSync(at('kept/references.json'), { recursive: true });
    renameSync(at('kept'), at('kept-elsewhere'));
    const { code } = await call('--epochs', '1', '--out', at('kept'));
    expect(code).toBe(0);
    renameSync(at('kept/references.json'), at('kept/before.json'));
    renameSync(at('kept-elsewhere/references.json'), at('kept/references.json'));
    const { code: again, stdout, stderr } = await call('--epochs', '1', '--out', at('kept'), '--resume');
    expect(again).toBe(0);
    expect(stderr).toMatch(/^No references beside the run: /m);
    expect(stdout).toContain('\ndecalign ');
  });
});

describe('a model that does not beat ridge on validation', () => {
  const weak = ['--set', 'train.learningRate=1e-6', '--set', 'train.patience=null'];
  const train = (...more: string[]): Promise<Finished> => {
    save(at('linear.pkl'), linear());
    return decalignHere(['train', at('linear.pkl'), ...tiny, ...weak, ...more]);
  };

  test('is told to be so, with what to try', async () => {
    const { stdout } = await train('--epochs', '2', '--out', at('weak'));
    const advice = stdout
      .slice(stdout.indexOf('decalign does not beat'), stdout.indexOf('\nRun:'))
      .replace(/\n {4}/g, ' ');
    expect(advice.replace('\n', ' ')).toMatch(
      /^decalign does not beat ridge on validation \(MAE [\d.]+, ridge [\d.]+\): so far a linear model is as good or better\./,
    );
    const tries = advice.split('\n').filter((line) => line.startsWith('  - '));
    expect(tries).toEqual([
      '  - more epochs, for the best was among the last: --resume --epochs 4, after this same call with the --out of its run',
      '  - another learning rate: --set train.learningRate=2.5e-7, --set train.learningRate=0.000002',
      expect.stringMatching(/^ {2}- more dropout: --set model\.dropout\.output=0\.\d+$/),
      '  - a smaller model: --set model.width=4',
      '  - more data: there are 24 samples to train on; or ridge itself, if none of this helps',
    ]);
  });

  test('can be given each of the settings', async () => {
    for (const [i, setting] of ['train.learningRate=2.5e-7', 'model.dropout.output=0.7', 'model.width=4'].entries())
      expect(await train('--epochs', '1', '--set', setting, '--out', at(`try-${i}`))).toMatchObject({ code: 0 });
    expect(await train('--epochs', '4', '--resume', '--out', at('weak'))).toMatchObject({ code: 0 });
  });

  test('is not told so where it does, nor without references', async () => {
    expect((await train('--epochs', '1', '--no-references', '--out', at('unasked'))).stdout).not.toContain('To try');
    const { stdout } = await train('--epochs', '30', '--set', 'train.learningRate=0.02', '--out', at('strong'));
    const { ridge } = read('strong', 'references.json');
    const { valid } = JSON.parse(readFileSync(at('strong/result.json'), 'utf8')) as Figures;
    expect(stdout.includes('does not beat ridge')).toBe(valid['mae']! >= ridge!.valid['mae']!);
  });
});

describe('memory', () => {
  /** Sequences so long that attention between two of them takes more than any machine has. */
  const long = (): string => {
    const steps = Array.from({ length: 40_000 }, (_, t) => [t % 7]);
    const split = (count: number): Tables[string] => {
      const sequences = Array.from({ length: count }, () => steps);
      return { ...table(count, count), text: sequences, audio: sequences };
    };
    return save(at('long.pkl'), { train: split(4), valid: split(2), test: split(2) });
  };

  test('is estimated by --dry-run and by inspect', async () => {
    const plan = await call('--dry-run', '--json');
    const { memory_mb: memory } = JSON.parse(plan.stdout) as { memory_mb: Record<string, number> };
    expect(Object.keys(memory)).toEqual(['total', 'process', 'data', 'parameters', 'step', 'prediction']);
    expect(memory['total']).toBeGreaterThan(100);
    const { stdout } = await decalignHere(['inspect', data]);
    expect(stdout).toMatch(/\nTraining DecAlign as it is by default takes about \d+ MB of memory, \d+ of them/);
    const inspected = JSON.parse((await decalignHere(['inspect', data, '--json'])).stdout) as { memory_mb: unknown };
    expect(inspected.memory_mb).toMatchObject({ data: memory['data'] });
  });

  test('that is more than there is gets a warning with what to set, and no step is tried', async () => {
    const file = long();
    const plan = await decalign(['train', file, ...tiny, '--set', 'train.batchSize=4', '--dry-run', '--json']);
    expect(plan).toMatchObject({ code: 0 });
    expect(plan.stderr).toMatch(
      /^warning: Training takes about \d+\.\d GB of memory, and \d+\.\d GB of \d+\.\d GB are free: it may be ended by the system\. Cut sequences to \d+ time steps \(from 40000\)/,
    );
    expect(JSON.parse(plan.stdout)).not.toHaveProperty('seconds_per_step');
    const { stdout } = await decalign(['inspect', file, '--json']);
    const { warnings } = JSON.parse(stdout) as { warnings: string[] };
    expect(warnings.filter((each) => each.startsWith('Training takes about'))).toHaveLength(1);
  });
});
