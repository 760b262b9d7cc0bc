/** What `examples/deploy-node` shares with the library: how a cell is read and becomes numbers. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');

/** Files of src/ that import nothing but each other, by their names in the example. */
const shared: Readonly<Record<string, string>> = {
  cells: 'formats/delimited/cells.ts',
  columns: 'data/columns/numbers.ts',
  delimiter: 'formats/delimited/delimiter.ts',
  'json-line': 'formats/delimited/json-line.ts',
};

test.each(Object.entries(shared))(
  'examples/deploy-node/library/%s.mjs is the file of src without its types (npx vitest run test/deploy-library.test.ts -u writes it)',
  async (name, source) => {
    const file = path.join(root, 'examples/deploy-node/library', `${name}.mjs`);
    await expect(await withoutTypes(source, file)).toMatchFileSnapshot(file);
  },
);

async function withoutTypes(source: string, file: string): Promise<string> {
  // The compiler leaves out empty lines, but no comments.
  const mark = '//~';
  const text = readFileSync(path.join(root, 'src', source), 'utf8').replaceAll(/\n(?=\n)/g, `\n${mark}`);
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
  });
  const plain = outputText.replaceAll(mark, '').replaceAll(/from '[^']*\/([\w-]+)\.ts'/g, (_, of: string) => {
    const [own] = Object.entries(shared).find(([, each]) => path.basename(each, '.ts') === of)!;
    return `from './${own}.mjs'`;
  });
  const head = `// Made of src/${source}: npx vitest run test/deploy-library.test.ts -u\n`;
  return format(head + plain, { ...(await resolveConfig(file)), filepath: file });
}
