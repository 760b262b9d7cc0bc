/** `npm run release:check`: rehearses publishing, from packing to a first run in an empty project; publishes nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lane } from '../lane.ts';
import { contents, home, provenance, shape, size, version } from './checks.ts';
import { call, installed, manifest, pack } from './packed.ts';
import { examples, runs, types } from './project.ts';

lane(
  'release:check',
  'Rehearses publishing, from packing to a first run in an empty project; publishes nothing.',
).parse();
const folder = mkdtempSync(path.join(tmpdir(), 'decalign-release-'));
let wrong = 0;

function tell(what: string, problems: readonly string[], fine = ''): void {
  wrong += problems.length;
  process.stdout.write(problems.length === 0 ? `ok    ${what}${fine && `: ${fine}`}\n` : `FAIL  ${what}\n`);
  for (const problem of problems) process.stdout.write(`      ${problem}\n`);
}

/** A step that says by an Error what is wrong. */
function attempt(what: string, step: () => string): void {
  try {
    tell(what, [], step());
  } catch (error) {
    tell(what, [(error as Error).message.trim()]);
  }
}

try {
  tell('version', version(manifest), manifest.version);
  const packed = pack(folder);
  tell('contents', contents(packed, manifest), `${packed.files.length} files`);
  tell('size', size(packed), `${packed.size} bytes packed, ${packed.unpackedSize} unpacked`);
  tell('shape', await shape(packed));
  tell('provenance', provenance(manifest));
  attempt('npm publish --dry-run', () => {
    call('npm', ['publish', '--dry-run', '--ignore-scripts', '--tag', 'next', packed.file], folder);
    return '';
  });
  const project = installed(packed, folder);
  attempt('the command, in an empty project', () => runs(project));
  attempt('the examples, from the package', () => examples(project));
  attempt('types, strictly', () => types(project));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const open of home(manifest)) process.stdout.write(`open  ${open}\n`);
process.stdout.write(
  wrong === 0
    ? `Ready to be published${home(manifest).length > 0 ? ', but for what is open' : ''}.\n`
    : `Not ready: ${wrong} to mend first.\n`,
);
process.exitCode = wrong === 0 ? 0 : 1;
