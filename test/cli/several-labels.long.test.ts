/** Several labels of each sample, from two tables to a prediction by the export alone: init-data, train, evaluate, predict. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { random } from '../../src/data/random.ts';
import type { ExportDescription } from '../../src/index.ts';
import { decalign, decalignHere, temporaryFolder, type Finished } from './decalign.ts';
import { deployed } from './deployed.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);

type ByName = Readonly<Record<string, number | null>>;
interface Line {
  readonly id: string;
  readonly prediction: ByName;
  readonly probabilities?: ByName;
  readonly label?: ByName;
}

const here = (...args: readonly string[]): Promise<Finished> => decalignHere(args, { cwd: folder });
async function done(...args: readonly string[]): Promise<Finished> {
  const finished = await decalign(args, { cwd: folder });
  expect(finished, finished.stderr).toMatchObject({ code: 0 });
  return finished;
}
const linesIn = ({ stdout }: Finished): Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

const small = ['width=8', 'layers=1', 'heads=2'].flatMap((value) => ['--set', `model.${value}`]);

/** 160 people with two numbers of voice and face; what they are follows from both, and two of them do not say all. */
function writeTables(name: string, columns: (voice: number, face: number) => ByName): void {
  const source = random(3, 'several labels');
  mkdirSync(at(name));
  const rows = Array.from({ length: 160 }, (_, n) => {
    const [voice, face] = [source.normal(), source.normal()];
    const labels = columns(voice, face);
    if (n === 5) return { id: `p${n}`, voice, face, labels: { ...labels, [Object.keys(labels)[0]!]: null } };
    return { id: `p${n}`, voice, face, labels };
  });
  const csv = (head: readonly string[], body: readonly (readonly (string | number | null)[])[]): string =>
    [head, ...body].map((row) => row.map((cell) => String(cell ?? '')).join(',')).join('\n');
  const number = (x: number): string => (x + 0.1 * source.normal()).toFixed(4);
  writeFileSync(
    at(name, 'voice.csv'),
    csv(
      ['id', 'pitch', 'volume'],
      rows.map(({ id, voice }) => [id, number(voice), number(-voice)]),
    ),
  );
  writeFileSync(
    at(name, 'face.csv'),
    csv(
      ['id', 'brow', 'mouth', 'gaze'],
      rows.map(({ id, face }) => [id, number(face), number(2 * face), number(0)]),
    ),
  );
  writeFileSync(
    at(name, 'people.csv'),
    csv(
      ['id', ...Object.keys(rows[0]!.labels)],
      rows.map(({ id, labels }) => [id, ...Object.values(labels)]),
    ),
  );
}

