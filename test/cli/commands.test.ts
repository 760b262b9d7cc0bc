/** What every command prints and leaves, in a real process. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { readSafetensors } from '../../src/formats/safetensors/read.ts';
import { version } from '../../src/runs/version.ts';
import { complete, decalign, temporaryFolder, tiny, type Finished } from './decalign.ts';
import { save, shapes, type Table, table, tables } from './feature-file.ts';

// A plain runtime, as anyone who is handed the file has it.
const { InferenceSession, Tensor } = createRequire(import.meta.url)('onnxruntime-node') as typeof Ort;

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
const data = at('mosi-small.pkl');
const run = at('run');
const classes = at('classes');

async function ok(args: readonly string[]): Promise<Finished> {
  const result = await decalign(args, { cwd: folder });
  expect(result, result.stderr).toMatchObject({ code: 0 });
  return result;
}

async function json(args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await ok([...args, '--json']);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const read = (...names: string[]): unknown => JSON.parse(readFileSync(at(...names), 'utf8'));

interface Line {
  readonly id: string;
  readonly prediction: number | string;
  readonly label?: number | string;
  readonly probabilities?: Readonly<Record<string, number>>;
}
const lines = (text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

let trained: Finished;
beforeAll(async () => {
  save(data, tables());
  trained = await ok(['train', data, ...complete, '--epochs', '2', '--out', run]);
  await ok([
    'train',
    data,
    ...tiny,
    '--epochs',
    '2',
    '--task',
    'classification',
    '--preset',
    'iemocap',
    '--out',
    classes,
    '--quiet',
  ]);
});

describe.concurrent('help', () => {
  test('shows an example first, for every command', async () => {
    const { stdout } = await ok(['--help']);
    expect(stdout).toMatch(/^Example: decalign train synthetic\n\nUsage: decalign/);
    for (const command of ['train', 'evaluate', 'predict', 'inspect', 'export']) {
      expect(stdout).toContain(`\n  ${command} `);
      const help = await ok([command, '--help']);
      expect(help.stdout).toMatch(new RegExp(`^Example: decalign ${command} .*\n\nUsage: decalign ${command} `));
      expect(help.stdout).not.toContain('(default: false)');
    }
  });

  test('--version', async () => {
    expect((await ok(['--version'])).stdout).toBe(`${version}\n`);
  });

  test('no command at all is a wrong call', async () => {
    expect(await decalign([])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe.concurrent('train', () => {
  test('results on stdout, a line per epoch on stderr, no colour codes', () => {
    const { stdout, stderr } = trained;
    expect(stdout).toContain('test split (9 samples)');
    for (const name of ['constant (median)', 'ridge', 'decalign', 'MAE ↓', 'Corr ↑', 'true +3', `Run: ${run}`])
      expect(stdout).toContain(name);
    expect(stdout.trimEnd().split('\n').slice(-2)).toEqual([
      `Report: decalign report ${run}`,
      `In a browser: decalign ui ${path.dirname(run)}`,
    ]);
    expect(stderr.trimEnd().split('\n')).toEqual([
      'mosi: 24/10/9 samples; text [4, 5], lengths from trailing zero rows; audio [6, 3], lengths from trailing zero rows; vision [1, 4]',
      expect.stringMatching(/^[\d,]+ parameters, [\d,]+ nodes, 1 steps an epoch$/),
      expect.stringMatching(
        /^epoch 1\/2 {2}loss .*\(task .* dec .* hete .* homo .* ct .*\) {2}lr .* {2}valid MAE .* ↓ best$/,
      ),
      expect.stringMatching(/^epoch 2\/2 /),
    ]);
    expect(stdout + stderr).not.toContain('\u001B');
  });

  test('leaves what the design says', () => {
    expect(
      readdirSync(run)
        .map((name) => name.replace(/^events\.out\.tfevents\..*/, 'events'))
        .sort(),
    ).toEqual([
      'best.safetensors',
      'checkpoint',
      'config.json',
      'environment.json',
      'events',
      'metrics.jsonl',
      'predictions.jsonl',
      'progress.json',
      'references.json',
      'result.json',
    ]);
    expect(read('run', 'config.json')).toMatchObject({
      config: { recipe: 'paper', model: { name: 'decalign', width: 8 }, train: { epochs: 2, threads: 1 } },
      seed: 1,
      data: { source: data, hash: expect.stringMatching(/^[\da-f]{16}$/) as string, metrics: 'mosi' },
      overrides: { set: expect.arrayContaining(['model.width=8', 'train.epochs=2']) as string[] },
    });
    expect(read('run', 'environment.json')).toMatchObject([{ decalign: version, node: process.version }]);
    expect(read('run', 'result.json')).toMatchObject({ samples: { train: 24, valid: 10, test: 9 } });
    const epochs = readFileSync(at('run', 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    expect(epochs.map((line) => (JSON.parse(line) as { epoch: number }).epoch)).toEqual([1, 2]);
  });

  test('--json for one seed and for several', async () => {
    const once = ['train', data, ...tiny, '--epochs', '1'];
    const one = await json([...once, '--seed', '7', '--out', at('one'), '--quiet']);
    expect(Object.keys(one)).toEqual(['run', 'seed', 'best_epoch', 'valid', 'test', 'references']);
    expect(one).toMatchObject({ run: at('one'), seed: 7, best_epoch: 1 });
    const several = await json([...once, '--seeds', '7,8', '--out', at('several')]);
    expect(Object.keys(several).sort()).toEqual(['mean', 'references', 'runs', 'std']);
    const { references, ...alone } = one;
    expect(several['references']).toEqual(references);
    expect(several['runs']).toMatchObject([{ ...alone, run: at('several', 'seed-7') }, { seed: 8 }]);
    const [a, b] = (several['runs'] as { test: { mae: number } }[]).map(({ test: { mae } }) => mae);
    expect(several['mean']).toMatchObject({ test: { mae: (a! + b!) / 2 } });
    expect((several['std'] as { test: { mae: number } }).test.mae).toBeCloseTo(Math.abs(a! - b!) / Math.SQRT2, 12);

    const refused = await decalign(['evaluate', at('several'), data]);
    expect(refused.stderr).toContain(
      `several is no run itself; name one of those in it, as in ${at('several', 'seed-7')}.`,
    );
    expect((await ok(['inspect', at('several')])).stdout).toContain('status: finished');
  });

  test('--dry-run trains and writes nothing', async () => {
    const { stdout } = await ok(['train', data, ...tiny, '--recipe', 'authors', '--dry-run', '--out', at('dry')]);
    for (const words of [
      'recipe: authors',
      'parameters: ',
      'steps_per_epoch: 1',
      'seconds_at_most: ',
      'text: 4 steps of 5',
    ])
      expect(stdout).toContain(words);
    const plan = await json(['train', data, ...tiny, '--modalities', 'text,vision', '--dry-run']);
    expect(plan['modalities']).toEqual({ text: '4 steps of 5', vision: '1 steps of 4' });
    expect(existsSync(at('dry')) || existsSync(at('runs'))).toBe(false);
  });
});

