/** What goes wrong: one line that says what, where and what to do; the right exit code; nothing left behind. */
import type { ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readProgress } from '../../src/runs/record/progress.ts';
import { statusOf } from '../../src/runs/record/status.ts';
import { decalign, decalignHere, filesIn, temporaryFolder, tiny, type Finished } from './decalign.ts';
import { Global, pickle, save, table, tables, type Tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (name: string): string => path.join(folder, name);
const once = [...tiny, '--epochs', '1'];

interface Expected {
  readonly code: 1 | 2;
  /** Each must occur in the one line. */
  readonly says: readonly string[];
}

function expectRefusal(result: Finished, { code, says }: Expected): void {
  const said = result.stderr.trimEnd();
  for (const words of says) expect(said).toContain(words);
  expect(said.split('\n'), said).toHaveLength(1);
  expect(said).toMatch(/^decalign: /);
  expect(said).not.toMatch(/\n\s+at /);
  expect(result).toMatchObject({ code, stdout: '' });
}

async function refused(args: readonly string[], expected: Expected): Promise<void> {
  expectRefusal(await decalignHere(args, { cwd: folder }), expected);
}

/** On a disk with room for files of so many KiB. */
async function refusedByDisk(args: readonly string[], expected: Expected, largestFile: number): Promise<void> {
  expectRefusal(await decalign(args, { cwd: folder, largestFile }), expected);
}

/** A file made from sound tables by a change. */
function spoiled(name: string, change: (made: Tables) => void): string {
  const made = tables();
  change(made);
  return save(at(name), made);
}

const run = at('run');
let sound = '';

beforeAll(async () => {
  sound = save(at('mosi-small.pkl'), tables());
  const trained = await decalignHere(['train', sound, ...once, '--out', run, '--quiet']);
  expect(trained, trained.stderr).toMatchObject({ code: 0, stderr: '' });
});

test('a process says so on stderr, and exits with the code', async () => {
  const wrong = await decalign(['train', 'synthetic', '--epoch', '3']);
  expectRefusal(wrong, { code: 2, says: ["unknown option '--epoch'"] });
  const missing = await decalign(['evaluate', at('nope'), sound]);
  expectRefusal(missing, { code: 1, says: ['nope does not exist'] });
});

describe('calls (exit 2)', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['an unknown command', ['trian', 'synthetic'], ["unknown command 'trian'; did you mean train?"]],
    ['an unknown flag', ['train', 'synthetic', '--epoch', '3'], ["unknown option '--epoch'; did you mean --epochs?"]],
    ['a missing argument', ['evaluate', 'run'], ["missing required argument 'data'", 'decalign evaluate --help']],
    ['no number', ['train', 'synthetic', '--seed', 'x'], ["'--seed <n>'", "'x'", 'whole number']],
    ['an unknown model', ['train', 'synthetic', '--model', 'decaling'], ['"decaling"', 'did you mean "decalign"?']],
    ['an unknown recipe', ['train', 'synthetic', '--recipe', 'author'], ['"author"', 'did you mean "authors"?']],
    [
      'a key of a made dataset for a file',
      ['inspect', 'mosi.pkl', '--set', 'data.synthetic.noise=1'],
      ['mosi.pkl is read as it is; --set goes with "synthetic" and "digits".'],
    ],
    [
      'a key that makes nothing',
      ['inspect', 'synthetic', '--set', 'model.width=8'],
      ['--set model.width=8: of synthetic the keys below data.synthetic alone decide what is made.'],
    ],
    [
      'a made dataset as one file',
      ['convert', 'synthetic', 'made.npz'],
      ['synthetic is made and no file; name a folder in the place of made.npz'],
    ],
    [
      'an unknown key',
      ['train', 'synthetic', '--set', 'model.widht=3'],
      ['"model.widht"', 'did you mean "model.width"?'],
    ],
    [
      'an unknown metric',
      ['train', 'synthetic', '--set', 'train.selection=mea'],
      ['train.selection', '"mea"', 'Did you mean "mae"?', 'acc7'],
    ],
    ['an unknown term', ['train', 'synthetic', '--without', 'mdd'], ['--without mdd', 'did you mean "mmd"?']],
    ['an unknown split', ['evaluate', 'run', 'synthetic', '--split', 'vlaid'], ["'vlaid'", 'train, valid, test']],
    ['no term', ['train', 'synthetic', '--without', ''], ["'--without <terms>'", 'names with commas between']],
    [
      'a term of a model without terms',
      ['train', 'synthetic', '--model', 'misa', '--without', 'transport'],
      ['--without transport', 'unknown key "model.without", which decalign has but not misa'],
    ],
    [
      'a term left out and weighed',
      ['train', 'synthetic', '--without', 'contrastive', '--set', 'model.weights.contrastive=1'],
      ['model.without leaves out contrastive, and model.weights.contrastive gives it a weight'],
    ],
    [
      'a modality that is not there',
      ['train', 'synthetic', '--set', 'model.mixture.prototypes={txet: 3, other: 5}'],
      ['model.mixture.prototypes names the modality "txet"', 'did you mean "text"?'],
    ],
    ['--resume without --out', ['train', 'synthetic', '--resume'], ['--resume needs --out']],
    [
      '--seed and --seeds',
      ['train', 'synthetic', '--seed', '1', '--seeds', '1,2'],
      ['--seed and --seeds cannot be given together'],
    ],
    [
      '--features that are no safetensors',
      ['predict', 'run', 'synthetic', '--features', 'x.npz'],
      ['--features', 'x.npz', '.safetensors'],
    ],
    ['a .pth without --config', ['evaluate', 'x.pth', 'synthetic'], ['x.pth', '--config FILE.json']],
  ])('%s', async (_, args, says) => {
    await refused(args, { code: 2, says });
  });
});

