/** `npm run bench`, on what is built: building anew would take dist/ away from the tests that run beside this one. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));

const bench = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args], { cwd: root, encoding: 'utf8' });

describe('npm run bench', () => {
  test('builds, and is that program', () => {
    const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };
    expect(scripts['bench']).toBe('npm run --silent build && tsx bench/main.ts');
  });

  test('--case ceiling prints one line of JSON', () => {
    const { status, stdout, stderr } = bench('--case', 'ceiling', '--repetitions', '2', '--threads', '1');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const line = JSON.parse(stdout) as Readonly<Record<string, number>>;
    expect(line).toMatchObject({ case: 'ceiling', threads: 1 });
    expect(line['gflops']).toBeGreaterThan(0);
  });

  test('an unknown case ends with 2, the nearest name and the list', () => {
    const { status, stdout, stderr } = bench('--case', 'step-mosy');
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/'step-mosy'.*[Dd]id you mean step-mosi\?.* ceiling, step-mosi, step-iemocap, /);
  });

  test('a wrong number ends with 2', () => {
    expect(bench('--threads', 'many').status).toBe(2);
  });

  test('a case that fails says so in one line and ends with 1; the others go on', () => {
    const { status, stdout, stderr } = bench(
      ...['--case', 'peer', '--case', 'ceiling', '--repetitions', '1'],
      ...['--authors', 'nowhere'],
    );
    expect(status).toBe(1);
    expect(stderr).toBe("bench: peer: nowhere is no checkout of the authors' code: it has no models/model.py.\n");
    expect(JSON.parse(stdout)).toMatchObject({ case: 'ceiling' });
  });
});