describe.concurrent('evaluate', () => {
  test("gives train's own numbers, exactly, from the run and from its file", async () => {
    const { test: own, confusion } = read('run', 'result.json') as { test: unknown; confusion: unknown };
    for (const model of [run, path.join(run, 'best.safetensors')])
      expect(await json(['evaluate', model, data])).toMatchObject({
        samples: 9,
        split: 'test',
        metrics: own,
        confusion,
      });
    const { valid } = read('classes', 'result.json') as { valid: Record<string, number> };
    const again = await json(['evaluate', classes, data, '--split', 'valid']);
    expect(again['metrics']).toEqual(valid);
    expect((await ok(['evaluate', classes, data])).stdout).toContain('WAF1 ↑');
  });
});

describe.concurrent("the authors' checkpoints", () => {
  const fixture = (name: string): string => path.join(import.meta.dirname, '../fixtures/decalign', name);
  const wave = (count: number, time: number, width: number): number[][][] =>
    Array.from({ length: count }, (_, n) =>
      Array.from({ length: time }, (__, t) => Array.from({ length: width }, (___, d) => Math.sin(n + t * 0.7 + d))),
    );

  test('are evaluated and used with their configuration', async () => {
    const file = at('authors.pkl');
    const features = { text: wave(4, 12, 24), audio: wave(4, 12, 5), vision: wave(4, 12, 20) };
    save(file, { test: { ...features, regression_labels: [1, -1, 2, 0.5] } });
    const call = [fixture('regression.pth'), file, '--config', fixture('regression.config.json')];
    const scored = await json(['evaluate', ...call]);
    const predicted = lines((await ok(['predict', ...call])).stdout);
    const mae =
      predicted.reduce((sum, { prediction, label }) => sum + Math.abs(Number(prediction) - Number(label)), 0) / 4;
    expect((scored['metrics'] as { mae: number }).mae).toBeCloseTo(mae, 5);
    expect((await ok(['inspect', fixture('regression.pth')])).stdout).toContain('proj_l.weight: float32 [16, 24, 1]');
  });
});

