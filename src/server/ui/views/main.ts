/** The process that makes views: one after the other, as it is asked. It ends with the process that started it. */
import { readingProblem } from '../reading-problem.ts';
import { views, type ViewReply, type ViewRequest } from './views.ts';

// Figures and models have nothing to say to whoever looks at a page.
for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) console[name] = () => undefined;

let before: Promise<void> = Promise.resolve();
process.on('message', (request: ViewRequest) => {
  before = before.then(() => answer(request));
});
process.on('disconnect', () => process.exit());
// Ctrl-C is heard by the whole group of processes: the one that started this one decides.
process.on('SIGINT', () => undefined);

async function answer({ id, view, args }: ViewRequest): Promise<void> {
  // Arguments are what `ViewMaker.make` was given, whose types are those of the view.
  const make = views[view] as (...given: readonly unknown[]) => Promise<unknown>;
  let reply: ViewReply;
  try {
    reply = { id, json: JSON.stringify(await make(...args)) };
  } catch (error) {
    reply = { id, ...problemOf(error) };
  }
  process.send?.(reply);
}

/** A fault of this program is told by its kind: other errors are made to be read. */
function problemOf(error: unknown): { readonly error: string; readonly expected: boolean } {
  const isFault = error instanceof TypeError || error instanceof ReferenceError || !(error instanceof Error);
  return { error: error instanceof Error ? readingProblem(error) : String(error), expected: !isFault };
}