describe.each([
  [
    'multilabel',
    (voice: number, face: number): ByName => ({
      label_happy: Number(face > 0.3),
      label_loud: Number(voice > 0.8),
      label_both: Number(voice + face > 0),
    }),
  ],
  ['multitarget', (voice: number, face: number): ByName => ({ target_arousal: 100 * voice, target_valence: face })],
] as const)('%s', (task, columns) => {
  const names = Object.keys(columns(0, 0));
  let [first, trained, evaluated, predicted] = [] as Finished[];

  beforeAll(async () => {
    writeTables(task, columns);
    first = await done('init-data', task);
    trained = await done('train', task, ...small, '--epochs', '12', '--out', `run-${task}`);
    evaluated = await done('evaluate', `run-${task}`, task, '--json');
    predicted = await done('predict', `run-${task}`, task, '--split', 'all');
  });

  test('init-data takes the columns that are called after a label for several of them', () => {
    const yaml = readFileSync(at(task, 'dataset.yaml'), 'utf8');
    expect(yaml).toContain(`task: ${task}\n`);
    for (const name of names) expect(yaml).toMatch(new RegExp(`labels:[^]*key:[^]*- ${name}\n`));
    expect(first!.stdout).toContain(`${task}: 112/24/24 samples`);
  });

  test('a training learns them better than the references of a constant', () => {
    const metric = task === 'multilabel' ? 'map' : 'r2';
    const { test: reached } = JSON.parse(readFileSync(at(`run-${task}`, 'result.json'), 'utf8')) as {
      test: Record<string, number>;
    };
    const references = JSON.parse(readFileSync(at(`run-${task}`, 'references.json'), 'utf8')) as Record<
      string,
      { test: Record<string, number> }
    >;
    const constant = references[task === 'multilabel' ? 'majority per label' : 'constant (median)']!;
    expect(reached[metric]).toBeGreaterThan(constant.test[metric]! + 0.2);
    expect(trained!.stderr).not.toContain('No references');
  });

  test('evaluate gives the figures of the training, with those of each label', () => {
    const { metrics } = JSON.parse(evaluated!.stdout) as { metrics: Record<string, number> };
    const { test: reached } = JSON.parse(readFileSync(at(`run-${task}`, 'result.json'), 'utf8')) as {
      test: Record<string, number>;
    };
    expect(metrics).toEqual(reached);
    for (const name of names) expect(metrics).toHaveProperty([`${task === 'multilabel' ? 'f1' : 'mae'}/${name}`]);
  });

  test('evaluate prints a table of the labels, too', async () => {
    const { stdout } = await here('evaluate', `run-${task}`, task);
    const heading = task === 'multilabel' ? /Acc ↑ +WAcc ↑ +F1 ↑ +WAF1 ↑ +AP ↑ +AUC ↑/ : /MAE ↓ +Corr ↑ +RMSE ↓ +R² ↑/;
    const [, below] = stdout.split(new RegExp(`\n\n(?= +${heading.source}\n${names[0]!} )`));
    expect(below, stdout).toBeDefined();
    expect(below!.trimEnd().split('\n').slice(1)).toHaveLength(names.length);
  });

  test('a description that lists fewer labels is predicted, those that it lacks are null', async () => {
    const yaml = readFileSync(at(task, 'dataset.yaml'), 'utf8');
    const [lacking, ...left] = names.toReversed();
    writeFileSync(at(task, 'fewer.yaml'), yaml.replace(new RegExp(` *- ${lacking!}\n`), ''));
    const fewer = path.join(task, 'fewer.yaml');
    const { code, stderr, stdout } = await here('predict', `run-${task}`, fewer, '--split', 'all');
    expect(code, stderr).toBe(0);
    const before = linesIn(predicted!);
    for (const [n, line] of linesIn({ ...predicted!, stdout }).entries()) {
      expect(line.prediction).toEqual(before[n]!.prediction);
      expect(line.label).toEqual({ ...before[n]!.label, [lacking!]: null });
    }
    expect(left.length).toBeGreaterThan(0);
    // Where they are scored they are needed.
    const scored = await here('evaluate', `run-${task}`, fewer);
    expect(scored.stderr).toContain(`lacks "${lacking!}" of the labels that the model was trained on`);
  });

  test('predict names every label, and tells one that is absent by null', () => {
    const lines = linesIn(predicted!);
    expect(lines).toHaveLength(160);
    for (const { prediction } of lines) expect(Object.keys(prediction)).toEqual(names);
    expect(lines.find(({ id }) => id === 'p5')!.label![names[0]!]).toBeNull();
    if (task === 'multitarget') return;
    for (const name of names) {
      // Where a label is predicted it is more probable than wherever it is not.
      const of = (value: number): number[] =>
        lines.filter(({ prediction }) => prediction[name] === value).map(({ probabilities }) => probabilities![name]!);
      expect(of(0).length + of(1).length).toBe(160);
      expect(Math.min(...of(1))).toBeGreaterThan(Math.max(...of(0)));
    }
  });

  test('compare scores what the runs kept, and what they predict of a file, as their training did', async () => {
    await done('train', task, ...small, '--epochs', '1', '--out', `short-${task}`);
    const runs = [`run-${task}`, `short-${task}`];
    const [kept, again] = [[], ['--data', task]].map(async (more) => {
      const { stdout } = await done('compare', ...runs, ...more, '--json');
      return (JSON.parse(stdout) as { runs: { test: { mean: Record<string, number> } }[] }).runs;
    });
    for (const [n, run] of runs.entries()) {
      const { test: reached } = JSON.parse(readFileSync(at(run, 'result.json'), 'utf8')) as {
        test: Record<string, number>;
      };
      for (const found of [await kept!, await again!])
        for (const [metric, value] of Object.entries(found[n]!.test.mean))
          expect(value).toBeCloseTo(reached[metric]!, 6);
    }
  });

  test('the export predicts the same, by its own thresholds', async () => {
    await done('export', `run-${task}`, '--out', `model-${task}`);
    const said = JSON.parse(readFileSync(at(`model-${task}`, 'model.json'), 'utf8')) as ExportDescription;
    expect(said.task).toMatchObject({ kind: task, names });
    expect(said.thresholds?.length).toBe(task === 'multilabel' ? names.length : undefined);
    const rows = [0, 1, 5].map((n) => {
      const cells = (file: string): string[] => readFileSync(at(task, file), 'utf8').split('\n')[n + 1]!.split(',');
      const [[id, pitch, volume], [, brow, mouth, gaze]] = [cells('voice.csv'), cells('face.csv')];
      return JSON.stringify(
        Object.fromEntries(
          Object.entries({ pitch, volume, brow, mouth, gaze })
            .map(([name, value]): [string, unknown] => [name, Number(value)])
            .concat([['id', id]]),
        ),
      );
    });
    writeFileSync(at(`new-${task}.jsonl`), rows.join('\n'));
    const byExport = linesIn(await deployed(folder, [`model-${task}`, `new-${task}.jsonl`]));
    const byRun = linesIn(predicted!);
    for (const line of byExport) {
      const same = byRun.find(({ id }) => id === line.id)!;
      for (const name of names) expect(line.prediction[name]).toBeCloseTo(same.prediction[name]!, 3);
      if (task === 'multilabel')
        for (const name of names) expect(line.probabilities![name]).toBeCloseTo(same.probabilities![name]!, 5);
    }
    expect(byExport).toHaveLength(3);
  });

  test('cross-validation scores all samples together', async () => {
    await done('train', task, ...small, '--epochs', '3', '--folds', '3', '--out', `folds-${task}`);
    const { pooled } = JSON.parse(readFileSync(at(`folds-${task}`, 'result.json'), 'utf8')) as {
      pooled: Record<string, number>;
    };
    expect(Object.values(pooled).every(Number.isFinite)).toBe(true);
  });

  test('a model of one label refuses them in a line', async () => {
    const refused = await here('train', task, '--model', 'pmr', '--out', `refused-${task}`);
    expect(refused.code).toBe(1);
    expect(refused.stderr.trim().split('\n').at(-1)).toMatch(
      /PMR takes one label of each sample, and the task multi\w+ has several/,
    );
  });
});

