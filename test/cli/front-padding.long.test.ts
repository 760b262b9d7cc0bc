/** Sequences that are padded in front, and warnings about data: told by train, kept with the run, heeded by predict. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { complete, decalignHere, temporaryFolder, type Finished } from './decalign.ts';
import { pickle, shapes, tables, type Tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
/** The modalities are narrower than the default recipe's latents, which it warns of. */
const settings = [...complete, '--recipe', 'paper'];
const here = (...args: readonly string[]): Promise<Finished> => decalignHere(args, { cwd: folder });
const done = async (...args: readonly string[]): Promise<Finished> => {
  const finished = await here(...args);
  expect(finished, finished.stderr).toMatchObject({ code: 0 });
  return finished;
};

/** The tables with `text` and `audio` of different lengths, padded at the end or in front. */
function padded(where: 'end' | 'front'): Tables {
  const all = tables();
  for (const columns of Object.values(all))
    for (const name of ['text', 'audio'] as const) {
      const [time, width] = shapes[name];
      columns[name] = (columns[name] as number[][][]).map((steps, n) => {
        const own = steps.slice(0, 1 + (n % time)).map((step, t) => step.map((x) => x || 1 + t));
        const zeros = Array.from({ length: time - own.length }, () => Array<number>(width).fill(0));
        return where === 'end' ? [...own, ...zeros] : [...zeros, ...own];
      });
    }
  return all;
}
const train = (file: string, out: string, ...more: readonly string[]): Promise<Finished> =>
  done('train', file, '--out', out, ...settings, '--epochs', '1', ...more);
const warningsOf = (run: string): { kind: string; message: string }[] =>
  readFileSync(at(run, 'warnings.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; message: string });
const moved =
  /^"(text|audio)": steps of zeros stand in front of \d+ of 43 samples: taken for padding and moved to the end;/;

beforeAll(async () => {
  for (const where of ['end', 'front'] as const) writeFileSync(at(`${where}.pkl`), pickle(padded(where)));
  await train('end.pkl', 'end');
});

describe('padding in front', () => {
  test('trains as padding at the end does, is told once for all seeds, and is no warning under --quiet', async () => {
    const { stderr, stdout } = await train('front.pkl', 'front', '--seeds', '1,2', '--json');
    expect(stderr.split('\n').filter((line) => moved.test(line))).toHaveLength(2);
    const result = (run: string): unknown =>
      (JSON.parse(readFileSync(at(run, 'result.json'), 'utf8')) as { test: unknown }).test;
    expect(result('front/seed-1')).toEqual(result('end'));
    expect(JSON.parse(stdout)).toMatchObject({ runs: [{ seed: 1 }, { seed: 2 }] });
    for (const seed of ['seed-1', 'seed-2'])
      expect(warningsOf(`front/${seed}`)).toEqual(
        [1, 2].map(() => ({ kind: 'reading', message: expect.stringMatching(moved) as string })),
      );
    expect((await train('front.pkl', 'quiet', '--quiet')).stderr).toBe('');
    expect(warningsOf('quiet')).toHaveLength(2);
  });

  test('is padding in new samples, too, each alone and without lengths', async () => {
    const predictions = ({ stdout }: Finished): number[] =>
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { prediction: number }).prediction);
    const whole = predictions(await done('predict', 'front/seed-1', 'front.pkl', '--split', 'test'));
    expect(whole).toEqual(predictions(await done('predict', 'end', 'end.pkl', '--split', 'test')));
    const { test: own } = padded('front');
    for (const n of [0, 1, 5]) {
      const sample = Object.fromEntries(Object.keys(shapes).map((name) => [name, own![name]![n]]));
      writeFileSync(at('one.jsonl'), `${JSON.stringify(sample)}\n`);
      const [one] = predictions(await done('predict', 'front/seed-1', 'one.jsonl'));
      expect(Math.abs(one! - whole[n]!)).toBeLessThan(1e-5);
    }
  });

  test('is time steps by data.padding=end, as in runs before this key, which are resumed so', async () => {
    await train('front.pkl', 'steps', '--set', 'data.padding=end');
    const config = JSON.parse(readFileSync(at('steps/config.json'), 'utf8')) as {
      config: { data: { padding?: string } };
    };
    delete config.config.data.padding;
    writeFileSync(at('steps/config.json'), JSON.stringify(config));
    await train('front.pkl', 'steps', '--set', 'data.padding=end', '--resume');
    const { code, stderr } = await here(
      'train',
      'front.pkl',
      '--out',
      'steps',
      ...settings,
      '--epochs',
      '1',
      '--resume',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('--set data.padding=end.');
    const { stdout } = await done('evaluate', 'steps', 'front.pkl', '--json');
    const { test: measured } = JSON.parse(readFileSync(at('steps/result.json'), 'utf8')) as { test: object };
    expect((JSON.parse(stdout) as { metrics: object }).metrics).toEqual(measured);
  });
});

describe('numbers beyond the lengths of a file', () => {
  test('are an error of one line that counts them', async () => {
    const all = padded('end');
    for (const columns of Object.values(all)) columns['audio_lengths'] = columns['audio']!.map(() => 2);
    writeFileSync(at('wrong.pkl'), pickle(all));
    for (const args of [
      ['train', 'wrong.pkl', '--out', 'wrong'],
      ['inspect', 'wrong.pkl'],
      ['convert', 'wrong.pkl', 'packed'],
    ])
      expect(await here(...args)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /^decalign: .*wrong\.pkl: modality "audio": \d+ samples hold \d+ numbers other than zero beyond their lengths \(first in split "train", row 2 \("clip1\$_\$2"\)\); correct the lengths, or leave them out; data\.padding=end takes them for padding\.\n$/,
        ) as string,
      });
  });
});

test('what inspect finds is told by train, each once, and not again when it goes on', async () => {
  const all = padded('end');
  const { train: own, test: other } = all;
  for (const name of Object.keys(other!)) other![name]![0] = own![name]![0]!;
  writeFileSync(at('leaking.pkl'), pickle(all));
  const { stdout } = await done('inspect', 'leaking.pkl', '--json');
  const { warnings } = JSON.parse(stdout) as { warnings: string[] };
  expect(warnings).toEqual([
    expect.stringMatching(/^1 id in more than one split/),
    expect.stringMatching(/^1 sample in more than one split by identical features/),
    expect.stringMatching(/^1 group, .* in more than one split/),
  ]);
  const { stderr } = await train('leaking.pkl', 'leaking', '--quiet');
  expect(stderr).toBe(warnings.map((message) => `warning: ${message}\n`).join(''));
  expect(warningsOf('leaking')).toEqual(warnings.map((message) => ({ kind: 'data', message })));
  expect((await train('leaking.pkl', 'leaking', '--quiet', '--resume')).stderr).toBe('');
});
