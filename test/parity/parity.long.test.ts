/** The authors' code, quantity by quantity: `npm run parity` as a test, and that it can fail. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { compare } from './compare.ts';
import { parity, verdict, type ParityReport, type Verdict } from './parity.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const fixtures = path.join(root, 'test/fixtures');
const temporary = mkdtempSync(path.join(tmpdir(), 'parity-'));
afterAll(() => {
  rmSync(temporary, { recursive: true });
});

const verdicts = ({ rows }: ParityReport): Record<string, Verdict> =>
  Object.fromEntries(rows.map((row) => [row.quantity, verdict(row)]));
const failed = (report: ParityReport): string[] =>
  report.rows.filter((row) => verdict(row) === 'fail').map(({ quantity }) => quantity);

/** A copy of a small case, to be damaged. */
function copyOf(name: string): { readonly directory: string; readonly at: (suffix: string) => string } {
  const directory = mkdtempSync(path.join(temporary, 'case-'));
  for (const suffix of ['.config.json', '.pth', '.npz', '.trajectory.npz', '.trained.pth'])
    cpSync(path.join(fixtures, 'decalign-more', name + suffix), path.join(directory, name + suffix));
  return { directory, at: (suffix) => path.join(directory, name + suffix) };
}

/** Rewrites one member of a zip archive. */
function rewrite(file: string, member: string, change: (bytes: Uint8Array) => void): void {
  const members = unzipSync(readFileSync(file));
  change(members[member]!);
  writeFileSync(file, zipSync(members, { level: 0 }));
}

/** Scales the last float32 of a little-endian buffer. */
const scaleLast = (factor: number) => (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset + bytes.byteLength - 4, 4);
  view.setFloat32(0, view.getFloat32(0, true) * factor, true);
};

interface Finished {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const command = (...args: string[]): Promise<Finished> =>
  new Promise((resolve) => {
    const script = path.join(root, 'test/parity/main.ts');
    execFile(process.execPath, ['--import', 'tsx', script, ...args], { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stdout, stderr });
    });
  });

describe("golden values of the authors' code", () => {
  it.each([
    ['decalign', 'regression'],
    ['decalign', 'classification'],
    ['decalign', 'conv_unaligned'],
    ['decalign-more', 'masked_convolutions'],
    ['decalign-more', 'causal_self_attention'],
    ['decalign-more', 'weighted_classes'],
  ])('%s/%s: every quantity is within tolerance', async (folder, name) => {
    const report = await parity(path.join(fixtures, folder), name);
    expect(report.rows.filter((row) => verdict(row) !== 'ok')).toEqual([]);
    expect(report.unchecked).toEqual([]);
    expect(report.rows.length).toBeGreaterThan(150);
  });
});

describe('a deviation is found', () => {
  const name = 'weighted_classes';

  it('in a golden quantity, a gradient and a loss of the trajectory', async () => {
    const { directory, at } = copyOf(name);
    rewrite(at('.npz'), 'gmm_a_mu.npy', scaleLast(1.01));
    rewrite(at('.npz'), 'grad.out_layer.bias.npy', scaleLast(1.02));
    rewrite(at('.trajectory.npz'), 'final_logits_on_step0_batch.npy', scaleLast(1.05));
    expect(failed(await parity(directory, name)).sort()).toEqual([
      'final logits',
      'gmm_a_mu',
      'grad.out_layer.bias',
      'logits of the trained checkpoint',
    ]);
  });

  it('in a checkpoint', async () => {
    const { directory, at } = copyOf(name);
    // The fourth parameter is the first that this case uses: text is not projected.
    const data = Object.keys(unzipSync(readFileSync(at('.pth')))).find((key) => key.endsWith('data/3'))!;
    rewrite(at('.pth'), data, scaleLast(1.5));
    const report = await parity(directory, name);
    expect(failed(report).length).toBeGreaterThan(20);
    expect(verdicts(report)['total_loss']).toBe('fail');
  });

  it('in an option, which the command reports with exit code 1', async () => {
    const { directory, at } = copyOf(name);
    const config = JSON.parse(readFileSync(at('.config.json'), 'utf8')) as Record<string, unknown>;
    writeFileSync(at('.config.json'), JSON.stringify({ ...config, lambda_ot: 0.11 }));
    const { code, stdout } = await command(directory);
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAIL .* sinkhorn_value/);
    expect(stdout).toMatch(/ok .* gmm_l_mu/);
  });
});

it('an unknown quantity is reported, not skipped in silence', async () => {
  const { directory, at } = copyOf('weighted_classes');
  const members = unzipSync(readFileSync(at('.npz')));
  writeFileSync(at('.npz'), zipSync({ ...members, 'out_mystery.npy': members['total_loss.npy']! }));
  const printed: string[] = [];
  expect(await compare(directory, (text) => printed.push(text))).toBe(true);
  expect(printed.join('\n')).toContain('not checked: "out_mystery"');
});

describe('what is wrong with a folder is one line', () => {
  const name = 'weighted_classes';
  const broken: readonly [string, string, (at: (suffix: string) => string) => void][] = [
    ['a file is missing', 'trained.pth: there is no such file.', (at) => rmSync(at('.trained.pth'))],
    ['broken JSON', 'config.json: is not JSON', (at) => writeFileSync(at('.config.json'), '{"nlevels": ')],
    [
      'an unknown key',
      'the key "num_prototype" is not one that is honoured here; did you mean "num_prototypes"?',
      (at) => writeFileSync(at('.config.json'), '{"num_prototype": 3}'),
    ],
    ['a truncated file', '.npz', (at) => writeFileSync(at('.npz'), readFileSync(at('.npz')).subarray(0, 5000))],
    ['no case', 'holds no NAME.config.json', (at) => rmSync(at('.config.json'))],
  ];
  it.each(broken)('%s', async (_, message, damage) => {
    const { directory, at } = copyOf(name);
    damage(at);
    const printed: string[] = [];
    const error = await compare(directory, (text) => printed.push(text)).catch(String);
    expect(printed).toEqual([]);
    expect(error).toContain(message);
    expect(error).not.toContain('\n');
  });

  it('no folder, which the command reports with exit code 1', async () => {
    const { code, stdout, stderr } = await command(path.join(temporary, 'absent'));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^[^\n]*absent: there is no such folder\.\n$/);
  });
});
