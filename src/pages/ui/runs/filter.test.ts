import { describe, expect, test } from 'vitest';
import { parseFilter, termsOf, type Value } from './filter.ts';

const keys = ['model', 'mae', 'status', 'seed', 'tag', 'started', 'duration', 'note', 'test.mae'];

const runs: Readonly<Record<string, Readonly<Record<string, readonly Value[]>>>> = {
  mult: {
    ...{ model: ['mult'], mae: [0.85], status: ['running'], seed: [1], tag: ['baseline', 'old'] },
    ...{ started: ['2026-03-01T10:00:00.000Z'], duration: [700], note: ['a second try'] },
  },
  decalign: {
    model: ['decalign'],
    mae: [0.95],
    status: ['finished'],
    seed: [1, 2, 3],
    tag: [],
    started: ['2026-02-01T10:00:00.000Z'],
  },
  misa: { model: ['misa+'], mae: [], status: ['finished'], seed: [10], duration: [30] },
};

const found = (text: string): string[] => {
  const filter = parseFilter(text, keys);
  expect(filter.problems).toEqual([]);
  return Object.entries(runs).flatMap(([name, values]) =>
    filter.matches({ valuesOf: (key) => values[key] ?? [], texts: [name, ...(values['note'] ?? []).map(String)] })
      ? [name]
      : [],
  );
};

describe('a filter', () => {
  test.each<[string, string[]]>([
    ['', ['mult', 'decalign', 'misa']],
    ['  model=mult   mae<0.9 status=running ', ['mult']],
    ['model=mult mae<0.8', []],
    ['mae>=0.95', ['decalign']],
    ['mae<=.85', ['mult']],
    ['MODEL=MULT', ['mult']],
    ['model=mult,decalign', ['mult', 'decalign']],
    ['model=m*', ['mult', 'misa']],
    ['model=misa+', ['misa']],
    ['model!=m*', ['decalign']],
    ['seed=1', ['mult', 'decalign']],
    ['seed=1,10', ['mult', 'decalign', 'misa']],
    ['seed=1.0', ['mult', 'decalign']],
    ['tag=old', ['mult']],
    ['tag!=old', ['decalign', 'misa']],
    ['tag=baseline tag=old', ['mult']],
    ['started>2026-02', ['mult', 'decalign']],
    ['started>=2026-02-15', ['mult']],
    ['duration>10m', ['mult']],
    ['duration<1h', ['mult', 'misa']],
    ['note~second', ['mult']],
    ['note="a second try"', ['mult']],
    ['"second try"', ['mult']],
    ['-mult', ['decalign', 'misa']],
    ['DECAL', ['decalign']],
    ['mae<1e0', ['mult', 'decalign']],
    ['model = mult', ['mult']],
    ['model= mult mae <.9', ['mult']],
    ['mae >= 0.95   seed = 1', ['decalign']],
    ['note ~ "a second try"', ['mult']],
    ['decal model != mult', ['decalign']],
    ['"model = mult"', []],
  ])('%s', (text, names) => {
    expect(found(text)).toEqual(names);
  });

  test.each<[string, string]>([
    ['modle=mult', 'There is no key "modle". Did you mean "model"? The button ? lists all.'],
    ['x=1', 'There is no key "x". The button ? lists all.'],
    ['mae<small', 'mae<small: "small" is no number, duration (10m, 2h) or date (2026-01-31).'],
    ['mae<', 'mae< says no value, as in mae<1.'],
    ['model=', 'model= says no value, as in model=a.'],
    ['note="open', 'note="open has a quote that is not closed.'],
  ])('%s is told as what it is, and left out', (text, problem) => {
    const { problems, matches } = parseFilter(text, keys);
    expect(problems).toEqual([problem]);
    expect(matches({ valuesOf: () => [], texts: [] })).toBe(true);
  });

  test('keeps the terms that it understands beside one that it does not', () => {
    const { problems, matches } = parseFilter('modle=x mae<0.9', keys);
    expect(problems).toHaveLength(1);
    expect([0.8, 1].map((mae) => matches({ valuesOf: () => [mae], texts: [] }))).toEqual([true, false]);
  });

  test('has its terms apart, but within quotes', () => {
    expect(termsOf('a  note="b c" "d e"')).toEqual(['a', 'note="b c"', '"d e"']);
  });
});