test('labels that are none are refused, and such as say nothing warned of, in a line each', async () => {
  writeTables('faulty', (voice, face) => ({ label_never: 0, label_some: Number(voice + face > 0) }));
  const described = (labels: string, task = 'multilabel'): string =>
    `task: ${task}\nmodalities: { voice: { file: voice.csv, key: [pitch, volume] }, face: { file: face.csv, key: [brow] } }\nlabels: { file: people.csv, key: ${labels} }\nsplit: { fractions: { train: 0.6, valid: 0.2, test: 0.2 } }\n`;
  const told = async (text: string, ...args: readonly string[]): Promise<string> => {
    writeFileSync(at('faulty', 'dataset.yaml'), text);
    const { stderr } = await here('train', 'faulty', ...small, '--epochs', '1', ...args);
    expect(stderr).not.toMatch(/\n\s+at /);
    return stderr;
  };
  expect(await told(described('[label_never, label_nevr]'))).toMatch(
    /people\.csv: has no "label_nevr"; did you mean "label_never"\?/,
  );
  expect(await told(described('[label_some, label_some]'))).toContain(
    'labels names "label_some" twice; name each label once.',
  );
  expect(await told(described('[label_some]', 'regression'))).toContain(
    'labels.key is of several labels, and the task regression has one',
  );
  expect(await told(described('label_some').replace('task: multilabel\n', ''))).toContain(
    'task: is missing; it is one of',
  );
  expect(await told(described('[label_never, label_some]'), '--out', 'never')).toContain(
    '"label_never" is never 1 in train: nothing is learnt of it; leave it out, or split by the labels.',
  );
  writeFileSync(at('faulty', 'people.csv'), readFileSync(at('faulty', 'people.csv'), 'utf8').replace('p1,0,', 'p1,2,'));
  expect(await told(described('[label_never, label_some]'), '--out', 'two')).toMatch(
    /label 2 of "label_never" is neither 0 nor 1; correct the file, or read values with the task multitarget\.$/m,
  );
});
