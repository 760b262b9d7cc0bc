/**
 * From files of one's own to a prediction by the export alone, as three newcomers go: two tables that are joined by ids,
 * nested JSON lines of sensors, and an MMSA pickle of other emotions. Nothing is edited by hand; the label is named.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExportDescription } from '../../src/index.ts';
import { complete, decalign, decalignHere, temporaryFolder, type Finished } from './decalign.ts';
import { deployed as deployedIn } from './deployed.ts';
import { save, type Table } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);

const here = (...args: readonly string[]): Promise<Finished> => decalignHere(args, { cwd: folder });
const done = async (...args: readonly string[]): Promise<Finished> => {
  const finished = await here(...args);
  expect(finished, finished.stderr).toMatchObject({ code: 0 });
  return finished;
};

/** Runs the example of deployment on an exported folder. */
const deployed = (...args: readonly string[]): Promise<Finished> => deployedIn(folder, args);

interface Line {
  readonly id: string;
  readonly prediction: number | string;
  readonly probabilities?: Readonly<Record<string, number>>;
}
const linesIn = ({ stdout }: Finished): Map<string, Line> =>
  new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
      .map((line) => [line.id, line]),
  );

/** Expects the same predictions for the same ids, which differ from each other. */
function expectAlike(found: Finished, expected: Finished): void {
  expect(found, found.stderr).toMatchObject({ code: 0 });
  const [own, known] = [linesIn(found), linesIn(expected)];
  expect([...own.keys()].sort()).toEqual([...known.keys()].sort());
  for (const [id, { prediction, probabilities }] of known) {
    const line = own.get(id)!;
    if (typeof prediction === 'number') expect(Math.abs(Number(line.prediction) - prediction)).toBeLessThan(1e-5);
    else expect(line.prediction).toBe(prediction);
    expect(Object.keys(line.probabilities ?? {})).toEqual(Object.keys(probabilities ?? {}));
    for (const [name, p] of Object.entries(probabilities ?? {}))
      expect(Math.abs(line.probabilities![name]! - p)).toBeLessThan(1e-5);
  }
  expect(new Set([...known.values()].map((line) => JSON.stringify([line.prediction, line.probabilities]))).size).toBe(
    known.size,
  );
}

const descriptionIn = (name: string): ExportDescription =>
  JSON.parse(readFileSync(at(name, 'model.json'), 'utf8')) as ExportDescription;
const jsonLines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const wave = (i: number): number => Math.round(1000 * Math.sin(1.7 * i)) / 1000;
/** The same rows in another order. */
const shuffled = <T>(rows: readonly T[]): T[] => rows.map((_, n) => rows[(11 * n + 3) % rows.length]!);

async function trained(data: string, label: string): Promise<void> {
  const { stdout } = await done('init-data', data, '--label', label);
  expect(stdout).toContain(`Wrote ${path.join(data, 'dataset.yaml')}`);
  await done('train', data, '--out', `${data}-run`, ...complete, '--set', 'train.epochs=2');
  await done('export', `${data}-run`, '--out', `${data}-onnx`);
}

