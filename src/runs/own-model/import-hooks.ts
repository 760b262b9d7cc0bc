/**
 * How a model's file imports, in the thread that Node runs such hooks in: `decalign` is the package that the command
 * belongs to, wherever the file lies, and imports by a path are told to whoever loads the file.
 */
import type { ResolveHook } from 'node:module';
import type { MessagePort } from 'node:worker_threads';

export interface HookData {
  /** The address of the package's `index.js`. */
  readonly index: string;
  readonly port: MessagePort;
}

/** A file and one that it imports by a path: their addresses. */
export type ImportedFile = readonly [from: string, to: string];

let data: HookData;
export const initialize = (given: HookData): void => {
  data = given;
};

export const resolve: ResolveHook = async (specifier, context, next) => {
  if (specifier === 'decalign') return { url: data.index, shortCircuit: true };
  // The package's own `exports` say what else there is of it.
  if (specifier.startsWith('decalign/')) return next(specifier, { ...context, parentURL: data.index });
  const found = await next(specifier, context);
  if (context.parentURL !== undefined && /^(\.{0,2}\/|#|file:)/.test(specifier) && found.url.startsWith('file:'))
    data.port.postMessage([context.parentURL, found.url] satisfies ImportedFile);
  return found;
};
