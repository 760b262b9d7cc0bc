/** What must be true of a package before it is published; each check returns what is wrong, a line each. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { Manifest, Packed } from './packed.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** In bytes. The package holds code and pages; data or a model that slipped in would show here. */
const limits = { size: 1_700_000, unpackedSize: 5_300_000 } as const;

/** All that `files` names is there, and neither tests, sources, data nor anything else. */
export function contents({ files }: Pick<Packed, 'files'>, { files: named }: Pick<Manifest, 'files'>): string[] {
  const within = (file: string, name: string): boolean => file === name || file.startsWith(`${name}/`);
  // What begins with ! is left out of a folder that is named.
  const wanted = named.filter((name) => !name.startsWith('!'));
  const missing = wanted.filter((name) => !files.some((file) => within(file, name)));
  const allowed = [...wanted, 'package.json'];
  const foreign = files.filter((file) => !allowed.some((name) => within(file, name)));
  const kept = files.filter(
    (file) =>
      /\.test\.|(^|\/)testing\.(js|d\.ts)$|\.(pkl|pth|npz|safetensors|onnx)$/.test(file) ||
      (within(file, 'dist') && file.endsWith('.ts') && !file.endsWith('.d.ts')),
  );
  return [
    ...missing.map((name) => `"files" of package.json names ${name}, and there is none.`),
    ...foreign.map((file) => `${file} is in the package, and "files" of package.json does not name it.`),
    ...kept.map((file) => `${file} is a test, a source or data, and is in the package.`),
  ];
}

export function size({ size: packed, unpackedSize }: Pick<Packed, 'size' | 'unpackedSize'>): string[] {
  const over = (what: string, bytes: number, limit: number): string[] =>
    bytes > limit ? [`${what}: ${bytes} bytes, more than ${limit}; what is it that grew?`] : [];
  return [...over('packed', packed, limits.size), ...over('unpacked', unpackedSize, limits.unpackedSize)];
}

/** Entry points, exports and types of package.json lead to files that are what they say (publint). */
export async function shape({ staged }: Pick<Packed, 'staged'>): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: staged, level: 'warning', pack: 'npm' });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

/** The version is that of the citation, and the changelog has a heading for it. */
export function version({ version: own }: Pick<Manifest, 'version'>): string[] {
  const [cited] = /(?<=^version: ).*$/m.exec(read('CITATION.cff')) ?? [];
  return [
    ...(cited === own ? [] : [`CITATION.cff has version ${cited ?? 'none'}, package.json ${own}.`]),
    ...(read('CHANGELOG.md').includes(`## [${own}]`) ? [] : [`CHANGELOG.md has no heading "## [${own}]".`]),
  ];
}

/** What npm asks of package.json, its home aside, before it signs where a package was built. */
export function provenance({ license, publishConfig }: Manifest): string[] {
  return [
    ...(license === undefined ? ['package.json names no license.'] : []),
    ...(publishConfig?.provenance && publishConfig.access === 'public'
      ? []
      : ['package.json wants "publishConfig": { "access": "public", "provenance": true }.']),
  ];
}

/** What only whoever publishes can say: npm signs for the repository that the publishing workflow runs in, and no other. */
export function home({ repository }: Manifest): string[] {
  const url = typeof repository === 'string' ? repository : repository?.url;
  return url === undefined ? ['"repository" of package.json: name the one whose workflow publishes.'] : [];
}

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