describe('two tables with ids in other orders, which are missing on one side', () => {
  const comma = (value: number): string => String(value).replace('.', ',');
  const visit = (i: number): string[] => [
    i % 11 === 0 ? '' : String(20 + ((13 * i) % 60)),
    i % 13 === 0 ? 'NA' : ['Köln', 'Bonn', 'Ulm'][i % 3]!,
    i % 9 === 0 ? '' : ['ja', 'nein'][i % 2]!,
    `${1 + (i % 28)}.${1 + (i % 12)}.${2021 + (i % 3)}`,
    comma(25 + wave(i)),
  ];
  const lab = (i: number): string[] => [
    i % 7 === 0 ? '' : String(wave(3 * i)),
    ['A', '7', '1.0'][i % 3]!,
    String(i % 2 === 0),
    `"said ""so"", on a day like all others"`,
  ];
  const visits = (rows: readonly (readonly string[])[]): string =>
    ['Patient;Alter;Stadt;Raucher;Datum;BMI;Befund', ...rows.map((row) => row.join(';'))].join('\r\n');
  const labs = (rows: readonly (readonly string[])[]): string =>
    ['PID,CRP,Station,eilig,Notiz', ...rows.map((row) => row.join(','))].join('\n');
  const numbers = Array.from({ length: 70 }, (_, i) => i);

  beforeAll(async () => {
    mkdirSync(at('clinic'));
    const scored = (i: number): string[] => [`P${i}`, ...visit(i), comma(50 + 10 * wave(i))];
    writeFileSync(
      at('clinic/visits.csv'),
      visits(
        shuffled(numbers)
          .filter((i) => i % 10 !== 1)
          .map(scored),
      ),
    );
    writeFileSync(at('clinic/labs.csv'), labs(numbers.filter((i) => i % 10 !== 2).map((i) => [`P${i}`, ...lab(i)])));
    await trained('clinic', 'Befund');
    mkdirSync(at('later'));
    const later = [100, 101, 102, 103, 104, 105, 106, 107];
    const changed = (i: number): string[] => {
      const row = visit(i);
      if (i === 103) row[1] = 'Rom';
      return [`P${i}`, ...row, ''];
    };
    writeFileSync(at('later/visits.csv'), visits(later.filter((i) => i !== 104).map(changed)));
    const second = [...later].reverse().filter((i) => i !== 106);
    writeFileSync(at('later/labs.csv'), labs(second.map((i) => [`P${i}`, ...lab(i)])));
    copyFileSync(at('clinic/dataset.yaml'), at('later/dataset.yaml'));
  });

  test('are predicted from the export as by the run', async () => {
    const expected = await done('predict', 'clinic-run', 'later');
    expect(linesIn(expected).size).toBe(8);
    const found = await deployed('clinic-onnx', 'later/visits.csv', 'later/labs.csv');
    expectAlike(found, expected);
    expect(found.stderr).toBe('');
    expectAlike(await deployed('clinic-onnx', 'later/labs.csv', 'later/visits.csv'), expected);
  });

  test('are told in the export, without the label', () => {
    const { rows } = descriptionIn('clinic-onnx');
    expect(rows['visits']).toEqual({
      file: 'visits.csv',
      id: 'Patient',
      columns: [
        'Alter',
        { column: 'Stadt', category: ['Bonn', 'Köln', 'Ulm'] },
        { column: 'Raucher', category: ['ja', 'nein'] },
        { column: 'Datum', date: ['year', 'month', 'weekday', 'days'], order: 'dmy' },
        'BMI',
      ],
    });
    expect(rows['labs']!.columns).toEqual(['CRP', { column: 'Station', category: ['1.0', '7', 'A'] }, 'eilig']);
  });

  test('of which one is not there are predicted without it, and that is said', async () => {
    const found = await deployed('clinic-onnx', 'later/visits.csv');
    expect(found.stderr).toBe('warning: no sample has "labs": the model predicts without.\n');
    mkdirSync(at('alone'));
    copyFileSync(at('later/visits.csv'), at('alone/visits.csv'));
    const expected = await done('predict', 'clinic-run', 'alone/visits.csv');
    expect(expected.stderr).toContain('has labs: the model predicts without.');
    expect([...linesIn(found).values()].map(({ prediction }) => Number(prediction))).toEqual(
      [...linesIn(expected).values()].map(({ prediction }) => expect.closeTo(Number(prediction), 5) as unknown),
    );
  });

  test('may come as one file with the columns of both, alike by name', async () => {
    const rows = [
      { id: 'a', Alter: 40, Stadt: 'Ulm', Raucher: 'ja', Datum: '3.4.2022', CRP: 0.5, Station: 'A', eilig: true },
      { id: 'b', Alter: '41', Stadt: null, Datum: null, BMI: 30, Station: 7, eilig: false },
      { id: 'c', CRP: -1, Station: '1.0' },
      { id: 'd', Alter: 44, Stadt: '', BMI: 22.5 },
    ];
    writeFileSync(at('both.jsonl'), jsonLines(rows));
    expectAlike(await deployed('clinic-onnx', 'both.jsonl'), await done('predict', 'clinic-run', 'both.jsonl'));
  });

  test('that lack a column are predicted with it missing, and that is said', async () => {
    const text = readFileSync(at('later/visits.csv'), 'utf8').replace('BMI', 'Bmi');
    writeFileSync(at('renamed.csv'), text);
    const { code, stderr } = await deployed('clinic-onnx', 'renamed.csv');
    expect(code).toBe(0);
    expect(stderr).toContain('warning: no row has "BMI" of "visits": taken as missing; rename the column');
  });

  test.each([
    ['a number that is none', { Alter: 'old' }, '"Alter" is "old", which is no number'],
    ['a date that is none', { Datum: '2022-13-01' }, '"Datum" is "2022-13-01", which is no date in the order dmy'],
  ])('with %s are refused by line and id, as by the run', async (_, row, says) => {
    writeFileSync(
      at('wrong.jsonl'),
      jsonLines([
        { id: 'a', Alter: 3 },
        { id: 'b', ...row },
      ]),
    );
    const { code, stderr } = await deployed('clinic-onnx', 'wrong.jsonl');
    expect({ code, stderr: stderr.trim() }).toEqual({
      code: 1,
      stderr: expect.stringContaining(`wrong.jsonl, line 2 ("b"): ${says}`) as unknown,
    });
    expect(await here('predict', 'clinic-run', 'wrong.jsonl')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`row 1 ("b"): ${says}`) as unknown,
    });
  });

  test('whose ids are doubled, or missing, are refused where files are joined', async () => {
    const text = readFileSync(at('later/labs.csv'), 'utf8');
    writeFileSync(at('twice.csv'), `${text}\n${text.split('\n')[1]!}`);
    expect(await deployed('clinic-onnx', 'later/visits.csv', 'twice.csv')).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr: expect.stringMatching(/^twice\.csv, line 9: has the id "P107" again/) as unknown,
    });
    writeFileSync(at('nameless.csv'), text.replace('PID', 'number'));
    expect(await deployed('clinic-onnx', 'later/visits.csv', 'nameless.csv')).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr: 'nameless.csv, line 2: has no id, and files are joined by ids\n',
    });
  });
});

