/** Where the pages are that `npm run build` has bundled of `src/pages/`. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of a page's scripts and styles. Throws an Error where the package was not built. */
export function builtPage(name: string): string {
  const folder = fileURLToPath(new URL(`../../dist/pages/${name}/`, import.meta.url));
  if (!existsSync(folder)) throw new Error(`The page "${name}" is not built: run npm run build.`);
  return folder;
}
