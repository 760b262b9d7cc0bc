/** What `npm pack` makes, installed in an empty project, and that the rehearsal of publishing sees what is wrong. */
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from './cli/decalign.ts';
import { contents, home, provenance, shape, size, version } from './release/checks.ts';
import { installed, manifest, pack, type Packed } from './release/packed.ts';
import { examples, runs, types } from './release/project.ts';

const folder = temporaryFolder();
let packed: Packed;
let project: string;

beforeAll(() => {
  packed = pack(folder);
  project = installed(packed, folder);
});

test('npx decalign', () => {
  expect(runs(project)).toContain(manifest.version);
});

test('the library, strictly typed, methods of tensors included', () => {
  expect(types(project)).not.toBe('');
});

test('the examples, from where the package is installed', () => {
  expect(examples(project)).toBe('train, export, predict');
});

describe('the rehearsal of publishing', () => {
  test('finds nothing wrong with contents, size, shape and version', async () => {
    expect(contents(packed, manifest)).toEqual([]);
    expect(size(packed)).toEqual([]);
    expect(await shape(packed)).toEqual([]);
    expect(version(manifest)).toEqual([]);
  });

  test('sees tests, sources and data, what is not named, and what is missing', () => {
    const files = [...packed.files, 'dist/a.test.js', 'dist/a.ts', 'docs/mosi.pkl', 'src/a.js'];
    expect(contents({ files }, { files: [...manifest.files, 'NOTICE'] })).toEqual([
      '"files" of package.json names NOTICE, and there is none.',
      'src/a.js is in the package, and "files" of package.json does not name it.',
      'dist/a.test.js is a test, a source or data, and is in the package.',
      'dist/a.ts is a test, a source or data, and is in the package.',
      'docs/mosi.pkl is a test, a source or data, and is in the package.',
    ]);
  });

  test('sees what grew, another version, and what npm needs to sign', () => {
    expect(size({ size: 2_000_000, unpackedSize: 2_000_000 })).toEqual([
      'packed: 2000000 bytes, more than 1700000; what is it that grew?',
    ]);
    expect(version({ version: '9.9.9' })).toHaveLength(2);
    expect(provenance({ ...manifest, license: 'MIT', publishConfig: {} })).toContain(
      'package.json wants "publishConfig": { "access": "public", "provenance": true }.',
    );
    expect(provenance(manifest)).toEqual([]);
    expect(home({ ...manifest, repository: '' })).toEqual([]);
    expect(home({ name: 'x', version: '1.0.0', files: [] })).toHaveLength(1);
  });
});
