/** One training over several ranks: `mpirun -n N decalign train`. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRecord } from '../../src/runs/record/run-record.ts';
import type { StateDict } from '../../src/train/index.ts';
import { decalign, temporaryFolder } from '../cli/decalign.ts';
import { startHosts, whyNoHosts, type Hosts } from './hosts.ts';
import { onRanks, processOfRank, whyNoMpi, type MpiRun } from './mpirun.ts';
import { lastWeights, many, smallRun } from './small-run.ts';

const problem = whyNoMpi();
if (problem !== undefined) process.stderr.write(`The tests of ranks are skipped: ${problem}.\n`);

const folder = temporaryFolder();
const at = (name: string): string => path.join(folder, name);

const call = (out: string, ...more: readonly string[]): string[] => smallRun(at(out), more);
const weightsOf = (out: string): Promise<StateDict> => lastWeights(at(out));
/** So many epochs as no unit of a ReLU changes sides in, from where on the smallest difference grows. */
const some = ['--epochs', '9'];

/** Seconds without an answer that no living rank needs, however busy this machine is: ranks wait for each other's start, too. */
const patience = 15;

/** The largest difference of weights, but for biases of attention's keys, whose gradient is rounding alone. */
function difference(a: StateDict, b: StateDict): number {
  let apart = 0;
  for (const [name, values] of Object.entries(a))
    for (const [i, value] of values.entries())
      if (!name.endsWith('in_proj_bias') || Math.floor((3 * i) / values.length) !== 1)
        apart = Math.max(apart, Math.abs(value - b[name]![i]!));
  return apart;
}

/** What is printed of a run, but for its name. */
const textOf = (stdout: string, out: string): string => stdout.replaceAll(at(out), 'RUN');