describe('data files (exit 1)', () => {
  const train = (file: string): string[] => ['train', file, ...once, '--out', at('never')];

  test('missing, with the nearest name', () =>
    refused(train(at('mosi-smal.pkl')), {
      code: 1,
      says: ['mosi-smal.pkl: does not exist; did you mean "mosi-small.pkl"?'],
    }));

  test('cut short', async () => {
    const file = save(at('cut.pkl'), tables());
    truncateSync(file, 1000);
    await refused(train(file), { code: 1, says: ['cut.pkl'] });
  });

  test('a pickle that wants to run something', async () => {
    const file = save(at('evil.pkl'), { train: new Global('os', 'system', [`touch ${at('owned')}`]) });
    await refused(train(file), { code: 1, says: ['evil.pkl', 'os.system'] });
    expect(readdirSync(folder)).not.toContain('owned');
  });

  test.each<[string, (made: Tables) => void, readonly string[]]>([
    ['a split that is missing', (made) => delete made['valid'], ['has no split "valid"', '"train", "test"']],
    ['a split without a modality', (made) => delete made['test']!['audio'], ['"test"', '"audio"']],
    ['unequal row counts', (made) => made['valid']!['text']!.pop(), ['"valid"', '"text"', '9', '10']],
    [
      'an infinite label',
      (made) => (made['train']!['regression_labels']![7] = Infinity),
      ['"train", row 7', 'label Infinity', 'no finite number'],
    ],
    ['a NaN label', (made) => (made['train']!['regression_labels']![3] = NaN), ['"train", row 3', 'NaN']],
  ])('%s', async (name, change, says) => {
    await refused(train(spoiled(`mosi ${name}.pkl`, change)), { code: 1, says: ['mosi', ...says] });
  });

  test('an unknown key in a configuration file', async () => {
    writeFileSync(at('mine.yaml'), 'train:\n  epohcs: 3\n');
    const says = ['mine.yaml: unknown key "train.epohcs"; did you mean "train.epochs"?'];
    await refused(['train', sound, '--config', at('mine.yaml')], { code: 1, says });
    await refused(['train', sound, '--config', at('none.yaml')], {
      code: 1,
      says: ['none.yaml: there is no such file'],
    });
  });
});