describe.concurrent('predict', () => {
  test('a line per sample, on stdout or in a file, with the label where it is known', async () => {
    const { stdout } = await ok(['predict', run, data]);
    const made = tables()['test']!;
    expect(lines(stdout).map(({ id }) => id)).toEqual(made['id']);
    expect(lines(stdout).map(({ label }) => label)).toEqual(
      made['regression_labels']!.map((x) => Math.fround(x as number)),
    );
    await ok(['predict', run, data, '--out', at('p.csv')]);
    const [head, ...rows] = readFileSync(at('p.csv'), 'utf8').trimEnd().split('\n');
    expect(head).toMatch(/^id,(group,)?label,prediction$/);
    expect(rows).toHaveLength(9);
    const saved = await ok(['predict', run, data, '--out', at('p.jsonl')]);
    expect(saved.stdout).toBe('');
    expect(readFileSync(at('p.jsonl'), 'utf8')).toBe(stdout);
  });

  test('a single sample without a label, in a file that holds only test, of fewer time steps', async () => {
    const made = Object.fromEntries(Object.entries(table(1, 3)).filter(([key]) => !key.endsWith('_labels')));
    const shorter = { ...made, audio: made['audio']!.map((steps) => (steps as number[][]).slice(0, 5)) };
    save(at('new.pkl'), { test: shorter });
    const [only, ...more] = lines((await ok(['predict', run, at('new.pkl')])).stdout);
    expect(more).toEqual([]);
    expect(Object.keys(only!)).toEqual(['id', 'prediction']);
    // The same sample as the first of the test split, whose last step is padding.
    const [first] = lines((await ok(['predict', run, data])).stdout);
    expect(only!.prediction).toBeCloseTo(first!.prediction as number, 5);
  });

  test('probabilities of classes by name', async () => {
    for (const { prediction, probabilities, label } of lines((await ok(['predict', classes, data])).stdout)) {
      const entries = Object.entries(probabilities!);
      expect(entries.reduce((sum, [, p]) => sum + p, 0)).toBeCloseTo(1, 5);
      expect(entries.sort((a, b) => b[1] - a[1])[0]![0]).toBe(prediction);
      expect(Object.keys(probabilities!)).toContain(label);
    }
  });

  test('--features: every representation, [N, width], by id', async () => {
    await ok(['predict', run, data, '--features', at('f.safetensors'), '--out', at('f.jsonl')]);
    const { tensors, metadata } = readSafetensors(readFileSync(at('f.safetensors')), { file: 'f' });
    expect(JSON.parse(metadata['ids']!)).toEqual(tables()['test']!['id']);
    const names = Object.keys(shapes);
    const kinds = ['attended', 'common', 'latent', 'projected', 'unique'];
    expect(Object.keys(tensors).sort()).toEqual(
      ['fused', ...kinds.flatMap((kind) => names.map((name) => `${kind}.${name}`))].sort(),
    );
    for (const [name, { shape }] of Object.entries(tensors)) expect(shape[0], name).toBe(9);
    for (const name of names)
      for (const kind of ['common', 'unique']) expect(tensors[`${kind}.${name}`]!.shape).toEqual([9, 8]);
    expect(tensors['fused']!.shape).toEqual([9, 48]);
  });
});

