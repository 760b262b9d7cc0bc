/** The package as `npm publish` would send it, made from the sources of now, and an empty project that installs it. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { built } from '../compiled.ts';

const root = path.resolve(import.meta.dirname, '../..');
export const tsc = path.join(root, 'node_modules/typescript/bin/tsc');

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly files: readonly string[];
  readonly repository?: string | { readonly url?: string };
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean };
}

export const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;

export interface Packed {
  /** The `.tgz`. */
  readonly file: string;
  /** What it was packed from: a folder that holds what `files` of package.json names, and nothing else. */
  readonly staged: string;
  /** Bytes of the `.tgz`, and of all files in it. */
  readonly size: number;
  readonly unpackedSize: number;
  /** Paths in the package. */
  readonly files: readonly string[];
}

/** Packs in `folder` what was built apart from the checkout, so that nobody who uses dist/ meanwhile is disturbed. */
export function pack(folder: string): Packed {
  const staged = path.join(folder, 'staged');
  mkdirSync(staged);
  const held = ['package.json', ...manifest.files].filter(
    (name) => name !== 'dist' && existsSync(path.join(root, name)),
  );
  for (const name of held) cpSync(path.join(root, name), path.join(staged, name), { recursive: true });
  cpSync(path.join(built(), 'dist'), path.join(staged, 'dist'), { recursive: true });
  const told = call('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], staged);
  const [packed] = JSON.parse(told) as readonly [PackReport];
  const { filename, size, unpackedSize, files } = packed;
  return { file: path.join(folder, filename), staged, size, unpackedSize, files: files.map((file) => file.path) };
}

/** Of `npm pack --json`. */
interface PackReport {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** An empty project in `folder` that has the package, and nothing else but what it depends on. */
export function installed({ file }: Packed, folder: string): string {
  const project = path.join(folder, 'project');
  mkdirSync(project);
  writeFileSync(path.join(project, 'package.json'), '{ "type": "module", "private": true }');
  call('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', file], project);
  return project;
}

/** Runs a command as in a shell of one's own: npm tells its children about the project it was started in. */
export function call(command: string, args: readonly string[], cwd: string): string {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle)/i.test(name));
  const env = { ...Object.fromEntries(own), ONNXRUNTIME_NODE_INSTALL: 'skip' };
  return execFileSync(command, args, { cwd, encoding: 'utf8', env, stdio: 'pipe' });
}