describe('nested JSON lines of sensors, which may be absent', () => {
  const steps = (count: number, i: number): object[] =>
    Array.from({ length: count }, (_, t) => ({ y: wave(i + t), x: wave(3 * i - t) }));
  const reading = (i: number) => ({
    device: { serial: `D${i}`, model: ['m1', 'm2'][i % 2] },
    imu: {
      acc: i % 5 === 0 ? null : steps(2 + (i % 4), i),
      ...(i % 6 !== 0 && { gyro: [[wave(i), 1], [0.5, wave(2 * i)], ...(i % 2 ? [[0, 1]] : [])] }),
    },
    pulse: i % 7 === 0 ? [] : Array.from({ length: 2 + (i % 3) }, (_, t) => 60 + wave(i * t)),
  });
  const added = [
    reading(201),
    { ...reading(202), pulse: [61, 0, 0] },
    {
      ...reading(203),
      imu: {
        gyro: [
          [0.25, 0.5],
          [0, 0],
        ],
      },
    },
    { ...reading(204), imu: null, pulse: [null, 60] },
    { device: { serial: 'D205', model: 'm9' }, pulse: [60, 61] },
    { device: { serial: 'D206' } },
  ];

  beforeAll(async () => {
    mkdirSync(at('sensors'));
    const rows = Array.from({ length: 60 }, (_, i) => ({ ...reading(i), activity: ['rest', 'walk', 'run'][i % 3] }));
    writeFileSync(at('sensors/day.jsonl'), jsonLines(shuffled(rows)));
    await trained('sensors', 'activity');
    writeFileSync(at('added.jsonl'), jsonLines(added));
  });

  test('are predicted from the export as by the run, with its classes', async () => {
    const expected = await done('predict', 'sensors-run', 'added.jsonl');
    const found = await deployed('sensors-onnx', 'added.jsonl');
    expectAlike(found, expected);
    expect([...linesIn(found).keys()]).toEqual(['D201', 'D202', 'D203', 'D204', 'D205', 'D206']);
    expect(Object.keys(linesIn(found).get('D201')!.probabilities!)).toEqual(['rest', 'run', 'walk']);
    expect(found.stderr).toBe('warning: 1 of 6 samples have none of the modalities.\n');
  });

  test('are predicted alike one by one: zeros at the end are steps, as they were in training', async () => {
    const whole = linesIn(await done('predict', 'sensors-run', 'added.jsonl'));
    for (const row of added.slice(0, 5)) {
      const line = jsonLines([row]);
      const child = await decalign(['predict', 'sensors-run', '-'], {
        cwd: folder,
        onStart: ({ stdin }) => void stdin?.end(line),
      });
      const [found] = linesIn(child).values();
      const expected = whole.get(row.device.serial)!;
      expect(found!.prediction).toBe(expected.prediction);
      for (const [name, p] of Object.entries(expected.probabilities!))
        expect(found!.probabilities![name]).toBeCloseTo(p, 5);
    }
  });
});