describe.skipIf(problem !== undefined)('ranks', () => {
  let alone = '';
  beforeAll(async () => {
    const { code, stdout, stderr } = await decalign(call('one', ...some));
    expect({ code, stderr }).toMatchObject({ code: 0 });
    alone = textOf(stdout, 'one');
    const two = await onRanks(2, call('two', ...some));
    expect(two).toMatchObject({ code: 0, signal: null });
    expect(textOf(two.stdout, 'two').split('\n')[0]).toBe(alone.split('\n')[0]);
    // Each line of progress once: rank 0 alone is heard.
    expect(two.stderr.match(/^epoch 9\//gm)).toHaveLength(1);
  });

  test('of any number have the weights of one process, and leave what it leaves', async () => {
    const { code } = await onRanks(4, call('four', ...some));
    expect(code).toBe(0);
    const one = await weightsOf('one');
    for (const out of ['two', 'four']) {
      expect(difference(one, await weightsOf(out))).toBeLessThan(1e-5);
      const files = (name: string): string[] => readdirSync(at(name)).filter((file) => !file.startsWith('events.'));
      expect(files(out)).toEqual(files('one'));
    }
  });

  test('that compute batches in as many parts have the bits of one process, and keep their number', async () => {
    const parts = ['--set', 'train.parts=4'];
    expect(await decalign(call('parts', ...many, ...parts))).toMatchObject({ code: 0 });
    expect(await onRanks(4, call('each', ...many))).toMatchObject({ code: 0 });
    expect(await onRanks(3, call('more', ...many, ...parts))).toMatchObject({ code: 0 });
    const expected = await weightsOf('parts');
    // So long that rounding would have grown: units of ReLUs have changed sides.
    for (const out of ['each', 'more']) expect(await weightsOf(out)).toEqual(expected);
    expect(readRecord(path.join(at('each'), 'config.json')).config.train.parts).toBe(4);
  });

  test('go on with a run of another number of ranks', async () => {
    // So many epochs are left at the signal that it arrives before the last, however late it is.
    const stopped = await onRanks(4, call('others', ...many), {
      onStderr(text) {
        const first = processOfRank(0, at('others'));
        if (/^epoch 3\//m.test(text) && first !== undefined) process.kill(first, 'SIGKILL');
      },
    });
    expect(stopped.code).not.toBe(0);
    expect(await onRanks(3, call('others', ...many, '--resume'))).toMatchObject({ code: 0 });
    // A batch stays in four parts, which are summed in the same order.
    expect(await weightsOf('others')).toEqual(await weightsOf('parts'));
  });

  test('of which one stops answering end within the deadline, by one line that names it', async () => {
    let halted: number | undefined;
    const { code, stderr } = await onRanks(3, call('silent', ...many), {
      deadline: patience,
      onStderr(text) {
        if (halted !== undefined || !/^epoch 3\//m.test(text)) return;
        halted = processOfRank(1, at('silent'));
        process.kill(halted!, 'SIGSTOP');
      },
    });
    expect(code).toBe(1);
    const lines = stderr.split('\n').filter((line) => line.startsWith('decalign: '));
    expect(lines).toEqual([
      expect.stringMatching(
        /^decalign: Rank 1 \(.+\) gave no answer within 15 s, .*--resume goes on from the last checkpoint/,
      ),
    ]);
  });

  test('with other data or another configuration on one are refused before anything is trained', async () => {
    const other = await onRanks(2, [call('unlike'), [...call('unlike'), '--set', 'data.synthetic.seed=2']]);
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(
      /^decalign: Rank 1 of 2: it has other samples than rank 0 \(their hash is \w+, and there \w+\): every rank needs the same data\.$/m,
    );
    const unlike = await onRanks(2, [call('unlike'), [...call('unlike'), '--set', 'train.learningRate=0.1']]);
    expect(unlike.code).toBe(1);
    expect(unlike.stderr).toMatch(
      /^decalign: Rank 1 of 2: its configuration\.train\.learningRate is 0\.1, where rank 0 has 0\.002: every rank needs the same\.$/m,
    );
    expect(existsSync(at('unlike'))).toBe(false);
  });

  test('stop after the same step where a signal reaches one of them alone', async () => {
    let told = false;
    const { code, stderr } = await onRanks(2, call('signal', '--epochs', '400', '--seeds', '1,2'), {
      onStderr(text) {
        if (told || !/^epoch 3\//m.test(text)) return;
        told = true;
        process.kill(processOfRank(1, at('signal'))!, 'SIGTERM');
      },
    });
    expect(code).toBe(143);
    expect(stderr).toMatch(/^Interrupted\. To go on:\n {2}decalign train .* --resume$/m);
    expect(readdirSync(at('signal'))).toEqual(['seed-1']);
  });

  test('started by calls that differ are told so, and one that fails before they meet is heard', async () => {
    const seeds = await onRanks(2, [call('calls', '--seeds', '1,2'), call('calls', '--seeds', '1')]);
    expect(seeds.stderr).toMatch(
      /^decalign: Rank 1 of 2 was started with other options \(.*\): start all by one call\.$/m,
    );
    const wrong = await onRanks(2, [call('calls', '--epochs', '2'), call('calls', '--epochs', 'two')]);
    expect(wrong.code).not.toBe(0);
    expect(wrong.stderr).toContain("decalign: option '--epochs <n>' argument 'two' is invalid");
    expect(existsSync(at('calls'))).toBe(false);
  });

  test('tell of a wrong call once, and of a command that is for one process', async () => {
    const told = async (args: readonly string[]): Promise<string[]> =>
      (await onRanks(2, args)).stderr.split('\n').filter((line) => line.startsWith('decalign: '));
    expect(await told(['train', at('nothing.pkl')])).toEqual([expect.stringContaining('nothing.pkl: does not exist')]);
    expect(await told(['train', 'synthetic', '--epoks', '2'])).toEqual([
      expect.stringContaining('did you mean --epochs?'),
    ]);
    expect(await told(call('two'))).toEqual([expect.stringContaining('holds a run, which is never overwritten')]);
    expect(await told(['evaluate', at('two')])).toEqual([
      'decalign: evaluate runs in one process, and 2 were started; train alone runs over ranks. Start it without mpirun or srun.',
    ]);
  });
});

const noHosts = problem ?? whyNoHosts();
if (problem === undefined && noHosts !== undefined)
  process.stderr.write(`The tests of ranks on several machines are skipped: ${noHosts}.\n`);

describe.skipIf(noHosts !== undefined)('ranks on three machines', () => {
  let hosts: Hosts;
  beforeAll(async () => {
    hosts = await startHosts(3);
  });
  afterAll(() => {
    hosts.stop();
  });
  const over = (count: number): MpiRun => ({
    before: hosts.first,
    options: [...hosts.options, '--host', hosts.addresses.slice(0, count).join(','), '-x', 'DECALIGN_DEADLINE'],
  });

  test('of which one vanishes end within the deadline, and go on with two', async () => {
    let unplugged = false;
    const { stderr } = await onRanks(3, call('hosts', ...some), {
      ...over(3),
      deadline: patience,
      onStderr(text) {
        if (!unplugged && /^epoch 3\//m.test(text)) {
          unplugged = true;
          hosts.unplug(2);
        }
        // mpirun and its ssh go on waiting for the machine to say that it has ended.
        if (text.includes('gave no answer')) hosts.clear(0);
      },
    });
    expect(stderr).toMatch(/^decalign: Rank 2 \(hostc\) gave no answer within 15 s, /m);
    expect(await onRanks(2, call('hosts', ...some, '--resume'), over(2))).toMatchObject({ code: 0 });
    expect(difference(await weightsOf('one'), await weightsOf('hosts'))).toBeLessThan(1e-5);
  });
});
