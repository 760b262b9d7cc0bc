/** Which functions of the sources a test calls: no other test can see a change in one of them. */
import ts from 'typescript';

interface FunctionAt {
  /** Characters of the text. */
  readonly start: number;
  readonly end: number;
  readonly body: ts.ConciseBody;
}

function functionsOf(source: string): FunctionAt[] {
  const found: FunctionAt[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body)
      found.push({ start: node.getStart(), end: node.getEnd(), body: node.body });
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('file.ts', source, ts.ScriptTarget.Latest, true));
  return found;
}

/** The name of the function that starts at a character of a file. */
const nameOf = (file: string, start: number): string => `${file} ${start}`;

/** The innermost function that holds a part of a file; undefined for what runs as soon as the file is imported. */
export function functionAround(
  file: string,
  source: string,
  part: { readonly start: number; readonly end: number },
): string | undefined {
  const around = functionsOf(source).filter(({ start, end }) => start <= part.start && part.end <= end);
  return around.length === 0 ? undefined : nameOf(file, Math.max(...around.map(({ start }) => start)));
}

/** The set of functions called so far, in the process of a test that is to tell of them. */
export const calledName = '__calledFunctions';

/** A source whose functions add their names to `globalThis[calledName]`, where that is, before they do anything else. */
export function telling(file: string, source: string): string {
  const inserted = functionsOf(source).flatMap(({ start, body }): { at: number; text: string }[] => {
    const tell = `globalThis.${calledName}?.add(${JSON.stringify(nameOf(file, start))})`;
    if (ts.isBlock(body)) return [{ at: body.getStart() + 1, text: `${tell};` }];
    return [
      { at: body.getStart(), text: `(${tell}, ` },
      { at: body.getEnd(), text: ')' },
    ];
  });
  // From the end of the text, so that places before stay where they are.
  return inserted
    .sort((a, b) => b.at - a.at)
    .reduce((text, { at, text: more }) => text.slice(0, at) + more + text.slice(at), source);
}
