/** New samples, of which there are neither labels nor splits: predicted from a file, from standard input, and from the export alone. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { complete, decalign, decalignHere, temporaryFolder, type Finished } from './decalign.ts';
import { deployed as deployedIn } from './deployed.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);

const here = (...args: readonly string[]): Promise<Finished> => decalignHere(args, { cwd: folder });
const done = async (...args: readonly string[]): Promise<Finished> => {
  const finished = await here(...args);
  expect(finished, finished.stderr).toMatchObject({ code: 0 });
  return finished;
};

/** Runs the example of deployment on the exported folder. */
const deployed = (args: readonly string[], input = ''): Promise<Finished> =>
  deployedIn(folder, ['onnx', ...args], { input });

const fromStandardInput = (input: string, ...args: readonly string[]): Promise<Finished> =>
  decalign(['predict', 'run', '-', ...args], { cwd: folder, onStart: ({ stdin }) => void stdin?.end(input) });

interface Line {
  readonly id: string;
  readonly prediction: number;
}
const linesIn = ({ stdout }: Finished): Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const idsIn = (finished: Finished): string[] => linesIn(finished).map(({ id }) => id);

const wave = (i: number): number => Math.round(1000 * Math.sin(1.7 * i)) / 1000;
const steps = (count: number, i: number): number[][] =>
  Array.from({ length: count }, (_, t) => [wave(i + t), wave(3 * i - t), 0.5 + wave(7 * t)]);
const jsonLines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Every fifth person has no `wrist`: null, an empty list or no key. */
const people = Array.from({ length: 60 }, (_, i) => ({
  id: `w${i}`,
  ...(i % 5 === 0 ? [{ wrist: null }, { wrist: [] }, {}][(i / 5) % 3] : { wrist: steps(2 + (i % 5), i) }),
  chest: [wave(i), wave(3 * i), wave(5 * i), 1 + wave(2 * i)],
  pulse: Array.from({ length: 2 + (i % 3) }, (_, t) => 60 + wave(i + t)),
  score: wave(i) + 0.1 * wave(11 * i),
}));
/** The last one has more steps than any in training; ids are in no order. */
const added = [
  { id: 'n3', wrist: steps(3, 1), chest: [0.1, null, 0.3, 0.4], pulse: [61, 62] },
  { id: 'n1', chest: [1, 2, 3, 4], pulse: [60.5, null] },
  { id: 12, wrist: steps(2, 2), chest: null, pulse: [61, 59] },
  { id: 'n0', wrist: null, chest: [0, 1, 0, 1], pulse: [] },
  { id: 'n9', wrist: steps(36, 3), chest: [0.5, 0.25, 0, 1], pulse: [60, 61, 62, 63, 64, 65, 66] },
];
const more = 'more time steps than';

beforeAll(async () => {
  mkdirSync(at('people'));
  writeFileSync(at('people/people.jsonl'), jsonLines(people));
  writeFileSync(at('new.jsonl'), jsonLines(added));
  await done('init-data', 'people');
  await done('train', 'people', '--out', 'run', ...complete, '--set', 'train.epochs=2');
  await done('export', 'run', '--out', 'onnx');
});

test('a sequence with a text in it, or an object, is refused by its row, rather than that all samples lack the modality', async () => {
  const [one, , two] = added;
  const odd = { ...two, wrist: [[1, 2, 'x']] };
  const { code, stderr } = await fromStandardInput(jsonLines([one!, odd]));
  expect(code).toBe(1);
  expect(stderr).toContain('standard input: row 1 ("12"): "wrist" is no list of numbers; correct it, or give null');
  writeFileSync(at('odd.jsonl'), jsonLines([{ id: 'a', wrist: 'none', chest: [1, 2, 3, 4] }]));
  const { stderr: said } = await here('predict', 'run', 'odd.jsonl');
  expect(said).toContain('odd.jsonl: row 0 ("a"): "wrist" is no list of numbers;');
  writeFileSync(at('odd.jsonl'), jsonLines([one!, { id: 'b', wrist: { x: 1 }, chest: [1, 2, 3, 4] }]));
  const { stderr: ofObject } = await here('predict', 'run', 'odd.jsonl');
  expect(ofObject).toContain('odd.jsonl: row 1 ("b"): "wrist" is no list of numbers;');
});

test('a row without an id among others is called by its place, and one without any modality is warned of', async () => {
  writeFileSync(at('bare.jsonl'), jsonLines([added[0]!, { wrist: null }, { id: null, chest: [1, 2, 3, 4] }]));
  const file = await done('predict', 'run', 'bare.jsonl');
  expect(idsIn(file)).toEqual(['n3', 'row-1', 'row-2']);
  expect(file.stderr).toBe(
    'warning: 1 of 3 samples has none of the modalities ("row-1"): predicted without anything to go by.\n',
  );
  expect(idsIn(await deployed(['bare.jsonl']))).toEqual(idsIn(file));
});

