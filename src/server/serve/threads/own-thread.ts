/** A thread that runs one of the files here, whether they are TypeScript or what the package is published as. */
import { Worker } from 'node:worker_threads';

// The package that is published is JavaScript; Node 20 needs help to run the TypeScript that it is made from.
const fromSource = import.meta.url.endsWith('.ts');
const loader = fromSource ? import.meta.resolve('tsx/esm/api') : undefined;
const entry = `
  const { loader, file } = require('node:worker_threads').workerData;
  Promise.resolve(loader && import(loader).then(({ register }) => register())).then(() => import(file));
`;

/** Starts the file of that name, without its ending, which lies beside this one. */
export function ownThread(name: string): Worker {
  const file = new URL(`./${name}.${fromSource ? 'ts' : 'js'}`, import.meta.url).href;
  return new Worker(entry, { eval: true, execArgv: [], workerData: { loader, file } });
}

/** The memory that is handed over rather than copied: what nothing else lies in. */
export const bufferOf = ({ buffer, byteLength }: ArrayBufferView): ArrayBuffer[] =>
  buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
