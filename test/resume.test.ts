/** Stopped at any instant and resumed, a run ends with the very bits of one that was never stopped. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { resolveConfig } from '../src/config/index.ts';
import { synthetic } from '../src/data/datasets/synthetic.ts';
import { readCheckpoint } from '../src/runs/record/checkpoint.ts';
import { prepare, type Prepared } from '../src/runs/prepare.ts';
import { runTraining } from '../src/runs/training-run.ts';
import { decalign, decalignHere, temporaryFolder, tiny, type Finished } from './cli/decalign.ts';
import { save, tables } from './cli/feature-file.ts';
import { leftovers, outcome } from './crash/run.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);

describe('a process that is killed', () => {
  const epochs = 4;
  let call: string[] = [];
  /** How often a whole run changes files, which is when things befall it here. */
  let calls = 0;
  const middle = (fault: string): string => `${fault}@${Math.floor(calls / 2)}`;

  beforeAll(async () => {
    const data = save(at('data.pkl'), tables());
    const settings = ['train.batchSize=4', 'train.patience=null'].flatMap((setting) => ['--set', setting]);
    call = ['train', data, ...tiny, '--epochs', String(epochs), ...settings];
    expect(await decalign([...call, '--out', at('whole')], { calls: at('calls') })).toMatchObject({ code: 0 });
    calls = Number(readFileSync(at('calls'), 'utf8'));
  });

  /** Goes on with a run until it ends as one that was left alone. */
  async function resumed(out: string): Promise<void> {
    expect(await decalignHere([...call, '--out', out, '--resume'])).toMatchObject({ code: 0 });
    expect(outcome(out)).toEqual(outcome(at('whole')));
    expect(leftovers(out)).toEqual([]);
  }

  test('again and again with -9', async () => {
    const out = at('killed');
    const third = `SIGKILL@${Math.floor(calls / 3)}`;
    expect(await decalign([...call, '--out', out], { fault: third })).toMatchObject({ signal: 'SIGKILL' });
    const again = await decalign([...call, '--out', out, '--resume'], { fault: third });
    expect(again).toMatchObject({ signal: 'SIGKILL' });
    expect(existsSync(path.join(out, 'result.json'))).toBe(false);
    await resumed(out);
    expect(readFileSync(path.join(out, 'metrics.jsonl'), 'utf8').trim().split('\n')).toHaveLength(epochs);
    const starts = JSON.parse(readFileSync(path.join(out, 'environment.json'), 'utf8')) as unknown[];
    expect(starts).toHaveLength(3);

    // What is finished is told again, and not touched.
    const before = statSync(path.join(out, 'checkpoint/latest.safetensors')).mtimeMs;
    const finished = await decalignHere([...call, '--out', out, '--resume', '--json']);
    expect(JSON.parse(finished.stdout)).toMatchObject({ run: out, seed: 1 });
    expect(statSync(path.join(out, 'checkpoint/latest.safetensors')).mtimeMs).toBe(before);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s finishes its step, keeps it, says how to go on and exits with %i', async (signal, code) => {
    const out = at(signal);
    const result = await decalign([...call, '--out', out], { fault: middle(signal) });
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain('finishing the step; once more to stop at once');
    const told = /To go on:\n {2}decalign (.*)\n$/.exec(result.stderr)![1]!;
    expect(told).toBe([...call, '--out', out, '--resume'].join(' '));
    await resumed(out);
  });

  test('by a second signal stops at once, and that too loses nothing', async () => {
    const out = at('twice-signalled');
    const result = await decalign([...call, '--out', out], { fault: middle('SIGINT+SIGTERM') });
    // Which of its threads hears one first is the system's choice.
    expect([130, 143]).toContain(result.code);
    expect(result.stdout).toBe('');
    expect(result.stderr).not.toContain('To go on');
    expect(leftovers(out)).toEqual([]);
    await resumed(out);
  });

  test('is alone on its run until it is dead', async () => {
    const out = at('two');
    let second: Promise<Finished> | undefined;
    let pid: number | undefined;
    const first = await decalign([...call, '--out', out], {
      fault: middle('SIGSTOP'),
      onStderr(said, child) {
        if (second || !said.includes('stopped')) return;
        ({ pid } = child);
        second = decalignHere([...call, '--out', out, '--resume']);
        void second.then(() => child.kill('SIGKILL'));
      },
    });
    expect(first.signal).toBe('SIGKILL');
    const { code, stderr } = await second!;
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^decalign: ${out} is being trained into by process ${pid} on .*\\n$`));
    await resumed(out);
  });

  test('with its machine is gone on with from another, once its lease has run out', async () => {
    const out = at('elsewhere');
    expect(await decalign([...call, '--out', out], { fault: middle('SIGKILL') })).toMatchObject({ signal: 'SIGKILL' });
    const lock = leftovers(out).find((name) => name.includes('.lock.'))!;
    const lease = JSON.parse(readFileSync(path.join(out, lock), 'utf8')) as object;
    writeFileSync(path.join(out, '.lock.77.1-abcdef01.node7'), JSON.stringify({ ...lease, seconds: 0.06 }));
    rmSync(path.join(out, lock));
    const { code, stderr } = await decalignHere([...call, '--out', out, '--resume', '--quiet']);
    expect(stderr).toMatch(/process 77 on node7: waiting until its lease of 0.06 s is renewed or has run out\n/);
    expect(code).toBe(0);
    expect(outcome(out)).toEqual(outcome(at('whole')));
  });

  test('keeps the seeds that were done', async () => {
    const seeds = [...call, '--seeds', '1,2'];
    expect(await decalignHere([...seeds, '--out', at('seeds')])).toMatchObject({ code: 0 });
    const out = at('seeds-killed');
    const fault = `SIGKILL@${Math.floor(calls * 1.5)}`;
    expect(await decalign([...seeds, '--out', out], { fault })).toMatchObject({ signal: 'SIGKILL' });
    const first = path.join(out, 'seed-1/best.safetensors');
    const { mtimeMs } = statSync(first);
    const { stdout } = await decalignHere([...seeds, '--out', out, '--resume', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ runs: [{ seed: 1 }, { seed: 2 }] });
    expect(statSync(first).mtimeMs).toBe(mtimeMs);
    for (const seed of ['seed-1', 'seed-2']) expect(outcome(path.join(out, seed))).toEqual(outcome(at('seeds', seed)));
  });
});

describe('whatever instant it was killed at', () => {
  // A small plateau of the learning rate, a moving average and dropout: all that a checkpoint must hold.
  const prepared = (): Prepared =>
    prepare(
      resolveConfig({
        recipe: 'paper',
        values: {
          model: {
            width: 8,
            heads: 2,
            layers: 1,
            dropout: { residual: 0.2 },
            without: ['heterogeneity', 'homogeneity'],
          },
          train: {
            ...{ epochs: 4, batchSize: 8, learningRate: 0.02, patience: null, average: 0.5, threads: 2 },
            schedule: { kind: 'plateau', warmup: 0.5, patience: 0, factor: 0.5 },
          },
        },
      }),
      synthetic({ samples: { train: 24, valid: 12, test: 12 } }),
    );

  /** Trains, copying the directory after every epoch. */
  async function train(directory: string, { resume = false, copies = false } = {}): Promise<void> {
    for await (const event of runTraining(prepared(), { seed: 3, directory, resume }))
      // Without the lock, which is of a process that is to be dead.
      if (copies && event.type === 'epoch')
        cpSync(directory, `${directory}-${event.epoch}`, {
          recursive: true,
          filter: (name) => !name.includes('.lock.'),
        });
  }

  const whole = at('in-process');
  beforeAll(() => train(whole, { copies: true }));

  /** The state after an epoch, changed as a kill may leave it, resumed and compared. */
  async function mends(name: string, epoch: number, change: (directory: string) => void): Promise<void> {
    const directory = at(name);
    cpSync(`${whole}-${epoch}`, directory, { recursive: true });
    change(directory);
    await train(directory, { resume: true });
    expect(outcome(directory)).toEqual(outcome(whole));
    expect(leftovers(directory)).toEqual([]);
  }
  const from = (epoch: number, file: string, directory: string): void => {
    cpSync(path.join(`${whole}-${epoch}`, file), path.join(directory, file));
  };

  test('the same seed and threads give the same bits', async () => {
    await train(at('twice'));
    expect(outcome(at('twice'))).toEqual(outcome(whole));
  });

  test('after an epoch', () => mends('after', 2, () => undefined));

  test('before its checkpoint: the next best and the next line are there already', () =>
    mends('early', 1, (directory) => {
      from(2, 'best.safetensors', directory);
      from(2, 'metrics.jsonl', directory);
    }));

  test('within a line, and within the file that becomes the checkpoint', () =>
    mends('within', 2, (directory) => {
      writeFileSync(path.join(directory, 'metrics.jsonl'), '{"epoch":3,"st', { flag: 'a' });
      writeFileSync(path.join(directory, 'checkpoint/.latest.safetensors.partial'), 'half');
    }));

  test('the best of an older epoch, or none, beside a newer checkpoint', async () => {
    await mends('stale', 3, (directory) => from(1, 'best.safetensors', directory));
    await mends('lost', 4, (directory) => rmSync(path.join(directory, 'best.safetensors')));
  });

  test('before the first checkpoint, with its best there', () =>
    mends('first', 1, (directory) => rmSync(path.join(directory, 'checkpoint'), { recursive: true })));

  test('between the two renames of a checkpoint: only the one before it is there', () =>
    mends('renames', 3, (directory) => rmSync(path.join(directory, 'checkpoint/latest.safetensors'))));

  test('with a latest checkpoint that the disk has damaged: told, and the one before it used', async () => {
    const directory = at('damaged');
    cpSync(`${whole}-3`, directory, { recursive: true });
    const file = path.join(directory, 'checkpoint/latest.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 4;
    writeFileSync(file, bytes);
    const warnings: string[] = [];
    for await (const event of runTraining(prepared(), { seed: 3, directory, resume: true }))
      if (event.type === 'warning') {
        warnings.push(event.message);
        // The sound one has taken its place: killed now, the next resume finds nothing amiss.
        expect(await readCheckpoint(directory)).toMatchObject({ state: { step: 6 } });
        expect(await readCheckpoint(directory)).not.toHaveProperty('warning');
      }
    expect(warnings).toEqual([
      `${file}: is damaged: its checksum is not that of its content. Going on from the checkpoint before it, of step 6.`,
    ]);
    expect(outcome(directory)).toEqual(outcome(whole));
  });

  test.each([1, 2, 3, 7, 9])('after step %i, where a checkpoint is written after every step', async (stop) => {
    const directory = at(`step-${stop}`);
    const options = { seed: 3, directory, checkpointEvery: stop % 2 ? { steps: 1 } : { minutes: 1e-9 } };
    for await (const event of runTraining(prepared(), { ...options, resume: false }))
      if (event.type === 'step' && event.step === stop) break;
    const started: unknown[] = [];
    for await (const event of runTraining(prepared(), { ...options, resume: true }))
      if (event.type === 'start') started.push(event.step);
    expect(started).toEqual([stop]);
    expect(outcome(directory)).toEqual(outcome(whole));
    expect(readFileSync(path.join(directory, 'config.json'), 'utf8')).toBe(
      readFileSync(path.join(whole, 'config.json'), 'utf8'),
    );
  });

  test('for another process, that has taken the run: it writes nothing more', async () => {
    const directory = at('taken');
    const running = async (): Promise<void> => {
      for await (const event of runTraining(prepared(), { seed: 3, directory, resume: false }))
        if (event.type === 'epoch' && event.epoch === 2)
          for (const name of leftovers(directory)) rmSync(path.join(directory, name));
    };
    await expect(running()).rejects.toThrow(`${directory} has been taken by another process`);
    expect(readFileSync(path.join(directory, 'metrics.jsonl'), 'utf8').trim().split('\n')).toHaveLength(2);
    expect(await readCheckpoint(directory)).toMatchObject({ state: { epoch: 2 } });
    await train(directory, { resume: true });
    expect(outcome(directory)).toEqual(outcome(whole));
  });

  test('while config.json was written: nothing had begun, and it starts in the same place', async () => {
    const directory = at('begun');
    mkdirSync(directory);
    writeFileSync(path.join(directory, '.config.json.partial'), '{');
    await train(directory);
    expect(outcome(directory)).toEqual(outcome(whole));
    expect(leftovers(directory)).toEqual([]);
  });
});