describe.concurrent('inspect', () => {
  test('data, runs, models, checkpoints', async () => {
    expect((await ok(['inspect', data])).stdout).toMatch(/^mosi: regression, -3 to 3 \(Python pickle\)\n\n/);
    expect(await json(['inspect', data])).toMatchObject({
      format: 'Python pickle',
      splits: { train: { samples: 24 } },
      strength: { metric: 'mae', modalities: Object.keys(shapes).map((name) => ({ name, fitted: 24 })) },
    });
    expect(await json(['inspect', run])).toMatchObject({ format: 'run', status: 'finished', epochs_done: 2 });
    expect((await ok(['inspect', path.join(run, 'best.safetensors')])).stdout).toContain(
      'head.weight: float32 [1, 48]',
    );
    expect((await ok(['inspect', path.join(run, 'checkpoint/latest.safetensors')])).stdout).toContain(
      'parameters/head.bias: ',
    );
  });

  test('a dataset that is made, as --set asks for it', async () => {
    const made = ['--set', 'data.synthetic.samples=30', '--set', 'data.synthetic.modalities=2'];
    expect(await json(['inspect', 'synthetic', ...made])).toMatchObject({
      format: 'synthetic',
      splits: { train: { samples: 30 } },
      modalities: [{ name: 'text' }, { name: 'audio' }],
    });
  });

  test('leakage comes first: a sample that is trained and tested on, a video in two splits', async () => {
    const made = tables();
    const [train, held] = [made['train']!, made['test']!];
    const leaking = Object.fromEntries(Object.keys(held).map((key) => [key, [...held[key]!, train[key]![0]!]]));
    const video = ({ id }: Table, name: string): string[] => id!.map((_, n) => `${name}${n}`);
    const splits = {
      ...{
        train: { ...train, video: video(train, 'seen') },
        valid: { ...made['valid']!, video: video(made['valid']!, 'other') },
      },
      test: { ...leaking, video: [...video(held, 'new'), 'seen0'] },
    };
    save(at('leaking.pkl'), splits);
    const { stdout } = await ok(['inspect', at('leaking.pkl')]);
    const [, , heading, ...lines] = stdout.split('\n');
    expect(heading).toBe('Warnings');
    expect(lines.filter((line) => line.startsWith('  ! ')).slice(0, 3)).toEqual([
      expect.stringMatching(/1 id in more than one split/),
      expect.stringMatching(/1 sample in more than one split by identical features/),
      expect.stringMatching(/1 group, .* in more than one split/),
    ]);
    expect(await json(['inspect', at('leaking.pkl')])).toMatchObject({
      sharedIds: [train['id']![0]],
      identicalSamples: [
        [
          { split: 'train', row: 0 },
          { split: 'test', row: 9 },
        ],
      ],
      sharedGroups: [{ group: 'seen0', splits: ['train', 'test'] }],
      warnings: expect.arrayContaining([expect.stringContaining('1 id in more than one split')]) as string[],
    });
  });
});