describe('training (exit 1)', () => {
  test('no run directory is left of what was refused', () => {
    expect(readdirSync(folder)).not.toContain('never');
    expect(readdirSync(folder)).not.toContain('runs');
  });

  test('a device that is not there leaves nothing', async () => {
    await refused(['train', sound, ...once, '--set', 'train.device=cuda', '--out', at('cuda')], {
      code: 1,
      says: ['cuda', 'cpu'],
    });
    expect(readdirSync(folder)).not.toContain('cuda');
  });

  test('diverging, which the run remembers', async () => {
    await refused(
      [
        'train',
        sound,
        ...tiny,
        '--epochs',
        '4',
        '--set',
        'train.learningRate=1e6',
        '--set',
        'train.clip=null',
        '--set',
        'train.schedule.warmup=0',
        '--quiet',
        '--out',
        at('diverged'),
      ],
      {
        code: 1,
        says: ['Training diverged at step', 'Lower train.learningRate'],
      },
    );
    expect(statusOf(at('diverged'))).toBe('failed');
    expect(readProgress(at('diverged'))!.failure).toMatch(/^Training diverged at step .*Lower train\.learningRate/);
  });

  test('an --out that holds something', async () => {
    mkdirSync(at('full'));
    writeFileSync(at('full/thesis.txt'), 'x');
    await refused(['train', sound, ...once, '--out', at('full')], {
      code: 1,
      says: ['full is not empty (thesis.txt)'],
    });
    await refused(['train', sound, ...once, '--seeds', '1,2', '--out', at('full')], {
      code: 1,
      says: ['full is not empty'],
    });
    await refused(['train', sound, ...once, '--out', run], { code: 1, says: ['holds a run', '--resume'] });
    await refused(['train', sound, ...once, '--out', sound], { code: 1, says: ['is a file', '--out'] });
    expect(filesIn(at('full'))).toEqual(['thesis.txt']);
  });

  test.each<[string, (below: string) => readonly string[]]>([
    ['--out', (below) => ['train', 'nowhere.pkl', '--out', below]],
    ['--out of several seeds', (below) => ['train', 'nowhere.pkl', '--seeds', '1,2', '--out', below]],
    ['--report', (below) => ['train', 'nowhere.pkl', '--report', `${below}/page.html`]],
    ['--out of a benchmark', (below) => ['benchmark', 'nowhere.pkl', '--out', below]],
    ['--plan of a sweep', (below) => ['sweep', 'nowhere.pkl', '--grid', 'model.width=8', '--plan', below]],
  ])('%s below a file is refused before any data is read', async (_, args) => {
    await refused(args(at('mosi-small.pkl/x')), {
      code: 1,
      says: ['mosi-small.pkl/x', 'a part of its path is a file'],
    });
  });

  test('--resume of what is no run, or another one', async () => {
    const resume = (...more: string[]): string[] => ['train', sound, ...once, ...more, '--resume'];
    await refused(resume('--out', at('full')), { code: 1, says: ['full holds no run'] });
    await refused(resume('--out', at('nowhere')), { code: 1, says: ['nowhere holds no run'] });
    await refused(resume('--out', at('nowhere'), '--seeds', '1,2'), {
      code: 1,
      says: ['nowhere holds no runs of several seeds'],
    });
    await refused(resume('--out', run, '--seeds', '1,2'), {
      code: 1,
      says: ['run holds a single run; resume it without --seeds.'],
    });
    await refused(resume('--out', run, '--set', 'train.batchSize=7'), {
      code: 1,
      says: ['cannot resume with another configuration: "train.batchSize" was', 'is now 7'],
    });
    await refused(resume('--out', run, '--seed', '2'), { code: 1, says: ['"seed" was 1 and is now 2'] });
    const other = spoiled('mosi-other.pkl', (made) => (made['train']!['regression_labels']![0] = 0.5));
    await refused(['train', other, ...once, '--out', run, '--resume'], {
      code: 1,
      says: ['cannot resume on other data'],
    });
  });

  test('a full disk leaves only whole files', async () => {
    const out = at('disk');
    const says = ['Cannot write', 'safetensors'];
    await refusedByDisk(['train', sound, ...once, '--quiet', '--out', out], { code: 1, says }, 16);
    expect(filesIn(out).filter((name) => !name.includes('tfevents'))).toEqual([
      'config.json',
      'environment.json',
      'progress.json',
    ]);
  });
});

