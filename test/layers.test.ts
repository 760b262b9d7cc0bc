/** Folders are layers: who may import whom, what must run in a browser, no cycles, small files. */

import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { layerOf, parse, projectSources, type Import, type Source, type Sources } from './sources.ts';

/** What the files of each folder of `src/` may import from the other folders. `types of X` allows `import type` alone. */
const layers: Readonly<Record<string, readonly string[]>> = {
  text: [],
  json: [],
  kernels: [],
  tensor: [],
  onnx: ['tensor'],
  runtime: ['onnx', 'tensor'],
  nn: ['tensor'],
  alignment: ['nn', 'tensor'],
  models: ['alignment', 'nn', 'tensor', 'text'],
  files: [],
  formats: ['files', 'json', 'kernels'],
  data: ['files', 'formats', 'json', 'kernels', 'metrics', 'types of tensor', 'text'],
  metrics: ['text'],
  parallel: [],
  train: ['json', 'kernels', 'data', 'metrics', 'models', 'nn', 'parallel', 'types of runtime', 'tensor'],
  analysis: ['data', 'metrics'],
  encoders: ['files', 'formats', 'json', 'nn', 'tensor', 'types of train'],
  config: ['json', 'models', 'data', 'train', 'text'],
  deploy: ['data', 'files', 'formats', 'metrics'],
  runs: [
    'analysis',
    'config',
    'data',
    'deploy',
    'encoders',
    'files',
    'formats',
    'json',
    'metrics',
    'models',
    'nn',
    'onnx',
    'parallel',
    'runtime',
    'tensor',
    'text',
    'train',
  ],
  interop: ['config', 'data', 'encoders', 'files', 'formats', 'models', 'nn', 'runs', 'tensor', 'text', 'train'],
  demo: ['data', 'deploy', 'files', 'json', 'metrics', 'models', 'report', 'runs', 'text'],
  report: ['config', 'data', 'experiments', 'figures', 'files', 'formats', 'json', 'metrics', 'models', 'runs', 'text'],
  figures: ['analysis', 'data', 'experiments', 'files', 'json', 'metrics', 'models', 'runs'],
  experiments: [
    'analysis',
    'config',
    'data',
    'files',
    'json',
    'kernels',
    'metrics',
    'models',
    'types of parallel',
    'runs',
    'text',
    'train',
  ],
};
// The command line imports everything, and nobody imports it; public interfaces may name everything but the command line.
const everything = [...Object.keys(layers), 'server'];
const mayImport: Readonly<Record<string, readonly string[]>> = {
  ...layers,
  server: Object.keys(layers),
  pages: [
    'deploy',
    'files',
    'formats',
    'json',
    'metrics',
    'text',
    'types of data',
    'types of demo',
    'types of figures',
    'types of runs',
    'types of server',
  ],
  cli: [...everything, 'index.ts'],
  'index.ts': everything,
  'web.ts': everything,
  'deploy.ts': ['deploy', 'files'],
};

/** What a browser needs must get by without `node:` modules, in whatever it imports too. */
const browserFolders = [
  'text',
  'json',
  'kernels',
  'tensor',
  'onnx',
  'nn',
  'alignment',
  'models',
  'metrics',
  'train',
  'config',
  'pages',
  'web.ts',
];
const browserFiles = ['random', 'dataset', 'features', 'standardise', 'batch', 'missing'].map(
  (name) => `src/data/${name}.ts`,
);
/** Of `deploy`, what is for Node. */
const deployInNode: ReadonlySet<string> = new Set(['src/deploy/node.ts', 'src/deploy/files.ts']);

/** Imports of types alone that may close a circle, and why. */
const circularTypes: Readonly<Record<string, string>> = {
  'src/tensor/tensor.ts -> src/tensor/op.ts':
    'a tensor is made by a node, a node applies an op, and an op makes tensors',
};

const lineLimit = 300;
/** Files that hold a table and nothing else, and may be as long as it is. */
const dataTables: ReadonlySet<string> = new Set();

describe('the sources of this project', () => {
  const sources = projectSources();

  test('are found', () => {
    expect(sources.size).toBeGreaterThan(5);
  });
  test('import along the layers only', () => {
    expect(brokenLayers(sources)).toEqual([]);
  });
  test('leave node: modules to what never runs in a browser', () => {
    expect(nodeInBrowser(sources)).toEqual([]);
  });
  test('have no import cycles, types included', () => {
    expect(importCycles(sources)).toEqual([]);
  });
  test('have no import cycles between the rooms of src/formats/', () => {
    expect(importCycles(roomsOf(sources, 'src/formats'))).toEqual([]);
  });
  test(`have at most ${lineLimit} lines a file`, () => {
    expect(longFiles(sources)).toEqual([]);
  });
});

