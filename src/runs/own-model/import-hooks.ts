/**
 * Module hooks for a model's file; Node runs them in a thread of their own. The specifier `decalign` resolves to the
 * package that the command belongs to, wherever the model's file lies. Each import by a path is reported through a
 * message port to the thread that loads the file.
 */
import type { ResolveHook } from 'node:module';
import type { MessagePort } from 'node:worker_threads';

export interface HookData {
  /** The URL of the package's `index.js`. */
  readonly index: string;
  readonly port: MessagePort;
}

/** The URL of a file, and the URL of a file that it imports by a path. */
export type ImportedFile = readonly [from: string, to: string];

let data: HookData;
export const initialize = (given: HookData): void => {
  data = given;
};

export const resolve: ResolveHook = async (specifier, context, next) => {
  if (specifier === 'decalign') return { url: data.index, shortCircuit: true };
  // `exports` of package.json decides what the package's other specifiers, such as `decalign/web`, resolve to.
  if (specifier.startsWith('decalign/')) return next(specifier, { ...context, parentURL: data.index });
  const found = await next(specifier, context);
  if (context.parentURL !== undefined && /^(\.{0,2}\/|#|file:)/.test(specifier) && found.url.startsWith('file:'))
    data.port.postMessage([context.parentURL, found.url] satisfies ImportedFile);
  return found;
};
