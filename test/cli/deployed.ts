/** The example of deployment as its user has it: a folder beside the package, in a process of its own. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { compiled } from '../compiled.ts';
import { finished, type Finished } from '../process.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** A copy of the example, with what `npm install` puts beside it: the package, which finds the runtime and nothing else. */
function installed(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'decalign-deployed-'));
  cpSync(path.join(root, 'examples/deploy-node'), folder, { recursive: true });
  const own = path.join(folder, 'node_modules/decalign');
  mkdirSync(own, { recursive: true });
  cpSync(path.join(root, 'package.json'), path.join(own, 'package.json'));
  cpSync(path.join(path.dirname(compiled()), '..'), path.join(own, 'dist'), { recursive: true });
  const runtime = 'node_modules/onnxruntime-node';
  symlinkSync(path.join(root, runtime), path.join(folder, runtime));
  return folder;
}

let example: string | undefined;
afterAll(() => {
  if (example !== undefined) rmSync(example, { recursive: true });
});

export interface DeployedOptions {
  /** What stands on standard input. */
  readonly input?: string;
  /** Flags of Node. */
  readonly flags?: readonly string[];
  /** Stop reading after the first lines that arrive, as `head` does. */
  readonly stops?: boolean;
}

/** Runs `predict.mjs ...args` to its end in `folder`. */
export function deployed(
  folder: string,
  args: readonly string[],
  { input = '', flags = [], stops = false }: DeployedOptions = {},
): Promise<Finished> {
  example ??= installed();
  const child = spawn(process.execPath, [...flags, path.join(example, 'predict.mjs'), ...args], { cwd: folder });
  child.stdin.end(input);
  if (stops) child.stdout.once('data', () => child.stdout.destroy());
  return finished(child);
}
