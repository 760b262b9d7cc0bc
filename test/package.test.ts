/** What `npm pack` makes, installed in an empty project: the command works, and so do the library and its types. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder, tiny } from './cli/decalign.ts';

const root = path.resolve(import.meta.dirname, '..');
const folder = temporaryFolder();
const project = path.join(folder, 'project');
const tsc = path.join(root, 'node_modules/typescript/bin/tsc');

// As in a shell of one's own: npm tells its children about the project it was started in.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle)/i.test(name)));
const call = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    stdio: 'pipe',
  });

const { files, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  files: string[];
  version: string;
};

// Built apart, so that nobody who uses dist/ meanwhile is disturbed.
beforeAll(() => {
  const staged = path.join(folder, 'staged');
  mkdirSync(staged);
  for (const name of ['package.json', ...files].filter((file) => file !== 'dist' && existsSync(path.join(root, file))))
    cpSync(path.join(root, name), path.join(staged, name), { recursive: true });
  call(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', path.join(staged, 'dist')], root);
  call('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], staged);
  mkdirSync(project);
  writeFileSync(path.join(project, 'package.json'), '{ "type": "module", "private": true }');
  const [packed] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  call('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', path.join(folder, packed!)], project);
}, 300_000);

test('npx decalign', () => {
  expect(call('npx', ['decalign', '--version'], project)).toBe(`${version}\n`);
  const args = ['decalign', 'train', 'synthetic', ...tiny, '--epochs', '1', '--json', '--out', 'run'];
  expect(JSON.parse(call('npx', args, project))).toMatchObject({ run: 'run', best_epoch: 1 });
  expect(existsSync(path.join(project, 'run/result.json'))).toBe(true);
});

test('holds no tests, sources or data', () => {
  const held = readdirSync(path.join(project, 'node_modules/decalign'), { recursive: true }) as string[];
  expect(
    held.filter(
      (name) => /\.test\.|testing\.|\.pkl$|\.pth$/.test(name) || (name.endsWith('.ts') && !name.endsWith('.d.ts')),
    ),
  ).toEqual([]);
});

test('the library, strictly typed, methods of tensors included', () => {
  const code = `
    import { fit, input, synthetic, type Fitted, type Tensor } from 'decalign';
    const y: Tensor = input('x', [2, 3]).mul(2).sum([1]).softmax();
    const shape: readonly number[] = y.shape;
    const config = { model: { width: 8, heads: 2, layers: 1 }, train: { epochs: 1, threads: 1 } };
    const { result }: Fitted = await fit(synthetic({ samples: { train: 20, valid: 10, test: 10 } }), { config, out: 'fitted' });
    console.log(JSON.stringify({ shape, mae: result.test?.['mae'] }));
    // @ts-expect-error -- such a key is not known
    void (() => fit(synthetic(), { config: { train: { epoch: 1 } }, out: 'x' }));
    // @ts-expect-error -- nor such a method
    void (() => y.soft());
  `;
  writeFileSync(path.join(project, 'main.ts'), code);
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck', 'false'];
  const options = ['--module', 'nodenext', '--target', 'es2022', ...strict];
  call(process.execPath, [tsc, ...options, 'main.ts'], project);
  const { shape, mae } = JSON.parse(call(process.execPath, ['main.js'], project)) as { shape: number[]; mae: number };
  expect(shape).toEqual([2]);
  expect(mae).toBeGreaterThan(0);
});
