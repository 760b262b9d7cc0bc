/** What README.md and some pages of docs/ tell a reader to type is run, in their order, with the package as it is built. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const scripts = (JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> }).scripts;
const pages = ['README.md', ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);

interface Block {
  readonly language: string;
  readonly code: string;
  /** Why it is not run. */
  readonly skipped?: string;
}

/** Fenced shell and TypeScript, in order. `<!-- not run in tests: why -->` right before one leaves it out. */
function blocksOf(page: string): Block[] {
  const fence = /(?:<!-- not run in tests: (?<skipped>[^]*?) -->\n)?^```(?<language>sh|ts)\n(?<code>[^]*?)^```$/gm;
  return [...read(page).matchAll(fence)].map(({ groups }) => groups as unknown as Block);
}

let folder = '';

/** A folder as a reader's clone is: `npx decalign` works, `decalign` can be imported, examples and configs are there. */
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'decalign-readme-'));
  const built = path.join(folder, 'built');
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  execFileSync('node', [tsc, '-p', path.join(root, 'tsconfig.build.json'), '--outDir', path.join(built, 'dist')]);
  cpSync(path.join(root, 'package.json'), path.join(built, 'package.json'));
  symlinkSync(path.join(root, 'node_modules'), path.join(built, 'node_modules'));

  mkdirSync(path.join(folder, 'node_modules/.bin'), { recursive: true });
  symlinkSync(built, path.join(folder, 'node_modules/decalign'));
  for (const name of ['onnxruntime-node', '@types'])
    symlinkSync(path.join(root, 'node_modules', name), path.join(folder, 'node_modules', name));
  chmodSync(path.join(built, 'dist/cli/main.js'), 0o755);
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

describe.each(['README.md', 'docs/deploy.md', 'docs/formats.md', 'docs/evaluation.md'])('%s', (page) => {
  const blocks = blocksOf(page).filter((block) => block.skipped === undefined && (python || !needsPython(block)));

  test('has blocks to run', () => {
    expect(blocksOf(page).length).toBeGreaterThan(0);
  });

  test.each(blocks.map((block, n) => ({ ...block, n, title: block.code.split('\n').find(Boolean)!.slice(0, 60) })))(
    '$title',
    { timeout: 180_000 },
    (block) => {
      if (block.language === 'sh') run('bash', '-euo', 'pipefail', '-c', block.code);
      else runTypeScript(block.code, `block-${block.n}`);
    },
  );
});

test("the demo's script prints metrics against both references, the confusion matrix and where the run lies", () => {
  const [node, main, ...args] = scripts['demo']!.split(' ');
  const printed = run(node!, path.join(folder, 'built', main!), ...args, '--epochs', '1', '--out', 'runs/demo');
  for (const expected of ['MAE ↓', 'constant (median)', 'ridge', 'decalign  ', 'Confusion', 'Run: runs/demo'])
    expect(printed).toContain(expected);
});

describe.each(pages)('%s', (page) => {
  const text = read(page);

  test('links to files that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!);
    expect(links.filter((link) => !existsSync(path.join(root, path.dirname(page), link)))).toEqual([]);
  });

  test('links to headings that are there', () => {
    const anchors = [...text.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)];
    const missing = anchors.filter(([, file, anchor]) => {
      const target = file ? path.join(path.dirname(page), file) : page;
      const headings = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
        heading!
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
      );
      return !headings.includes(anchor!);
    });
    expect(missing.map(([link]) => link)).toEqual([]);
  });

  test('names sources, tests and scripts that are there', () => {
    const files = [...text.matchAll(/`((?:src|test|bench|configs|examples)\/[\w./-]+)`/g)].map(([, file]) => file!);
    expect(files.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

test('README.md says in its first 30 lines what this is, the two commands, and the smallest use', () => {
  const top = read('README.md').split('\n').slice(0, 30).join('\n');
  for (const expected of ['npm ci && npm run demo', 'npm ci && npm test', 'npx decalign train'])
    expect(top).toContain(expected);
});