describe('using a run (exit 1)', () => {
  test.each<[string, () => readonly string[], readonly string[]]>([
    ['no such place', () => ['evaluate', at('nope'), sound], ['nope does not exist']],
    ['a folder that is no run', () => ['evaluate', at('full'), sound], ['full is no run directory']],
    ['a device', () => ['evaluate', '/dev/zero', sound], ['/dev/zero: is no regular file']],
    ['a device for --config', () => ['train', sound, '--config', '/dev/zero'], ['/dev/zero: is longer than 16 MiB']],
    ['a file that is no model', () => ['predict', sound, sound], ['mosi-small.pkl']],
    ['nothing to export', () => ['export', at('full')], ['full is no run directory']],
    ['nothing to inspect', () => ['inspect', at('full')], ['no run']],
    ['data of another width', () => ['evaluate', run, 'synthetic'], ['synthetic', '"text"', '24', '5']],
    [
      'none of the modalities',
      () => ['predict', run, spoiled('a.pkl', (made) => (made['test'] = { id: ['a'] }))],
      ['a.pkl', 'features'],
    ],
    [
      'longer sequences',
      () => ['predict', run, spoiled('b.pkl', longer), '--long', 'refuse'],
      ['b.pkl', '"text"', '5 time steps', '4'],
    ],
    [
      'a split that is missing',
      () => ['predict', run, save(at('c.pkl'), { test: table(2, 4) }), '--split', 'valid'],
      ['c.pkl', 'has no split "valid"'],
    ],
    [
      'no labels',
      () => ['evaluate', run, spoiled('d.pkl', (made) => delete made['test']!['regression_labels'])],
      ['d.pkl', '"regression_labels"'],
    ],
    [
      'a folder to write into that is missing',
      () => ['predict', run, sound, '--out', at('missing/p.jsonl')],
      ['missing/p.jsonl', 'its folder does not exist'],
    ],
  ])('%s', async (_, args, says) => {
    await refused(args(), { code: 1, says });
  });

  test('a folder that holds a run is told the same by every command', async () => {
    cpSync(run, at('above/first'), { recursive: true });
    const says = [`above is no run itself; name one of those in it, as in ${at('above/first')}.`];
    for (const args of [
      ['inspect', at('above')],
      ['evaluate', at('above'), sound],
      ['reproduce', at('above')],
    ])
      await refused(args, { code: 1, says });
    await refused(['reproduce', sound], { code: 1, says: ['mosi-small.pkl is a file; name the directory of a run.'] });
  });

  function longer(made: Tables): void {
    made['test']!['text'] = made['test']!['text']!.map((steps) => [...(steps as number[][]), [1, 1, 1, 1, 1]]);
  }

  test('a full disk leaves no part of an export or of predictions', async () => {
    const says = ['Cannot write', 'model.onnx'];
    await refusedByDisk(['export', run, '--out', at('export')], { code: 1, says }, 4);
    expect(filesIn(at('export'))).toEqual([]);
    writeFileSync(at('many.pkl'), pickle({ test: table(200, 1) }));
    await refusedByDisk(['predict', run, at('many.pkl'), '--out', at('p.jsonl')], { code: 1, says: ['p.jsonl'] }, 4);
    expect(readdirSync(folder).filter((name) => name.includes('p.jsonl'))).toEqual([]);
  });

  // Node's own recursive mkdir never ends there.
  test.runIf(existsSync('/proc/self'))('a folder that the system lets nobody make', async () => {
    const out = ['--out', '/proc/decalign/x'];
    const says = ['Cannot make /proc/decalign: the system lets nobody make folders in /proc; choose another.'];
    const onStart = (child: ChildProcess): void => void setTimeout(() => child.kill(), 300_000).unref();
    expectRefusal(await decalign(['train', sound, ...once, '--quiet', ...out], { cwd: folder, onStart }), {
      ...{ code: 1, says },
    });
    const benchmark = ['benchmark', sound, '--models', 'misa', '--seeds', '1', '--epochs', '1'];
    await refused([...benchmark, '--quiet', ...out], { code: 1, says });
    await refused(['figures', run, '--only', 'curves', ...out], { code: 1, says });
    await refused(['report', run, '--out', '/proc/decalign/report.html'], { code: 1, says });
    await refused(['export', run, ...out], { code: 1, says });
  });

  test('--debug shows where it arose', async () => {
    const { stderr, code } = await decalignHere(['evaluate', at('nope'), sound, '--debug']);
    expect(stderr).toMatch(/does not exist.*\n\s+at /);
    expect(code).toBe(1);
  });
});