describe('samples without labels or splits', () => {
  test('are all predicted, alike from a file, from standard input and by the example of deployment', async () => {
    const file = await done('predict', 'run', 'new.jsonl');
    expect(idsIn(file)).toEqual(['n3', 'n1', '12', 'n0', 'n9']);
    const others = [
      await fromStandardInput(jsonLines(added)),
      await deployed(['new.jsonl']),
      await deployed(['-'], jsonLines(added)),
    ];
    for (const other of others) {
      expect(other, other.stderr).toMatchObject({ code: 0 });
      expect(idsIn(other)).toEqual(idsIn(file));
      for (const [n, { prediction }] of linesIn(file).entries())
        expect(Math.abs(linesIn(other)[n]!.prediction - prediction)).toBeLessThan(1e-5);
    }
    expect(new Set(linesIn(file).map(({ prediction }) => prediction)).size).toBe(5);
  });

  test('are cut where they are longer than in training, which is counted', async () => {
    const { stderr } = await done('predict', 'run', 'new.jsonl');
    expect(stderr).toBe(
      `warning: 1 of 5 samples of new.jsonl has ${more} in training and is cut: wrist of 1 to 6 (the longest has 36), pulse of 1 to 4 (the longest has 7); --long refuse stops instead.\n`,
    );
    expect((await deployed(['new.jsonl'])).stderr).toBe(
      `warning: 1 of 5 samples had ${more} the model takes and were cut; long: 'refuse' stops instead.\n`,
    );
    // What is beyond the steps of training changes nothing.
    const [last] = added.slice(-1);
    const short = { ...last, wrist: steps(36, 3).slice(0, 6), pulse: [60, 61, 62, 63] };
    writeFileSync(at('short.jsonl'), jsonLines([...added.slice(0, -1), short]));
    const cut = await done('predict', 'run', 'short.jsonl');
    expect(cut.stderr).toBe('');
    expect(linesIn(cut)).toEqual(linesIn(await done('predict', 'run', 'new.jsonl')));
  });

  test('are refused with --long refuse, which names the first', async () => {
    expect(await here('predict', 'run', 'new.jsonl', '--long', 'refuse')).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr:
        'decalign: new.jsonl: "wrist" of sample "n9" (row 4) has 36 time steps, but the model was trained on at most 6.\n',
    });
    expect(await deployed(['new.jsonl', '--long', 'refuse'])).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr: 'new.jsonl, line 5 ("n9"): "wrist" must have 1 to 6 steps of 3 numbers, and has 36\n',
    });
  });

  test('are called by their rows where they have no ids', async () => {
    const lines = jsonLines(added.map((sample) => ({ ...sample, id: undefined })));
    writeFileSync(at('nameless.jsonl'), lines);
    const rows = ['row-0', 'row-1', 'row-2', 'row-3', 'row-4'];
    expect(idsIn(await done('predict', 'run', 'nameless.jsonl'))).toEqual(rows);
    expect(idsIn(await deployed(['nameless.jsonl']))).toEqual(rows);
  });

  test('are predicted through the description of the training, which names labels that they lack', async () => {
    mkdirSync(at('later'));
    writeFileSync(at('later/people.jsonl'), jsonLines(added));
    writeFileSync(at('later/dataset.yaml'), readFileSync(at('people/dataset.yaml')));
    expect(linesIn(await done('predict', 'run', 'later'))).toEqual(linesIn(await done('predict', 'run', 'new.jsonl')));
  });

  test('are predicted one at a time, sequences of one feature included, whose steps only the model tells', async () => {
    const whole = linesIn(await done('predict', 'run', 'new.jsonl'));
    for (const [n, sample] of added.entries()) {
      writeFileSync(at('one.jsonl'), jsonLines([sample]));
      const [line] = linesIn(await done('predict', 'run', 'one.jsonl'));
      expect(Math.abs(line!.prediction - whole[n]!.prediction)).toBeLessThan(1e-5);
    }
  });
});

test('the export is shown by inspect: what it was trained on, and what it takes and gives', async () => {
  for (const place of ['onnx', 'onnx/model.onnx']) {
    const { stdout } = await done('inspect', place, '--json');
    const found = JSON.parse(stdout) as {
      inputs: Record<string, string>;
      outputs: Record<string, string>;
      config: object;
    };
    expect(found).toMatchObject({
      format: 'ONNX, by decalign export',
      model: 'decalign',
      seed: 1,
      config: { train: { epochs: 2 } },
    });
    expect(found.inputs['wrist']).toMatch(/^float32 \[batch, 6, 3\]: raw features/);
    expect(found.outputs['prediction']).toMatch(/^float32 \[batch\]: predicted value/);
  }
  writeFileSync(at('cut.onnx'), readFileSync(at('onnx/model.onnx')).subarray(0, 100));
  const { code, stderr } = await here('inspect', 'cut.onnx');
  expect({ code, lines: stderr.split('\n').length }).toEqual({ code: 1, lines: 2 });
  expect(stderr).toMatch(/^decalign: cut\.onnx: is no ONNX model \(.*\); copy or export it again\.\n$/);
});