describe.concurrent('export', () => {
  /** Runs an exported file on samples of the test split. */
  async function runs(directory: string, rows: readonly number[], spoil = false): Promise<Record<string, number[]>> {
    const session = await InferenceSession.create(path.join(directory, 'model.onnx'));
    const made = tables()['test']!;
    const feeds: Record<string, Ort.Tensor> = {};
    for (const [name, [time, width]] of Object.entries(shapes)) {
      const values = Float32Array.from(rows.flatMap((row) => (made[name]![row] as number[][]).flat()));
      const lengths = rows.map((row) => (time > 1 && row % 3 === 0 ? time - 1 : time));
      // NaN counts as 0, and what lies beyond the length counts for nothing.
      if (spoil)
        for (const [i, row] of rows.entries())
          if (lengths[i]! < time) values.fill(1e6, (i * time + lengths[i]!) * width, (i + 1) * time * width);
          else if (row === 1) values[i * time * width] = NaN;
      feeds[name] = new Tensor('float32', values, [rows.length, time, width]);
      if (session.inputNames.includes(`${name}_lengths`))
        feeds[`${name}_lengths`] = new Tensor('int64', BigInt64Array.from(lengths, BigInt), [rows.length]);
    }
    const results = await session.run(feeds);
    return Object.fromEntries(
      Object.entries(results).map(([name, { data: values }]) => [name, [...(values as Float32Array)]]),
    );
  }

  const close = (a: readonly number[], b: readonly number[]): void => {
    expect(a).toHaveLength(b.length);
    a.forEach((x, i) => expect(x).toBeCloseTo(b[i]!, 4));
  };

  test('runs in a plain runtime as predict does, for 1 and 7 samples', async () => {
    const { stdout } = await ok(['export', run]);
    expect(stdout).toContain(`${path.join(run, 'export', 'model.onnx')} (opset `);
    const own = lines((await ok(['predict', run, data])).stdout).map(({ prediction }) => prediction as number);
    const directory = path.join(run, 'export');
    for (const rows of [[3], [0, 1, 2, 3, 4, 5, 6]])
      close(
        (await runs(directory, rows))['prediction']!,
        rows.map((row) => own[row]!),
      );
    expect(JSON.parse(readFileSync(path.join(directory, 'model.json'), 'utf8'))).toMatchObject({
      format: 'decalign export 3',
      dataset: 'mosi',
      inputs: expect.arrayContaining([expect.objectContaining({ name: 'text', shape: ['batch', 4, 5] })]) as unknown[],
    });
    const bytes = readFileSync(path.join(directory, 'model.onnx')).toString('latin1');
    expect(bytes).not.toContain('com.microsoft');
    expect(bytes).toContain('validation');
  });

  test('of a fixed number of samples takes just so many', async () => {
    const directory = at('one');
    const { inputs } = await json(['export', run, '--batch', '1', '--out', directory]);
    expect(inputs).toContainEqual(expect.objectContaining({ name: 'text', shape: [1, 4, 5] }));
    const own = lines((await ok(['predict', run, data])).stdout).map(({ prediction }) => prediction as number);
    close((await runs(directory, [3]))['prediction']!, [own[3]!]);
    await expect(runs(directory, [3, 4])).rejects.toThrow('Got: 2 Expected: 1');
  });

  test('ignores steps beyond the length, and takes NaN for 0', async () => {
    await ok(['export', run, '--out', at('spoilt')]);
    const rows = [0, 1, 3, 4];
    const made = tables();
    for (const name of Object.keys(shapes)) (made['test']![name]![1] as number[][])[0]![0] = NaN;
    save(at('mosi-nan.pkl'), made);
    const own = lines((await ok(['predict', run, at('mosi-nan.pkl')])).stdout).map(
      ({ prediction }) => prediction as number,
    );
    close(
      (await runs(at('spoilt'), rows, true))['prediction']!,
      rows.map((row) => own[row]!),
    );
  });

  test('classes, as logits and probabilities', async () => {
    const description = await json(['export', classes, '--out', at('exported')]);
    expect(description).toMatchObject({ directory: at('exported'), task: { kind: 'classification' } });
    const own = lines((await ok(['predict', classes, data])).stdout).flatMap(({ probabilities }) =>
      Object.values(probabilities!),
    );
    close((await runs(at('exported'), [0, 1, 2, 3, 4, 5, 6, 7, 8]))['probabilities']!, own);
  });
});
