/** `--device`: every command that runs a model takes it, and one that cannot be used is refused before any work. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { devices } from '../../src/runtime/node.ts';
import { decalign, decalignHere, temporaryFolder, tiny } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();

describe('a device that the runtime has not is refused by', () => {
  test.each([
    ['train', 'synthetic'],
    ['evaluate', 'run', 'synthetic'],
    ['predict', 'run', 'synthetic'],
    ['explain', 'run', 'synthetic'],
    ['decoupling', 'run'],
    ['benchmark', 'synthetic'],
    ['ablate', 'synthetic'],
    ['sweep', 'synthetic', '--grid', 'model.width=8,16'],
    ['figures', 'run'],
    ['report', 'run'],
    ['compare', 'run', 'other', '--data', 'synthetic'],
    ['reproduce', 'run'],
  ])('%s', async (...call) => {
    const { code, stdout, stderr } = await decalignHere([...call, '--device', 'abacus'], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^decalign: Unknown device "abacus": the installed ONNX Runtime has cpu[^\n]*\.\n$/);
  });
});

test('jobs may be planned for a device of other machines', async () => {
  const call = ['benchmark', 'synthetic', ...['--models', 'decalign', '--seeds', '1', '--plan', 'planned']];
  const planned = await decalignHere([...call, '--device', 'abacus'], { cwd: folder });
  expect(planned, planned.stderr).toMatchObject({ code: 0 });
  expect(readFileSync(path.join(folder, 'planned/benchmark.json'), 'utf8')).toContain('"value": "abacus"');
  const job = await decalignHere(['job', 'planned', '1', '--quiet'], { cwd: folder });
  expect(job.code).toBe(1);
  expect(job.stderr).toMatch(/^decalign: Unknown device "abacus": [^\n]*\n$/);
});

test('reproduce trains on another device than the run, and says so', async () => {
  const data = save(path.join(folder, 'small.pkl'), tables());
  await decalignHere(['train', data, ...tiny, '--epochs', '1', '--out', 'run', '--quiet'], { cwd: folder });
  const record = path.join(folder, 'run/config.json');
  writeFileSync(record, readFileSync(record, 'utf8').replace('"device": "cpu"', '"device": "webgpu"'));
  const call = ['reproduce', 'run', '--device', 'cpu', '--json', '--quiet'];
  const again = await decalignHere(call, { cwd: folder });
  expect(again, again.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(again.stdout)).toMatchObject({
    identical: true,
    surroundings: [{ key: 'device', before: 'webgpu', after: 'cpu' }],
  });
});

test('it is that of the configuration', async () => {
  const { stdout } = await decalignHere(['train', 'synthetic', ...tiny, '--device', 'cpu', '--dry-run', '--json']);
  expect((JSON.parse(stdout) as { config: { train: object } }).config.train).toMatchObject({ device: 'cpu' });
});

test.skipIf(process.platform !== 'linux' || !devices().includes('webgpu'))(
  'without a driver, WebGPU says in one line what is missing',
  async () => {
    const env = { VK_ICD_FILENAMES: '/nowhere.json', VK_DRIVER_FILES: '/nowhere.json' };
    const { code, stderr } = await decalign(['train', 'synthetic', '--device', 'webgpu'], { cwd: folder, env });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^decalign: Device "webgpu" cannot be used here: (there is no Vulkan driver|Vulkan's loader is missing)[^\n]*\.\n$/,
    );
  },
);
