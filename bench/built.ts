/** Plain JavaScript of the checkout, for cases where the loader that runs TypeScript would be measured along. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

export interface Built {
  /**
   * Runs a script of bench/, named without its ending, and hands each line of its output on as it comes, with the
   * milliseconds since the process was asked for.
   */
  run(script: string, told: unknown, options: RunOptions): Promise<void>;
  remove(): void;
}

export interface RunOptions {
  readonly onLine: (line: string, ms: number) => void;
}

/** Every file of src/ and bench/ in a temporary folder, as `npm run build` would write it. */
export async function build(): Promise<Built> {
  // Large, and of use here alone.
  const { default: ts } = await import('typescript');
  const directory = mkdtempSync(path.join(tmpdir(), 'decalign-built-'));
  for (const name of ['node_modules', 'package.json']) symlinkSync(path.join(root, name), path.join(directory, name));
  for (const folder of ['src', 'bench'])
    for (const file of readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
      const { outputText } = ts.transpileModule(readFileSync(path.join(root, folder, file), 'utf8'), {
        compilerOptions: {
          target: ts.ScriptTarget.ES2022,
          module: ts.ModuleKind.ESNext,
          rewriteRelativeImportExtensions: true,
          verbatimModuleSyntax: true,
        },
      });
      const written = path.join(directory, folder, file.replace(/\.ts$/, '.js'));
      mkdirSync(path.dirname(written), { recursive: true });
      writeFileSync(written, outputText);
    }
  return {
    run: (script, told, options) => run(path.join(directory, 'bench', `${script}.js`), told, options),
    remove() {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function run(script: string, told: unknown, { onLine }: RunOptions): Promise<void> {
  const start = performance.now();
  const child = spawn(process.execPath, [script, JSON.stringify(told)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = (): void => void child.kill();
  process.on('exit', end);
  createInterface({ input: child.stdout }).on('line', (line) => {
    onLine(line, performance.now() - start);
  });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('exit', end);
      const [what = signal ?? `exit code ${code}`] = complaint.match(/^\w*Error.*$/m) ?? [];
      if (code === 0) resolve();
      else reject(new Error(`${path.basename(script)} failed: ${what}`));
    });
  });
}
