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
  '@resvg/resvg-js':
    'optional; the licence asks that changes of its own files be published, and none are made; its native part is installed by npm for the machine',
};

/** A package by its place in package-lock.json, such as `node_modules/d3-dsv/node_modules/commander`. */
const packageAt = (place: string): Locked => packages[place]!;
const nameAt = (place: string): string => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Where Node finds a package that is asked for from a place: in it, or in the nearest that it lies in. */
function placeOf(name: string, from = ''): string {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const place = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (packages[place]) return place;
    if (at === '') throw new Error(`package-lock.json has no ${name}.`);
  }
}

const neededAt = (place: string): string[] =>
  Object.keys(packageAt(place).dependencies ?? {}).map((name) => placeOf(name, place));

/** Packages and whatever they bring, themselves first. */
function closure(places: readonly string[], seen = new Set<string>()): readonly string[] {
  for (const place of places) {
    if (seen.has(place)) continue;
    seen.add(place);
    closure(neededAt(place), seen);
  }
  return [...seen];
}

/** Licences of packages that name none in package-lock.json, as their files say. */
const told: Readonly<Record<string, string>> = { 'png-js': 'MIT' };

function licenceOf(place: string): string {
  const license = packageAt(place).license ?? told[nameAt(place)] ?? '';
  if (license === '') throw new Error(`${place} names no licence in package-lock.json; find out and say so here.`);
  return license.replace(/^SEE LICENSE IN /, 'see its ');
}

const rows = (places: readonly string[], direct: readonly string[]): string =>
  places
    .toSorted((a, b) => (nameAt(a) < nameAt(b) ? -1 : 1))
    .map((place) => {
      const askers = places.filter((other) => neededAt(other).includes(place)).map(nameAt);
      const by = direct.includes(place) ? 'this package' : askers.join(', ');
      const name = nameAt(place);
      return `| \`${name}\` | ${packageAt(place).version} | ${licenceOf(place)} | ${by} | ${remarks[name] ?? ''} |`;
    })
    .join('\n');

/** Licences that let this package be used, changed and sold under its own, and ask no more than to be named. */
const permissive =
  /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|Unlicense|\(MIT OR CC0-1\.0\)|see its LICENSE\.txt)$/;

const direct = Object.keys(dependencies).map((name) => placeOf(name));
const loaded = closure(direct);
const peers = Object.keys(peerDependencies).map((name) => placeOf(name));
/** The optional packages that draw figures. */
const drawing = peers.filter((place) => !['mnist', 'onnxruntime-web'].includes(nameAt(place)));
const others = peers.filter((place) => !drawing.includes(place));
const beside = (places: readonly string[]): readonly string[] =>
  closure(places).filter((place) => !loaded.includes(place));

test('THIRD-PARTY.md lists what is shipped or loaded', async () => {
  const page = `# Third parties

What this package ships or loads that others made, and under which licence. Made from \`package-lock.json\`
(\`npx vitest run test/third-party.test.ts -u\`).

## In the package itself

| what | where | licence |
| --- | --- | --- |
| parts of AssemblyScript's standard library, compiled in | \`dist/kernels/wasm.js\` | Apache-2.0 |
| hyperparameters that the authors of DecAlign published | \`configs/\` | figures |
| the font Arimo, of the Arimo Project Authors, letters that figures need | \`fonts/\` | OFL-1.1 (\`fonts/OFL.txt\`) |
| Preact (© Jason Miller), its signals (© Preact Team) and uPlot (© Leon Sorokin), bundled | \`dist/pages/\` | MIT, the terms of \`LICENSE\` |

No data, no weights and no other code of others beside that. Methods are written from the papers that each file names.

## Loaded when it runs

| package | version | licence | asked for by | |
| --- | --- | --- | --- | --- |
${rows(loaded, direct)}

## Loaded in a browser, where that is wanted

| package | version | licence | asked for by | |
| --- | --- | --- | --- | --- |
${rows(beside(others), others)}

## Loaded by \`decalign figures\`, where they are installed

| package | version | licence | asked for by | |
| --- | --- | --- | --- | --- |
${rows(beside(drawing), drawing)}

What tests and development need is in [docs/dependencies.md](docs/dependencies.md); none of it is shipped or loaded.
`;
  await expect(page).toMatchFileSnapshot('../THIRD-PARTY.md');
});

test('every licence is one that asks for nothing but to be named', () => {
  // Resvg alone asks for more, of those who change it: it is neither shipped nor changed.
  const all = [...new Set([...loaded, ...closure(peers)])].filter((place) => nameAt(place) !== '@resvg/resvg-js');
  expect(all.filter((place) => !permissive.test(licenceOf(place)))).toEqual([]);
});
