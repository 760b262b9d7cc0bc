/** The command that a report prints under "To make it again" asks for the experiment that is in the folder. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { entriesNamed } from '../src/cli/benchmark/entries.ts';
import { entryNames } from '../src/cli/benchmark/variants.ts';
import { ablationEntries, type AblationTable } from '../src/experiments/ablation.ts';
import { writePlan } from '../src/experiments/benchmark/directory.ts';
import type { Entry } from '../src/experiments/benchmark/entries.ts';
import { sweepCells } from '../src/experiments/sweep-cells.ts';
import { experimentCommand } from '../src/report/experiment-command.ts';

const given = { set: [], options: [] };
const common = { data: [{ source: 'mosi.pkl' }], seeds: [1, 2], trials: 0, given };
const vacant = (): string => path.join(mkdtempSync(path.join(tmpdir(), 'decalign-')), 'made');

function commandOf(plan: Parameters<typeof writePlan>[1] & Readonly<Record<string, unknown>>): string {
  const directory = vacant();
  writePlan(directory, { ...common, ...plan });
  return experimentCommand(directory)!.replace(` --out ${directory}`, ' --out DIR');
}
const ofModels = async (models: string): Promise<readonly Entry[]> => entriesNamed(entryNames(models));

describe('the command of a benchmark', () => {
  test.each([
    'ridge,decalign,decalign@authors',
    'decalign,decalign:wide=model.width=64,model.layers=2,mult',
    'decalign:old=recipe=paper,model.width=64',
    'decalign@paper:old=model.width=64',
    'decalign:less=without=[mmd,moments],model.width=64',
    'decalign:stated=model.without=["mmd","moments"]',
  ])('has variants with their settings: %s', async (models) => {
    const entries = await ofModels(models);
    const command = commandOf({ kind: 'benchmark', entries });
    const [, quoted, plain] = / --models (?:'([^']*)'|(\S*)) --seeds 1,2 --out DIR$/.exec(command)!;
    expect(await ofModels(quoted ?? plain!)).toEqual(entries);
  });

  test('has what else was asked for, each as a word', async () => {
    const asked = {
      set: [{ pair: 'model.width=16' }, { entry: 'mult', pair: 'model.layers=2' }],
      options: [{ name: '--group my column', key: 'data.group', value: 'my column' }],
    };
    const data = [{ source: 'my mosi.pkl', folds: { of: 5, count: 5 } }];
    const entries = await ofModels('mult');
    expect(commandOf({ kind: 'benchmark', entries, data, given: asked, trials: 3, decoupling: true })).toBe(
      "decalign benchmark 'my mosi.pkl' --models mult --seeds 1,2 --folds 5 --group 'my column' --set model.width=16 --set mult:model.layers=2 --tune 3 --decoupling --out DIR",
    );
  });
});

describe('of an experiment that was begun before the default recipe was another', () => {
  const begun = (plan: object): string => {
    const directory = mkdtempSync(path.join(tmpdir(), 'decalign-'));
    writeFileSync(path.join(directory, 'benchmark.json'), JSON.stringify({ ...common, ...plan }));
    return experimentCommand(directory)!.replace(` --out ${directory}`, '');
  };
  const entries = [
    { id: 'ridge', reference: 'ridge' },
    { id: 'decalign', model: 'decalign' },
    { id: 'decalign@authors', model: 'decalign', recipe: 'authors' },
    { id: 'mult', model: 'mult' },
  ];

  test('the command names the recipe that it meant', () => {
    const named = 'decalign benchmark mosi.pkl --models ridge,decalign@paper,decalign@authors,mult --seeds 1,2';
    expect(begun({ entries })).toBe(named);
    expect(begun({ entries, version: 2 })).toBe(named);
    expect(begun({ kind: 'ablation', entries: entries.slice(1, 2), version: 2 })).toContain(' --recipe paper ');
    expect(begun({ kind: 'sweep', entries: entries.slice(1, 2), version: 2 })).toContain(' --model decalign@paper ');
  });

  test('and gone on with since, too; one begun since then names none', () => {
    expect(begun({ entries, version: 3, given: { ...given, versionBegun: 2 } })).toContain(',decalign@paper,');
    expect(begun({ entries, version: 3 })).toContain(',decalign,');
  });
});

test.each<readonly [readonly AblationTable[], string | undefined, string]>([
  [[3, 4], undefined, ''],
  [[3], undefined, '--tables 3 '],
  [[4], 'paper', '--tables 4 --recipe paper '],
])('the command of an ablation has its tables and recipe: %j %s', (tables, recipe, options) => {
  const { entries } = ablationEntries({ tables, recipe, given, data: common.data });
  expect(commandOf({ kind: 'ablation', entries })).toBe(`decalign ablate mosi.pkl ${options}--seeds 1,2 --out DIR`);
});

test('the command of a sweep has its model, its keys with their values, and its folder', async () => {
  const keys = [
    { key: 'model.width', values: [16, 32] },
    { key: 'model.without', values: [['mmd'], []] },
  ];
  const [model] = await ofModels('decalign@paper');
  if (!model || model.reference !== undefined) throw new Error('It is a model.');
  const entries = sweepCells(model, keys).map(({ entry }) => entry);
  expect(commandOf({ kind: 'sweep', entries, keys, test: true })).toBe(
    `decalign sweep mosi.pkl --model decalign@paper --grid model.width=16,32 --grid 'model.without=["mmd"],[]' --seeds 1,2 --test --out DIR`,
  );
});
