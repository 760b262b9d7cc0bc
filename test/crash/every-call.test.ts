/**
 * The protocol of a run directory, without training: killed before every single call that changes a file and in the
 * middle of every write, and with each of them failing, what is left can be gone on with, to the very files.
 */
import fs, { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { resolveConfig } from '../../src/config/index.ts';
import { readCheckpoint } from '../../src/runs/record/checkpoint.ts';
import { isStarted, lockVacant } from '../../src/runs/record/out-directory.ts';
import { RunDirectory } from '../../src/runs/record/run-directory.ts';
import { readStarted } from '../../src/runs/record/started-run.ts';
import { readProgress } from '../../src/runs/record/progress.ts';
import { isLock, lockRun } from '../../src/runs/record/run-lock.ts';
import { taken } from '../../src/runs/record/testing.ts';
import type { TrainingState } from '../../src/train/index.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-calls-'));
afterAll(() => rmSync(folder, { recursive: true }));

const identity = { config: resolveConfig({}), seed: 1, hash: 'abc' };
const data = { name: 'data', task: { kind: 'regression', range: [-3, 3] }, metrics: 'mosi' } as const;
const origin = { source: 'data', overrides: {}, data };
const predictions = ['{"split":"test","id":"a","prediction":1}\n'];

// Progress is written by the clock: it stands still, so that there are as many calls in every run.
vi.spyOn(performance, 'now').mockReturnValue(0);
const epochs = 2;

/** After a step of three an epoch: a state whose numbers say which. */
const stateOf = (step: number): TrainingState => ({
  epoch: Math.floor(step / 3),
  step,
  parameters: { w: new Float32Array(50).fill(step) },
  ...{ mean: {}, variance: {}, running: {}, average: {}, schedule: { scale: 1, best: null, stale: 0 } },
  best: step < 3 ? null : { epoch: 1, value: 1, metrics: { mae: 1 }, parameters: { w: new Float32Array(50) } },
  underway: step % 3 === 0 ? null : { losses: { task: step }, diagnostics: {} },
  leftOut: { steps: 0, inARow: 0, inEpoch: 0, rate: 1 },
});

/** Does what a run does with its directory, from wherever that is. */
async function run(directory: string): Promise<void> {
  const going = isStarted(directory);
  if (going && readStarted(directory, identity).result !== undefined) return;
  const { release } = await taken(going ? lockRun(directory) : lockVacant(directory));
  try {
    const found = going ? await readCheckpoint(directory) : undefined;
    expect(found?.warning).toBeUndefined();
    goOn(directory, found?.state);
  } finally {
    release();
  }
}

function goOn(directory: string, state: TrainingState | undefined): void {
  const files = RunDirectory.open(directory, identity, origin, { ...(state && { state }), every: { steps: 2 } });
  try {
    const reached = { epoch: state?.epoch ?? 0, step: state?.step ?? 0 };
    files.append({ type: 'start', parameters: 50, nodes: 1, stepsPerEpoch: 3, epochs, ...reached });
    if (state?.best) files.writeBest(Uint8Array.of(state.best.epoch));
    for (let epoch = (state?.epoch ?? 0) + 1; epoch <= epochs; epoch++) {
      const common = { epoch, losses: { task: epoch }, diagnostics: {}, learningRate: 1 };
      for (let step = Math.max(state?.step ?? 0, epoch * 3 - 3) + 1; step <= epoch * 3; step++) {
        const underway = { losses: { task: step }, diagnostics: {} };
        const within = { ...stateOf(step), epoch: epoch - 1, underway };
        files.append({ type: 'step', step, ...common, gradientNorm: 1, state: within });
      }
      const best = epoch === 1;
      if (best) files.writeBest(Uint8Array.of(epoch));
      files.append({ type: 'epoch', ...common, valid: { mae: 1 }, leftOut: 0, best, state: stateOf(epoch * 3) });
    }
    files.append({ type: 'end', reason: 'finished', state: stateOf(epochs * 3) });
    files.writePredictions(predictions);
    files.writeResult({ valid: { mae: 1 } });
  } finally {
    files.close();
  }
}

const names = ['openSync', 'mkdirSync', 'writeSync', 'fsyncSync', 'ftruncateSync', 'renameSync', 'rmSync'] as const;
const originals = { ...fs };
const real = Object.fromEntries(names.map((name) => [name, originals[name]]));

/** From call `at` on nothing is changed any more, as in a process that is dead; or that call alone fails. Counts. */
function faulty(at: number, kind: 'kill' | 'fail'): { calls: number } {
  const seen = { calls: 0 };
  for (const name of names)
    Object.assign(fs, {
      [name]: (...args: readonly unknown[]): unknown => {
        const reads = name === 'openSync' && !/[wa]/.test(String(args[1]));
        const now = !reads && (kind === 'kill' ? ++seen.calls >= at : ++seen.calls === at);
        if (!now) return call(name, args);
        // Of a write, half is done.
        const bytes = args[1] as Uint8Array;
        if (name === 'writeSync' && seen.calls === at) call(name, [args[0], bytes, 0, Math.floor(bytes.length / 2)]);
        throw Object.assign(new Error('injected'), { code: 'EIO' });
      },
    });
  syncBuiltinESMExports();
  return seen;
}
const call = (name: string, args: readonly unknown[]): unknown =>
  Reflect.apply(real[name] as (...args: readonly unknown[]) => unknown, fs, args);

function mend(): void {
  Object.assign(fs, real);
  syncBuiltinESMExports();
}
afterEach(mend);

const contents = (directory: string): Record<string, string> =>
  Object.fromEntries(
    (readdirSync(directory, { recursive: true }) as string[])
      // When it was started and how fast it was, curves, and the checkpoint before the last, which is another after a failure
      // at the end.
      .filter((name) => !/tfevents|environment|progress|previous|checkpoint$/.test(name))
      .map((name) => [name, readFileSync(path.join(directory, name), 'latin1')]),
  );

describe.each(['kill', 'fail'] as const)('%s', (kind) => {
  test('at every call', async () => {
    const whole = path.join(folder, `${kind}-whole`);
    const { calls } = await counted(whole);
    const expected = contents(whole);
    expect(Object.keys(expected).sort()).toEqual([
      ...['best.safetensors', 'checkpoint/latest.safetensors', 'config.json', 'metrics.jsonl'],
      ...['predictions.jsonl', 'result.json'],
    ]);
    expect(readProgress(whole)).toMatchObject({ epoch: 2, epochs: 2, step: 6, steps: 6, seconds_left: 0 });
    expect(calls).toBeGreaterThan(50);
    // The first calls make the folder.
    for (let at = 3; at <= calls; at++) {
      const directory = path.join(folder, `${kind}-${at}`);
      faulty(at, kind);
      await expect(run(directory)).rejects.toThrow(/injected|Cannot write .* input\/output error/);
      mend();
      // What holds it is this very process, which goes on living.
      for (const name of readdirSync(directory).filter(isLock)) rmSync(path.join(directory, name));
      await run(directory);
      expect(contents(directory), `call ${at}`).toEqual(expected);
    }
  });
});

async function counted(directory: string): Promise<{ calls: number }> {
  const seen = faulty(Infinity, 'kill');
  await run(directory);
  mend();
  return seen;
}
