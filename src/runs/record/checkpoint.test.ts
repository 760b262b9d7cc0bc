import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TrainingState } from '../../train/index.ts';
import { checkpointFile, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { version } from '../version.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'decalign-checkpoint-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const state: TrainingState = {
  epoch: 3,
  step: 17,
  parameters: { 'a.weight': Float32Array.of(1, -0, 1e-40), b: Float32Array.of(0.1) },
  mean: { b: Float32Array.of(2) },
  running: { 'state.centres': Float32Array.of(0, -1) },
  variance: { b: Float32Array.of(3) },
  average: { 'a.weight': Float32Array.of(1, 2, 3), b: Float32Array.of(4) },
  schedule: { scale: 0.1, best: 1 / 3, stale: 2 },
  best: {
    ...{ epoch: 2, value: 1 / 3, metrics: { mae: 1 / 3 } },
    parameters: { 'a.weight': Float32Array.of(4, 5, 6), b: Float32Array.of(5) },
  },
  underway: { losses: { task: 0.1 + 0.2 }, diagnostics: {} },
  leftOut: { steps: 3, inARow: 1, inEpoch: 2, rate: 0.5 },
};
const parameters = new Map([
  ['a.weight', { shape: [3] }],
  ['b', { shape: [1] }],
]);

test('a checkpoint comes back to the last bit', async () => {
  writeCheckpoint(dir, state);
  expect(await readCheckpoint(dir, parameters)).toEqual({ state });
});

test('a checkpoint of a run that has done nothing yet comes back', async () => {
  const fresh = { ...state, mean: {}, variance: {}, average: {}, best: null, underway: null };
  expect(await readCheckpoint(dir)).toBeUndefined();
  writeCheckpoint(dir, fresh);
  expect(await readCheckpoint(dir, parameters)).toEqual({ state: fresh });
});

test('numbers that are not finite come back too', async () => {
  const odd = { ...state, underway: { losses: { task: 1 }, diagnostics: { a: NaN, b: Infinity, c: -Infinity } } };
  writeCheckpoint(dir, odd);
  expect(await readCheckpoint(dir)).toEqual({ state: odd });
});

test('format 1, which had no checksum, is read', async () => {
  mkdirSync(join(dir, 'checkpoint'));
  copyFileSync(new URL('../../../test/fixtures/runs/checkpoint-1.safetensors', import.meta.url), checkpointFile(dir));
  expect(await readCheckpoint(dir, parameters)).toEqual({
    state: { ...state, leftOut: { steps: 0, inARow: 0, inEpoch: 0, rate: 1 } },
  });
});

test('another format is refused, with the version that wrote it, and the one before it is not looked at', async () => {
  writeCheckpoint(dir, state);
  writeCheckpoint(dir, state);
  const text = readFileSync(checkpointFile(dir), 'latin1');
  const other = text
    .replace('decalign checkpoint 2', 'decalign checkpoint 9')
    .replace(`\\"decalign\\":\\"${version}\\"`, '\\"decalign\\":\\"9.8.7\\"')
    .replace(/"sha256":"\w+"/, (found) => `"seal":"${' '.repeat(found.length - 9)}"`);
  writeFileSync(checkpointFile(dir), other, 'latin1');
  await expect(readCheckpoint(dir)).rejects.toThrow(
    `${checkpointFile(dir)} is a checkpoint of format 9, written by decalign 9.8.7; this is decalign ${version}, which reads formats up to 2. Go on with the version that wrote it`,
  );
});

describe('a damaged checkpoint', () => {
  const earlier = { ...state, epoch: 2, step: 11 };
  beforeEach(() => writeCheckpoint(dir, earlier));

  test('is noticed wherever a bit is changed, and the one before it is used', async () => {
    writeCheckpoint(dir, state);
    const bytes = readFileSync(checkpointFile(dir));
    for (let at = 0; at < bytes.length; at += 3) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << (at % 8);
      writeFileSync(checkpointFile(dir), flipped);
      const found = await readCheckpoint(dir, parameters);
      // A bit changed in the spaces that end the header, or in the name of the checksum, changes no content.
      if (found?.warning === undefined) expect(found).toEqual({ state });
      else expect(found.state).toEqual(earlier);
    }
  });

  test('says so, and where it goes on', async () => {
    writeCheckpoint(dir, state);
    const bytes = readFileSync(checkpointFile(dir));
    bytes[bytes.length - 2]! ^= 1;
    writeFileSync(checkpointFile(dir), bytes);
    expect((await readCheckpoint(dir))?.warning).toBe(
      `${checkpointFile(dir)}: is damaged: its checksum is not that of its content. Going on from the checkpoint before it, of step 11.`,
    );
  });

  test('cut short, empty, or another file', async () => {
    writeCheckpoint(dir, state);
    const file = checkpointFile(dir);
    const bytes = readFileSync(file);
    for (const length of [bytes.length - 3, 100, 8, 0]) {
      truncateSync(file, length);
      expect(await readCheckpoint(dir, parameters)).toMatchObject({
        state: earlier,
        warning: expect.stringContaining('latest.safetensors') as unknown,
      });
    }
    writeFileSync(file, 'no checkpoint at all');
    expect(await readCheckpoint(dir, parameters)).toMatchObject({ state: earlier });
  });

  test('is refused by name where there is none before it', async () => {
    truncateSync(checkpointFile(dir), 100);
    await expect(readCheckpoint(dir)).rejects.toThrow(
      /latest\.safetensors: .* No sound checkpoint is left; start the run/,
    );
  });

  test('killed between the two renames, only the one before it is there, and it is sound', async () => {
    writeCheckpoint(dir, state);
    renameSync(checkpointFile(dir), join(dir, 'checkpoint/.latest.safetensors.partial'));
    expect(await readCheckpoint(dir, parameters)).toEqual({ state: earlier });
  });
});

test.each([
  [
    'another size',
    { parameters: { ...state.parameters, b: Float32Array.of(1, 2) } },
    '"parameters/b", where the model has 1',
  ],
  [
    'one too many',
    { parameters: { ...state.parameters, c: Float32Array.of(1) } },
    '"parameters/c", where the model has none',
  ],
  ['one too few', { parameters: { b: Float32Array.of(1) } }, 'holds no values as "parameters/a.weight"'],
  ['half of an average', { average: { b: Float32Array.of(1) } }, 'holds no values as "average/a.weight"'],
  ['a moment alone', { variance: {} }, 'holds no values as "variance/b"'],
])('a checkpoint of another model is refused: %s', async (_, change, says) => {
  writeCheckpoint(dir, { ...state, ...change });
  await expect(readCheckpoint(dir, parameters)).rejects.toThrow(says);
});
