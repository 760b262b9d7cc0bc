/** Which tests run a file in their own process, the nearest first. */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';

/** Test files by how many imports lie between them and the file: 1 for those that import it. */
export type Distances = ReadonlyMap<string, number>;

export class TestGraph {
  /** By file, who imports it. */
  private readonly importers = new Map<string, string[]>();

  /** Of all files below these folders of the working directory; paths have forward slashes. */
  constructor(folders: readonly string[]) {
    for (const file of folders.flatMap(filesIn))
      for (const target of importsOf(file, readFileSync(file, 'utf8'))) {
        const known = this.importers.get(target);
        if (known) known.push(file);
        else this.importers.set(target, [file]);
      }
  }

  testsOf(file: string, isTest: (path: string) => boolean): Distances {
    const distances = new Map([[file, 0]]);
    for (const [reached, distance] of distances)
      for (const importer of this.importers.get(reached) ?? [])
        if (!distances.has(importer)) distances.set(importer, distance + 1);
    return new Map([...distances].filter(([path]) => isTest(path)));
  }
}

export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .sort();

/** The files that a file imports by a relative path, for more than their types. */
function importsOf(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isLate = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
    const module = isLate
      ? node.arguments[0]
      : (ts.isImportDeclaration(node) && node.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword) ||
          (ts.isExportDeclaration(node) && !node.isTypeOnly)
        ? node.moduleSpecifier
        : undefined;
    if (module && ts.isStringLiteral(module) && module.text.startsWith('.'))
      found.push(posix.join(posix.dirname(file), module.text));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return found;
}
