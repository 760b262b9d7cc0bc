/** Packages that are optional: one that is missing is named where it is needed. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Throws an Error that says what to install where one of these packages is missing; `what` is done by them. */
export function checkInstalled(names: readonly string[], what: string): void {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const { peerDependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
  throw new Error(
    `${what} by packages that are not installed: npm install ${missing.map((name) => `${name}@${peerDependencies[name]!}`).join(' ')}`,
  );
}

const { resolve } = createRequire(import.meta.url);

function isInstalled(name: string): boolean {
  try {
    resolve(name);
    return true;
  } catch {
    return false;
  }
}
