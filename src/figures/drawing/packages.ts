/** The packages that draw. They are optional: none is loaded before something is drawn, and one that is missing is named. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The kinds of file that a figure is drawn to. */
export const formats = ['svg', 'png', 'pdf', 'json'] as const;
export type Format = (typeof formats)[number];

/** The packages that a file of each format needs. */
const needed: Readonly<Record<Format, readonly string[]>> = {
  json: ['vega', 'vega-lite'],
  svg: ['vega', 'vega-lite'],
  png: ['vega', 'vega-lite', '@resvg/resvg-js'],
  pdf: ['vega', 'vega-lite', 'pdfkit', 'svg-to-pdfkit'],
};

/** Throws an Error that says what to install where a package is missing that one of the formats needs. */
export const checkPackages = (wanted: readonly Format[]): void =>
  checkInstalled([...new Set(wanted.flatMap((format) => needed[format]))], `Figures as ${wanted.join(', ')} are drawn`);

/** Throws an Error that says what to install where one of these packages is missing; `what` is done by them. */
export function checkInstalled(names: readonly string[], what: string): void {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const { peerDependencies } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
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