describe('the rules', () => {
  const made = (files: Readonly<Record<string, string>>): Sources =>
    new Map(Object.entries(files).map(([path, text]) => [path, parse(path, text)]));

  test('a lower layer must not import a higher one, nor anyone the command line', () => {
    const sources = made({
      'src/tensor/a.ts': "import type { B } from '../nn/b.ts';",
      'src/nn/b.ts': "import { A } from '../tensor/a.ts'; export { c } from './c.ts'; import 'zod';",
      'src/train/t.ts': "const late = await import('../cli/main.ts');",
      'src/cli/main.ts': "import { A } from '../tensor/a.ts'; import { d } from '../index.ts';",
      'src/index.ts': "export { main } from './cli/main.ts';",
    });
    expect(brokenLayers(sources)).toEqual([
      'src/tensor/a.ts imports ../nn/b.ts, but src/tensor/ may import no other folder of src/.',
      'src/train/t.ts imports ../cli/main.ts, but src/train/ may import only json, kernels, data, metrics, models, nn, parallel, types of runtime, tensor.',
      `src/index.ts imports ./cli/main.ts, but src/index.ts may import only ${everything.join(', ')}.`,
    ]);
  });

  test('types of a layer are not its values', () => {
    const sources = made({
      'src/data/a.ts': "import type { T } from '../tensor/t.ts'; type U = import('../tensor/t.ts').U;",
      'src/data/b.ts': "export type { V } from '../tensor/t.ts';",
      'src/data/c.ts': "import { type T } from '../tensor/t.ts';",
    });
    expect(brokenLayers(sources)).toEqual([
      'src/data/c.ts imports ../tensor/t.ts, but src/data/ may import only files, formats, json, kernels, metrics, types of tensor, text.',
    ]);
  });

  test('a new folder, and a path out of src/, must be dealt with', () => {
    const sources = made({ 'src/new/a.ts': '', 'src/nn/b.ts': "import { x } from '../../test/x.ts';" });
    expect(brokenLayers(sources)).toEqual([
      'src/new/a.ts lies in src/new, which test/layers.test.ts does not know: add it to the table of layers there.',
      'src/nn/b.ts imports ../../test/x.ts, which lies outside src/ and is not published.',
    ]);
  });

  test('node: is found through whatever a browser file imports', () => {
    const sources = made({
      'src/data/batch.ts': "import { f } from './files.ts'; import type { g } from './typed.ts';",
      'src/data/files.ts': "import { readFileSync } from 'fs';",
      'src/data/typed.ts': "import 'node:os';",
      'src/nn/a.ts': "import type { Stats } from 'node:fs';",
    });
    expect(nodeInBrowser(sources)).toEqual([
      'src/data/batch.ts must run in a browser, but src/data/batch.ts -> src/data/files.ts imports fs.',
    ]);
  });

  const isCycle = 'is an import cycle: move what they share into a file of its own.';

  test('cycles are named, those of types too', () => {
    const sources = made({
      'src/nn/a.ts': "import { b } from './b.ts';",
      'src/nn/b.ts': "import { c } from './c.ts';",
      'src/nn/c.ts': "export * from './a.ts';",
      'src/nn/d.ts': "import type { e } from './e.ts';",
      'src/nn/e.ts': "import { d } from './d.ts';",
    });
    expect(importCycles(sources)).toEqual([
      `src/nn/a.ts -> src/nn/b.ts -> src/nn/c.ts -> src/nn/a.ts ${isCycle}`,
      `src/nn/d.ts -> src/nn/e.ts -> src/nn/d.ts ${isCycle}`,
    ]);
  });

  test('a cycle that is allowed is one of types', () => {
    const op = "import { Tensor } from './tensor.ts';";
    const types = made({ 'src/tensor/op.ts': op, 'src/tensor/tensor.ts': "import type { Op } from './op.ts';" });
    expect(importCycles(types)).toEqual([]);
    const values = made({ 'src/tensor/op.ts': op, 'src/tensor/tensor.ts': "import { apply } from './op.ts';" });
    expect(importCycles(values)).toEqual([`src/tensor/op.ts -> src/tensor/tensor.ts -> src/tensor/op.ts ${isCycle}`]);
  });

  test('a room that another imports does not import it', () => {
    const sources = made({
      'src/formats/open.ts': "import { a } from './a/read.ts';",
      'src/formats/a/read.ts': "import { b } from '../b/read.ts';",
      'src/formats/b/read.ts': "import './types.ts';",
      'src/formats/b/write.ts': "import type { c } from '../a/write.ts';",
      'src/formats/a/write.ts': "import '../format.ts';",
    });
    expect(importCycles(roomsOf(sources, 'src/formats'))).toEqual([
      `src/formats/a -> src/formats/b -> src/formats/a ${isCycle}`,
    ]);
  });

  test('a file of 301 lines is too long', () => {
    const sources = made({ 'src/nn/a.ts': 'x;\n'.repeat(300), 'src/nn/b.ts': 'x;\n'.repeat(301) });
    expect(longFiles(sources)).toEqual(['src/nn/b.ts has 301 lines; the most is 300. Split it by idea.']);
  });
});