describe('an MMSA pickle of other emotions', () => {
  const emotions = ['awe', 'boredom', 'envy', 'pride'];
  /** Sequences of up to four steps, with zeros after them. */
  const table = (count: number, from: number): Table => {
    const of = <T>(value: (i: number) => T): T[] => Array.from({ length: count }, (_, n) => value(from + n));
    const padded = (i: number, width: number): number[][] =>
      Array.from({ length: 4 }, (_, t) =>
        Array.from({ length: width }, (_, d) => (t > i % 4 ? 0 : wave(i * (d + 1) + t) + 0.01)),
      );
    return {
      ...{ text: of((i) => padded(i, 3)), audio: of((i) => padded(3 * i + 1, 2)), vision: of((i) => padded(i + 2, 2)) },
      id: of((i) => `film${i % 7}$_$${i}`),
      raw_text: of(() => 'a few words that were said there'),
    };
  };
  const labels = { named: (i: number) => emotions[i % 4]!, numbered: (i: number) => 1 + (i % 4) };

  beforeAll(async () => {
    for (const [name, label] of Object.entries(labels)) {
      const split = (count: number, from: number): Table => ({
        ...table(count, from),
        classification_labels: Array.from({ length: count }, (_, n) => label(from + n)),
      });
      mkdirSync(at(name));
      save(at(name, 'features.pkl'), { train: split(32, 0), valid: split(12, 32), test: split(12, 44) });
      await trained(name, 'classification_labels');
    }
    save(at('new.pkl'), table(9, 300));
    await done('convert', 'new.pkl', 'new.jsonl');
  });

  test.each(Object.entries({ named: emotions, numbered: ['1', '2', '3', '4'] }))(
    'with %s classes is predicted from the export as by the run: zeros at the end are padding',
    async (name, classes) => {
      const expected = await done('predict', `${name}-run`, 'new.pkl');
      const found = await deployed(`${name}-onnx`, 'new.jsonl');
      expectAlike(found, expected);
      expect([...linesIn(found).keys()]).toEqual(
        Array.from({ length: 9 }, (_, n) => `film${(300 + n) % 7}$_$${300 + n}`),
      );
      expect(Object.keys(linesIn(found).get('film6$_$300')!.probabilities!)).toEqual(classes);
      // Without the padding, or with more of it, they are the same.
      const rows = readFileSync(at('new.jsonl'), 'utf8').trim().split('\n');
      const trimmed = rows.map((row) => row.replaceAll(/(,\[(0,?)+\])+\]/g, ']'));
      expect(trimmed).not.toEqual(rows);
      writeFileSync(at('trimmed.jsonl'), trimmed.join('\n'));
      expectAlike(await deployed(`${name}-onnx`, 'trimmed.jsonl'), expected);
      expectAlike(await done('predict', `${name}-run`, 'trimmed.jsonl'), expected);
    },
  );
});
