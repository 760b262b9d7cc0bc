/** The sources that are published, and what each of them imports. */
import { readFileSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';

/** By path below the project root, with forward slashes. */
export type Sources = ReadonlyMap<string, Source>;

export interface Source {
  readonly lines: number;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written: a relative path, a package or a `node:` module. */
  readonly name: string;
  /** Erased by the compiler: `import type`, `export type`, `import('...').Name` as a type. */
  readonly typeOnly: boolean;
  /** The imported path, where `name` is relative. */
  readonly path?: string;
}

/** Everything that is published: not tests, not the `testing.ts` helpers. */
export function projectSources(): Sources {
  const root = new URL('../', import.meta.url);
  const paths = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' })
    .map((path) => `src/${path.replaceAll('\\', '/')}`)
    .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && !/(^|\/)testing\.ts$/.test(path));
  return new Map(paths.sort().map((path) => [path, parse(path, readFileSync(new URL(path, root), 'utf8'))]));
}

/** The folder of `src/` a file belongs to; a file right in `src/` is a layer of its own. */
export const layerOf = (path: string): string => path.split('/')[1]!;

/** Every way a module can be named: import and export declarations, `import()`, and `import('...')` as a type. */
export function parse(path: string, text: string): Source {
  const imports: Import[] = [];
  const add = (module: ts.Node | undefined, typeOnly: boolean): void => {
    if (module === undefined || !ts.isStringLiteralLike(module)) return;
    const name = module.text;
    const target = name.startsWith('.') ? { path: posix.join(posix.dirname(path), name) } : {};
    imports.push({ name, typeOnly, ...target });
  };
  const visit = (node: ts.Node): void => {
    // `import { type T }` does not count: verbatimModuleSyntax leaves `import {}`, which still runs the module.
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return { lines: text.replace(/\n$/, '').split('\n').length, imports };
}
