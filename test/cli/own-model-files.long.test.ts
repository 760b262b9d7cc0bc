/** What is wrong with a model's file is told in one line; all such files are loaded by one process. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compiled } from '../compiled.ts';
import { at, call, fill, folder, refusal } from './own-model-folder.ts';

const start = "import { defineModel, linear, pool, z } from 'decalign';\n";
const defined = (fields: string): string =>
  `${start}export default defineModel({ name: 'wrong', config: z.strictObject({}), ${fields} });\n`;

const files: readonly (readonly [what: string, name: string, text: string, says: RegExp])[] = [
  [
    'no default',
    'none.js',
    'export const model = 1;',
    /^\.\/wrong\/none\.js has no default export; a model's file ends in /,
  ],
  [
    'no model',
    'number.js',
    'export default 3;',
    /number\.js: its default export is not what defineModel returns: it must be an object, not 3\.$/,
  ],
  [
    'no build',
    'build.js',
    defined('recipes: {}'),
    /what defineModel returns: build: it must be a function .*, not undefined\.$/,
  ],
  [
    'no settings',
    'config.js',
    defined('build() {}').replace('z.strictObject({})', 'z.string()'),
    /returns: config: it must be a zod object, as z\.strictObject/,
  ],
  [
    'a taken name',
    'taken.js',
    defined('build() {}').replace("'wrong'", "'MISA'"),
    /returns: name: "MISA" is a model of decalign \("misa"\); rename yours\.$/,
  ],
  [
    'a throw',
    'throws.js',
    `${start}\nconst width = () => { throw new RangeError('no width'); };\nwidth();\n`,
    /^\.\/wrong\/throws\.js:3: the model cannot be loaded: no width$/,
  ],
  [
    'a throw of nothing',
    'null.mjs',
    'throw null;\n',
    /^\.\/wrong\/null\.mjs: the model cannot be loaded: it throws null, which is no Error and tells no more\.$/,
  ],
  ['not a word', 'empty.js', '\n', /^\.\/wrong\/empty\.js has no default export; a model's file ends in /],
  ['a comment alone', 'comment.mjs', '// later\n', /^\.\/wrong\/comment\.mjs has no default export; a model's /],
  [
    'CommonJS by its ending',
    'common.cjs',
    "module.exports = require('decalign').defineModel({});\n",
    /^\.\/wrong\/common\.cjs: a model's file is an ES module: name it \.js or \.mjs, and write import and export default\.$/,
  ],
  [
    'CommonJS',
    'require.js',
    "module.exports = require('decalign').defineModel({});\n",
    /require\.js:1: the model cannot be loaded: Cannot find module 'decalign'; a model's file is an ES module: write /,
  ],
  [
    'CommonJS in an ES module',
    'require.mjs',
    "module.exports = require('decalign').defineModel({});\n",
    /require\.mjs:1: .* loaded: require is not defined in ES module scope; a model's file is an ES module: write /,
  ],
  [
    'a misspelt field',
    'field.js',
    defined('recepies: {}, build() {}'),
    /what defineModel returns: unknown key "recepies"; did you mean "recipes"\?$/,
  ],
  [
    'a misspelt key of a recipe',
    'recipe.js',
    defined('recipes: { small: { model: { widht: 3 } } }, build() {}').replace(
      '({})',
      '({ width: z.int().default(8) })',
    ),
    /what defineModel returns: recipes\.small: unknown key "model\.widht"; did you mean "model\.width"\?$/,
  ],
  [
    'a slip',
    'slip.js',
    `${start}\nconst a = = 3;\nexport default a;\n`,
    /^\.\/wrong\/slip\.js:3: the model cannot be loaded: Unexpected token '='$/,
  ],
  [
    'an unknown name',
    'name.js',
    "import { linaer } from 'decalign';\nexport default linaer;\n",
    /name\.js:1: the model cannot be loaded: .*does not provide an export named 'linaer'$/,
  ],
  [
    'a lost import',
    'lost.js',
    "import './gone.js';\nexport default 1;\n",
    /lost\.js: the model cannot be loaded: Cannot find module '.*gone\.js'/,
  ],
  [
    'a lost package',
    'package.js',
    "import 'no-such-package';\nexport default 1;\n",
    /package\.js: the model cannot be loaded: Cannot find package 'no-such-package'/,
  ],
  [
    'another part of the package',
    'part.js',
    "import 'decalign/cli';\nexport default 1;\n",
    /part\.js: the model cannot be loaded: Package subpath '\.\/cli' is not defined/,
  ],
  [
    'a throw of what is no error',
    'text.js',
    "throw 'out of sorts';\n",
    /^\.\/wrong\/text\.js: the model cannot be loaded: out of sorts$/,
  ],
  [
    'a slip in a file that it imports',
    'imports.js',
    "import './parts/slip.mjs';\nexport default 1;\n",
    /^wrong\/parts\/slip\.mjs:2: the model cannot be loaded: /,
  ],
  [
    'another ending',
    'model.txt',
    start,
    /^\.\/wrong\/model\.txt: Node v\S+ does not run a file of that ending; a model's file /,
  ],
  [
    'an ES module in a package of CommonJS',
    'common/imports.js',
    start,
    /^\.\/wrong\/common\/imports\.js: the model cannot be loaded: \/.*\/wrong\/common\/package\.json has "type": "commonjs", so Node takes the file for CommonJS; call it \.mjs, or write "type": "module" there\.$/,
  ],
  [
    'one that it imports',
    'common/imports.mjs',
    "import { width } from './imported.js';\nexport default width;\n",
    /^wrong\/common\/imported\.js: .*; call it \.mjs, or write "type": "module" there\.$/,
  ],
  [
    'a device',
    path.relative(at('wrong'), '/dev/null'),
    '',
    /\/dev\/null is no regular file, as a model's file must be\.$/,
  ],
  ['a folder', 'parts', '', /^\.\/wrong\/parts is a folder; give the model's file in it\.$/],
  [
    'nothing there',
    'nowhere.js',
    '',
    /^\.\/wrong\/nowhere\.js does not exist; a model is a name, or the path of its file\.$/,
  ],
];
const program = (name: string, text: string): string => {
  writeFileSync(at('wrong', name), text);
  return `./wrong/${name}`;
};

let said: Readonly<Record<string, string>> = {};
beforeAll(() => {
  fill();
  mkdirSync(at('wrong/parts'), { recursive: true });
  mkdirSync(at('wrong/common'));
  writeFileSync(at('wrong/common/package.json'), '{ "type": "commonjs" }');
  writeFileSync(at('wrong/common/imported.js'), 'export const width = 3;\n');
  writeFileSync(at('wrong/parts/slip.mjs'), 'export {};\nlet 3;\n');
  for (const [, name, text] of files) if (text !== '') program(name, text);
  const loader = path.resolve(compiled(), '../../runs/own-model/load.js');
  const driver = `
    import { loadModelFile } from ${JSON.stringify(loader)};
    const said = {};
    for (const name of ${JSON.stringify(files.map(([, name]) => name))})
      await loadModelFile('./wrong/' + name).then(() => (said[name] = 'loaded'), (error) => (said[name] = error.message));
    process.stdout.write(JSON.stringify(said));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', driver], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  said = JSON.parse(stdout) as typeof said;
});

test.each(files)('%s', (_, name, __, says) => {
  expect(said[name]).toMatch(says);
});

describe('on the command line', () => {
  const train = (file: string): string[] => ['train', 'small.pkl', '--model', file, '--out', 'never'];

  test('a graph that does not fit names the line', async () => {
    const text = `build(scope, { features }) {
      const [a, b] = Object.values(features);
      return { prediction: a.value.add(b.value) };
    }`;
    expect(await refusal(1, ...train(program('shapes.js', defined(text))))).toMatch(
      /^decalign: \.\/wrong\/shapes\.js:4: the model cannot be built: Cannot broadcast \[/,
    );
  });

  test('a number made of the size of the batch names the line', async () => {
    const text = `build(scope, { features, labels }) {
      const read = linear(scope, pool(Object.values(features)[0]), 1).sum([1]);
      const prediction = read.sub(read.sum().div(read.shape[0]));
      const losses = labels ? { task: prediction.sub(labels).square().mean() } : {};
      return { prediction, losses, diagnostics: {}, representations: {} };
    }`;
    expect(await refusal(1, ...train(program('size.js', defined(text))))).toMatch(
      /depends on N, the number of samples: Div \[\] near the input ".*" takes the constant 97 where N is 97 and 100 where N is 100 \(\/.*\/wrong\/size\.js:4\)\. It must hold/,
    );
    expect(existsSync(at('never'))).toBe(false);
  });

  test('what it prints is no part of the results', async () => {
    const mine = readFileSync(at('mine/gated-fusion.js'), 'utf8')
      .replace("'./gated-sum.js'", "'../mine/gated-sum.js'")
      .replace(') {\n', ") {\n    console.table([scope]);\n    process.stdout.write('built\\n');\n");
    const file = program('prints.mjs', `console.log('loaded');\nprocess.stdout.write('here\\n');\n${mine}`);
    const { code, stdout, stderr } = await call(...train(file), '--dry-run', '--json');
    expect([code, Object.keys(JSON.parse(stdout) as object)]).toEqual([0, expect.arrayContaining(['config'])]);
    expect(stderr).toMatch(/^loaded\nhere\n[^]*built\n/);
  });

  test('what it leaves open does not keep the command from ending', async () => {
    const mine = readFileSync(at('mine/gated-fusion.js'), 'utf8').replace("'./gated-sum.js'", "'../mine/gated-sum.js'");
    const file = program('timer.mjs', `setInterval(() => {}, 1000);\n${mine}`);
    const { code, stdout } = await call(...train(file), '--dry-run', '--json');
    expect([code, Object.keys(JSON.parse(stdout) as object)]).toEqual([0, expect.arrayContaining(['config'])]);
    expect(await refusal(2, 'train', 'small.pkl', '--model', file, '--set', 'model.widht=3')).toMatch(/model\.width/);
  });

  test.each([
    ['a promise', 'promise.mjs', "Promise.reject(new Error('no one'));\n"],
    ['a timer', 'late.mjs', "setTimeout(() => { throw new Error('no one'); });\nawait new Promise(() => {});\n"],
  ])('an error of %s that nothing catches is told in one line', async (_, name, text) => {
    const file = program(name, `${text}${defined('build() {}')}`);
    expect(await refusal(1, ...train(file))).toBe(
      `decalign: ${file}:1: the model leaves an error that nothing catches: no one\n`,
    );
  });

  test('an output of another shape names the model', async () => {
    const head = 'linear(scope, pool(Object.values(features)[0]), 1)';
    const text = `build: (scope, { features }) => ({ prediction: ${head}, losses: {}, diagnostics: {}, representations: {} })`;
    expect(await refusal(1, ...train(program('output.js', defined(text))))).toBe(
      'decalign: The model "wrong" gives no sound prediction: it must have the shape [N], but has [N,1].\n',
    );
  });

  test('TypeScript is run where Node runs it, and else told', async () => {
    const typed = readFileSync(at('mine/gated-fusion.js'), 'utf8')
      .replace("'./gated-sum.js'", "'../mine/gated-sum.js'")
      .replace('(shares) =>', '(shares: any) =>');
    const typedCall = train(program('typed.ts', typed));
    if ('typescript' in process.features && process.features.typescript)
      expect(await call(...typedCall, '--dry-run')).toMatchObject({ code: 0 });
    else expect(await refusal(1, ...typedCall)).toMatch(/typed\.ts: Node v\S+ does not run TypeScript; compile it/);
  });

  test.each([
    ['ends the process', 'exits.mjs', 'process.exit(0);\n'],
    ['never comes to its end', 'hangs.mjs', 'await new Promise(() => {});\nexport default 1;\n'],
  ])('a file that %s is told so, and is no success', async (_, name, text) => {
    expect(await refusal(1, ...train(program(name, text)))).toMatch(
      new RegExp(`${name}: the model cannot be loaded: it ends the process, or awaits what never comes\\.`),
    );
  });

  test('--debug shows where in it', async () => {
    const file = program('deep.js', `${start}\nfunction inner() { throw new Error('deep'); }\ninner();\n`);
    const { stderr } = await call(...train(file), '--debug');
    expect(stderr).toMatch(/deep\.js:3: the model cannot be loaded: deep\n\s+at /);
    expect(stderr).toMatch(/at inner \(.*deep\.js:3:/);
  });
});
