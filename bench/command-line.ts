/** The command line as its users start it, with the most memory that it took. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

export interface Ran {
  readonly ms: number;
  /** Most resident memory, in MB of 2^20 bytes; as the system counts it, every 20 ms. */
  readonly peak: number;
  readonly stdout: string;
}

/** Runs the command line, from start to end. Its peak is known on Linux alone. */
export function ran(...words: string[]): Promise<Ran> {
  const start = performance.now();
  const child = spawn(process.execPath, [cli, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, complaint] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (complaint = text.toString()));
  let peak = 0;
  const look = setInterval(() => {
    try {
      const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      peak = Math.max(peak, (Number(kilobytes ?? 0) * 1024) / 2 ** 20);
    } catch {
      // It has ended.
    }
  }, 20);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(look);
      if (code === 0) resolve({ ms: performance.now() - start, peak, stdout });
      else reject(new Error(`decalign ${words[0]} failed: ${complaint.trim()}`));
    });
  });
}