function brokenLayers(sources: Sources): string[] {
  return [...sources].flatMap(([path, { imports }]) => {
    const layer = layerOf(path);
    const allowed = mayImport[layer];
    if (allowed === undefined) {
      return [
        `${path} lies in src/${layer}, which test/layers.test.ts does not know: add it to the table of layers there.`,
      ];
    }
    return imports.flatMap(({ name, typeOnly, path: target }) => {
      if (target === undefined) return [];
      if (!target.startsWith('src/')) return [`${path} imports ${name}, which lies outside src/ and is not published.`];
      const to = layerOf(target);
      if (to === layer || allowed.includes(to) || (typeOnly && allowed.includes(`types of ${to}`))) return [];
      const rule = allowed.length === 0 ? 'no other folder of src/' : `only ${allowed.join(', ')}`;
      return [`${path} imports ${name}, but src/${layer}${layer.endsWith('.ts') ? '' : '/'} may import ${rule}.`];
    });
  });
}

/** What a file needs when it runs. */
const valuesOf = (sources: Sources, path: string): readonly Import[] =>
  (sources.get(path)?.imports ?? []).filter(({ typeOnly }) => !typeOnly);

/** Each `node:` module once, by the shortest way from the first browser file that reaches it. */
function nodeInBrowser(sources: Sources): string[] {
  const isStart = (path: string): boolean =>
    browserFolders.includes(layerOf(path)) ||
    browserFiles.includes(path) ||
    (layerOf(path) === 'deploy' && !deployInNode.has(path));
  const chains = [...sources.keys()].filter(isStart).map((path) => [path]);
  const seen = new Set(chains.flat());
  const broken: string[] = [];
  for (const chain of chains) {
    for (const { name, path } of valuesOf(sources, chain.at(-1)!)) {
      if (isBuiltin(name))
        broken.push(`${chain[0]!} must run in a browser, but ${chain.join(' -> ')} imports ${name}.`);
      if (path === undefined || seen.has(path)) continue;
      seen.add(path);
      chains.push([...chain, path]);
    }
  }
  return broken;
}

/** The files of a layer, those of one room as one. */
function roomsOf(sources: Sources, layer: string): Sources {
  const roomOf = (path: string): string => (posix.dirname(path) === layer ? path : posix.dirname(path));
  const rooms = new Map<string, Source>();
  for (const [path, { lines, imports }] of sources) {
    if (!path.startsWith(`${layer}/`)) continue;
    const room = roomOf(path);
    const others = imports
      .map((one) => ({ ...one, ...(one.path !== undefined && { path: roomOf(one.path) }) }))
      .filter(({ path: to }) => to !== room);
    rooms.set(room, { lines, imports: [...(rooms.get(room)?.imports ?? []), ...others] });
  }
  return rooms;
}

/** Depth first: an import of a file that is still being visited closes a cycle. */
function importCycles(sources: Sources): string[] {
  const done = new Set<string>();
  const broken: string[] = [];
  const visit = (path: string, chain: readonly string[]): void => {
    if (chain.includes(path)) {
      const cycle = [...chain.slice(chain.indexOf(path)), path].join(' -> ');
      broken.push(`${cycle} is an import cycle: move what they share into a file of its own.`);
    } else if (!done.has(path)) {
      for (const { path: target, typeOnly } of sources.get(path)?.imports ?? [])
        if (target !== undefined && !(typeOnly && Object.hasOwn(circularTypes, `${path} -> ${target}`)))
          visit(target, [...chain, path]);
      done.add(path);
    }
  };
  for (const path of sources.keys()) visit(path, []);
  return broken;
}

function longFiles(sources: Sources): string[] {
  return [...sources]
    .filter(([path, { lines }]) => lines > lineLimit && !dataTables.has(path))
    .map(([path, { lines }]) => `${path} has ${lines} lines; the most is ${lineLimit}. Split it by idea.`);
}
