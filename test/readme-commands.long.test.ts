/** What README.md and some pages of docs/ tell a reader to type is run, in their order, with the package as it is built. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { built } from './compiled.ts';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };

interface Block {
  readonly language: string;
  readonly code: string;
  /** What it prints, where the page says so right after it. */
  readonly prints?: string;
  /** Why it is not run. */
  readonly skipped?: string;
}

/** Fenced shell and TypeScript, in order. `<!-- not run in tests: why -->` right before one leaves it out. */
function blocksOf(page: string): Block[] {
  const fence =
    /(?:<!-- not run in tests: (?<skipped>[^]*?) -->\n)?^```(?<language>sh|ts)\n(?<code>[^]*?)^```$(?:\n\nprints\n\n```text\n(?<prints>[^]*?)^```$)?/gm;
  return [...read(page).matchAll(fence)].map(({ groups }) => groups as unknown as Block);
}

let folder = '';

/** A folder as a reader's clone is: `npx decalign` works, `decalign` can be imported, examples and configs are there. */
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'decalign-readme-'));
  // A copy, so that nothing which runs in it changes what other tests are given.
  const copy = path.join(folder, 'built');
  cpSync(built(), copy, { recursive: true, dereference: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));

  mkdirSync(path.join(folder, 'node_modules/.bin'), { recursive: true });
  symlinkSync(copy, path.join(folder, 'node_modules/decalign'));
  for (const name of ['onnxruntime-node', '@types'])
    symlinkSync(path.join(root, 'node_modules', name), path.join(folder, 'node_modules', name));
  chmodSync(path.join(copy, 'dist/cli/main.js'), 0o755);
  symlinkSync('../decalign/dist/cli/main.js', path.join(folder, 'node_modules/.bin/decalign'));
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  for (const name of ['examples', 'configs'])
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs in the folder; an Error holds what the command said. */
function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', env: environment() });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Without the runner's own variables. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_OPTIONS$)/.test(name)));

/** Types as a strict project checks them, then the code itself. */
function runTypeScript(code: string, name: string): string {
  writeFileSync(path.join(folder, `${name}.ts`), code);
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node', `${name}.ts`];
  run('node', path.join(root, 'node_modules/typescript/bin/tsc'), ...flags);
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  writeFileSync(path.join(folder, `${name}.mjs`), ts.transpileModule(code, { compilerOptions: options }).outputText);
  return run('node', `${name}.mjs`);
}

const python = spawnSync('python3', ['--version']).status === 0;
/** Without Python there is no feature file, and what is made from it. */
const needsPython = ({ code }: Block): boolean => /make-features|mine|deploy/.test(code);

describe.each([
  'README.md',
  'docs/deploy.md',
  'docs/demo.md',
  'docs/formats.md',
  'docs/evaluation.md',
  'docs/runs.md',
  'docs/report.md',
  'docs/own-model.md',
])('%s', (page) => {
  const blocks = blocksOf(page).filter((block) => block.skipped === undefined && (python || !needsPython(block)));

  test('has blocks to run', () => {
    expect(blocksOf(page).length).toBeGreaterThan(0);
  });

  test.each(blocks.map((block, n) => ({ ...block, n, title: block.code.split('\n').find(Boolean)!.slice(0, 60) })))(
    '$title',
    (block) => {
      const { language, code, n, prints } = block;
      const printed =
        language === 'sh' ? run('bash', '-euo', 'pipefail', '-c', code) : runTypeScript(code, `block-${n}`);
      if (prints !== undefined) expect(printed).toBe(prints);
    },
  );
});

test("the demo's script prints metrics against both references, the confusion matrix and where the run lies, and makes a report", () => {
  const [build, training, ...more] = scripts['demo']!.split(' && ');
  // The folder is built already.
  expect(build).toBe('npm run --silent build');
  expect(more).toEqual([]);
  const [node, main, ...args] = training!.split(' ');
  // Options of `npm run demo -- ...` come last, and are those of training.
  const printed = run(node!, path.join(folder, 'built', main!), ...args, '--epochs', '1', '--out', 'runs/demo');
  for (const expected of ['MAE ↓', 'constant (median)', 'ridge', 'decalign  ', 'Confusion', 'Run: runs/demo'])
    expect(printed).toContain(expected);
  const files = ['report/report.html', 'report/README.md', 'report/metrics.csv'];
  expect(printed.trimEnd().split('\n').slice(-5)).toEqual([
    'Report: decalign report runs/demo',
    ...files,
    'In a browser: decalign ui runs',
  ]);
  expect(readFileSync(path.join(folder, 'report/report.html'), 'utf8').includes('--out runs/demo')).toBe(true);
});
