/** Numbers that are not finite, on the command line. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { decalignHere, temporaryFolder, tiny } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);

/** A file in which one value of one training sample is so large that its square is infinite. */
const whole = tables();
const [[first]] = whole['train']!['text'] as [[number[]]];
first[0] = 1e30;
const data = save(at('huge.pkl'), whole);
const call = ['train', data, ...tiny, '--epochs', '2', '--set', 'data.standardise=none', '--set', 'train.batchSize=4'];

test('training ends with one line: the step, the loss, the first op, and the samples', async () => {
  const { code, stderr } = await decalignHere([...call, '--out', at('stopped'), '--quiet']);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^decalign: Training diverged at step \d+ \(epoch 1\): .* is not finite: first \w+ \[.*\], which makes .*The samples of the batch: .*\n$/,
  );
});

test('or leaves the step out, and says how often', async () => {
  const { code, stderr } = await decalignHere([...call, '--on-nonfinite', 'skip', '--out', at('skipped')]);
  expect(code).toBe(0);
  expect(stderr).toMatch(/warning: step \d+ was left out: .* is not finite: first /);
  expect(stderr).toMatch(/epoch 1\/2 {2}\d steps? left out/);
  const [line] = readFileSync(at('skipped', 'metrics.jsonl'), 'utf8').split('\n');
  const { left_out: inFirst } = JSON.parse(line!) as { left_out: number };
  const { steps_left_out: all } = JSON.parse(readFileSync(at('skipped', 'result.json'), 'utf8')) as Record<
    string,
    number
  >;
  expect(inFirst).toBeGreaterThan(0);
  expect(all).toBeGreaterThan(inFirst);
});

test('another policy is a wrong call', async () => {
  const { code, stderr } = await decalignHere([...call, '--on-nonfinite', 'ignore']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/--on-nonfinite.*stop.*skip.*lower-lr/);
});