describe('samples that are in splits', () => {
  test('are those of the test split, or of another, or all, in the order of the file', async () => {
    const names = ['train', 'test', 'valid', 'test'];
    const rows = people.slice(0, 8).map((row, i) => ({ ...row, split: names[i % 4] }));
    writeFileSync(at('divided.jsonl'), jsonLines(rows));
    expect(idsIn(await done('predict', 'run', 'divided.jsonl'))).toEqual(['w1', 'w3', 'w5', 'w7']);
    expect(idsIn(await done('predict', 'run', 'divided.jsonl', '--split', 'valid'))).toEqual(['w2', 'w6']);
    expect(idsIn(await done('predict', 'run', 'divided.jsonl', '--split', 'all'))).toEqual(rows.map(({ id }) => id));
    const some = await done('predict', 'run', 'people');
    expect(idsIn(some)).toHaveLength(9);
    expect(some.stderr).toBe(
      'people has splits: the 9 samples of test are predicted, and not those of train and valid; --split all takes all.\n',
    );
    for (const split of ['test', 'all'])
      expect((await done('predict', 'run', 'people', '--split', split)).stderr).toBe('');
    const lines = await done('predict', 'run', 'divided.jsonl');
    expect(lines.stderr).toContain(
      'divided.jsonl has splits: the 4 samples of test are predicted, and not those of train and valid;',
    );
    expect(idsIn(await done('predict', 'run', 'people', '--split', 'all'))).toEqual(people.map(({ id }) => id));
  });
});

test('ids are found by the name that the training had for them, in a file that is not described', async () => {
  mkdirSync(at('users'));
  const table = (ids: string, count: number): string =>
    [
      `${ids},age,visits,p0,p1,score`,
      ...Array.from({ length: count }, (_, i) => `u${i},${30 + i},${i % 3},${wave(i)},${wave(2 * i)},${wave(i)}`),
    ].join('\n');
  const part = (key: string): string => `{ file: users.csv, key: ${key} }`;
  writeFileSync(at('users/users.csv'), table('User ID', 40));
  writeFileSync(
    at('users/dataset.yaml'),
    `task: regression\nid: User ID\nlabels: ${part('score')}\nmodalities:\n  record: ${part('[age, visits]')}\n  pulse: ${part('[p0, p1]')}\n` +
      'split: { fractions: { train: 0.6, valid: 0.2, test: 0.2 } }\n',
  );
  await done('train', 'users', '--out', 'users-run', ...complete, '--set', 'train.epochs=1');
  writeFileSync(at('new.csv'), table('User ID', 3));
  expect(idsIn(await done('predict', 'users-run', 'new.csv'))).toEqual(['u0', 'u1', 'u2']);
  writeFileSync(at('by-id.csv'), table('id', 2));
  expect(idsIn(await done('predict', 'users-run', 'by-id.csv'))).toEqual(['u0', 'u1']);
});

test('of another width they are refused with what can be done about it where one predicts', async () => {
  writeFileSync(
    at('uneven.jsonl'),
    jsonLines([
      { id: 'a', wrist: [[1, 2, 3]] },
      { id: 'b', wrist: [[1, 2]] },
    ]),
  );
  const { code, stderr } = await here('predict', 'run', 'uneven.jsonl');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /"wrist" is 3 wide in row 0 \("a"\) and 2 in row 1 \("b"\); .* leave it out of the file: a model predicts without it\.\n$/,
  );
  expect(stderr).not.toContain('--modalities');
});

describe('standard input', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('leaves no file behind when it is ended by %s', async (signal, code) => {
    const temporary = at(`temporary-${signal}`);
    mkdirSync(temporary);
    const held = (): string[] => readdirSync(temporary).filter((name) => name.startsWith('decalign-'));
    const finished = await decalign(['predict', 'run', '-'], {
      cwd: folder,
      env: { TMPDIR: temporary },
      // Standard input stays open, so that the process waits for more of it.
      onStart: (child) => {
        child.stdin!.write('{"chest": [1, 2, 3, 4]}\n');
        const watch = setInterval(() => {
          if (held().length === 0) return;
          clearInterval(watch);
          child.kill(signal);
        }, 20);
      },
    });
    expect(finished).toMatchObject({ code, stdout: '', stderr: '' });
    expect(held()).toEqual([]);
  });

  test.each([
    ['that is no JSON', '{"chest": [1, 2, 3, 4]}\nchest\n', /^decalign: standard input: has no JSON object in line 2;/],
    [
      'of another width',
      jsonLines([
        { id: 'a', wrist: [[1, 2, 3]] },
        { id: 'b', wrist: [[1, 2]] },
      ]),
      /row 1 \("b"\)/,
    ],
    ['that is empty', '', /^decalign: standard input: is empty/],
    ['without a modality of the model', '{"arm": [1, 2]}\n', /^decalign: standard input: has no modality "wrist"/],
  ])('%s is refused in one line', async (_, input, says) => {
    const { code, stdout, stderr } = await fromStandardInput(input);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});
