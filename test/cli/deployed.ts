/** The example of deployment, in a process of its own. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Finished } from '../process.ts';

const program = path.resolve(import.meta.dirname, '../../examples/deploy-node/predict.mjs');

/** Runs `predict.mjs ...args` to its end in `folder`, with `input` on standard input. */
export function deployed(folder: string, args: readonly string[], input = ''): Promise<Finished> {
  const child = spawn(process.execPath, [program, ...args], { cwd: folder });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
