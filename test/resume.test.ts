/** Stopped at any instant and resumed, a run ends with the very bits of one that was never stopped. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { resolveConfig } from '../src/config/index.ts';
import { synthetic } from '../src/data/datasets/synthetic.ts';
import { readCheckpoint } from '../src/runs/checkpoint.ts';
import { prepare, runTraining, type Prepared } from '../src/runs/training-run.ts';
import { decalign, temporaryFolder, tiny, type Finished } from './cli/decalign.ts';
import { save, tables } from './cli/feature-file.ts';
import { leftovers, outcome } from './crash/run.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);

describe('a process that is killed', () => {
  // So many that no machine is done with the rest before the signal has reached it.
  const epochs = 40;
  let call: string[] = [];

  beforeAll(async () => {
    const data = save(at('data.pkl'), tables());
    call = [
      'train',
      data,
      ...tiny,
      '--epochs',
      String(epochs),
      '--set',
      'train.batchSize=4',
      '--set',
      'train.patience=null',
    ];
    expect(await decalign([...call, '--out', at('whole')])).toMatchObject({ code: 0 });
  });

  /** Runs until stderr holds `text`, and so many milliseconds more, then sends signals. */
  function stopped(
    args: readonly string[],
    text: string,
    delay: number,
    ...signals: readonly NodeJS.Signals[]
  ): Promise<Finished> {
    let sent = false;
    return decalign(args, {
      onStderr(said, child) {
        if (sent || !said.includes(text)) return;
        sent = true;
        setTimeout(() => {
          for (const signal of signals) child.kill(signal);
        }, delay);
      },
    });
  }

  test('again and again with -9, between and within epochs', async () => {
    const out = at('killed');
    const resume = [...call, '--out', out, '--resume'];
    expect(await stopped([...call, '--out', out], ' nodes, ', 30, 'SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    for (const [epoch, delay] of [
      [1, 0],
      [3, 25],
      [4, 60],
    ] as const)
      expect(await stopped(resume, `epoch ${epoch}/`, delay, 'SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    expect(existsSync(path.join(out, 'result.json'))).toBe(false);
    expect(await decalign(resume)).toMatchObject({ code: 0 });
    expect(outcome(out)).toEqual(outcome(at('whole')));
    expect(readFileSync(path.join(out, 'metrics.jsonl'), 'utf8').trim().split('\n')).toHaveLength(epochs);
    expect(leftovers(out)).toEqual([]);
    const starts = JSON.parse(readFileSync(path.join(out, 'environment.json'), 'utf8')) as unknown[];
    expect(starts.length).toBeGreaterThan(1);

    // What is finished is told again, and not touched.
    const before = statSync(path.join(out, 'checkpoint/latest.safetensors')).mtimeMs;
    const again = await decalign([...resume, '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ run: out, seed: 1 });
    expect(statSync(path.join(out, 'checkpoint/latest.safetensors')).mtimeMs).toBe(before);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s finishes its step, keeps it, says how to go on and exits with %i', async (signal, code) => {
    const out = at(signal);
    const result = await stopped([...call, '--out', out], 'epoch 2/', 10, signal);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain('finishing the step; once more to stop at once');
    const told = /To go on:\n {2}decalign (.*)\n$/.exec(result.stderr)![1]!;
    expect(told).toBe([...call, '--out', out, '--resume'].join(' '));
    expect(await decalign(told.split(' '))).toMatchObject({ code: 0 });
    expect(outcome(out)).toEqual(outcome(at('whole')));
  });

  test('by a second signal stops at once, and that too loses nothing', async () => {
    const out = at('twice-signalled');
    // It sleeps until both are there, or it might be done with the first before the second is sent.
    const both = ['SIGSTOP', 'SIGINT', 'SIGTERM', 'SIGCONT'] as const;
    const result = await stopped([...call, '--out', out], 'epoch 3/', 0, ...both);
    // Which of its threads hears one first is the system's choice.
    expect([130, 143]).toContain(result.code);
    expect(result.stdout).toBe('');
    expect(result.stderr).not.toContain('To go on');
    expect(leftovers(out)).toEqual([]);
    expect(await decalign([...call, '--out', out, '--resume'])).toMatchObject({ code: 0 });
    expect(outcome(out)).toEqual(outcome(at('whole')));
  });

  test('is alone on its run until it is dead', async () => {
    const out = at('two');
    const resume = [...call, '--out', out, '--resume'];
    let second: Promise<Finished> | undefined;
    let pid: number | undefined;
    const first = await decalign([...call, '--out', out], {
      onStderr(said, child) {
        if (second || !said.includes('epoch 2/')) return;
        ({ pid } = child);
        second = decalign(resume);
        // It stays alive, but does nothing more, until the second has been told.
        child.kill('SIGSTOP');
        void second.then(() => child.kill('SIGKILL'));
      },
    });
    expect(first.signal).toBe('SIGKILL');
    const { code, stderr } = await second!;
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^decalign: ${out} is being trained into by process ${pid} on .*\\n$`));
    expect(await decalign(resume)).toMatchObject({ code: 0 });
    expect(outcome(out)).toEqual(outcome(at('whole')));
  });

  test('keeps the seeds that were done', async () => {
    const seeds = [...call, '--seeds', '1,2'];
    expect(await decalign([...seeds, '--out', at('seeds')])).toMatchObject({ code: 0 });
    const out = at('seeds-killed');
    expect(await stopped([...seeds, '--out', out], 'seed 2', 0, 'SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    const first = path.join(out, 'seed-1/best.safetensors');
    const { mtimeMs } = statSync(first);
    const { stdout } = await decalign([...seeds, '--out', out, '--resume', '--json']);
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
        values: {
          model: { width: 8, heads: 2, layers: 1, dropout: { residual: 0.2 } },
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

  test('while config.json was written: nothing had begun, and it starts in the same place', async () => {
    const directory = at('begun');
    mkdirSync(directory);
    writeFileSync(path.join(directory, '.config.json.partial'), '{');
    await train(directory);
    expect(outcome(directory)).toEqual(outcome(whole));
    expect(leftovers(directory)).toEqual([]);
  });
});
