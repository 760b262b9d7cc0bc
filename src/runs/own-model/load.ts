/**
 * Loads a model of one's own from a JavaScript file. The file is executed, so its path must be one that the user named:
 * on the command line, never in a configuration, checkpoint or run directory.
 */
import { spawnSync } from 'node:child_process';
import { Console } from 'node:console';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { register } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { ownModelProblem } from '../../config/index.ts';
import { FormatError } from '../../files/error.ts';
import { isTree } from '../../json/tree.ts';
import { parsedText } from '../../json/text.ts';
import type { Model } from '../../models/index.ts';
import { thrown } from '../../models/output.ts';
import type { ModelCode, OwnModel } from './code.ts';
import type { HookData, ImportedFile } from './import-hooks.ts';

/**
 * Whether a text names a model's file (it has a slash, or ends in `.js`, `.mjs`, `.ts` or the like) rather than a
 * model.
 */
export const isModelFile = (model: string): boolean => /[\\/]|\.[cm]?[jt]s$/.test(model);

/**
 * Executes a model's file. Returns its default export, which must be what `defineModel` returned, and the hashes of the
 * file and of every file that it imports by a path. Any failure is thrown as an Error of one line that names the file.
 */
export async function loadModelFile(file: string): Promise<Required<OwnModel>> {
  if (!existsSync(file)) throw new Error(`${file} does not exist; a model is a name, or the path of its file.`);
  const found = statSync(file);
  if (found.isDirectory()) throw new Error(`${file} is a folder; give the model's file in it.`);
  if (!found.isFile()) throw new Error(`${file} is no regular file, as a model's file must be.`);
  if (/\.c[jt]s$/.test(file))
    throw new Error(
      `${file}: a model's file is an ES module: name it .js or .mjs, and write import and export default.`,
    );
  const source: Source = { file, url: pathToFileURL(realpathSync(file)).href };
  const common = commonJs(source.url);
  if (common !== undefined) throw new Error(`${file}: ${common}`);
  const model = (await run(source))['default'];
  // A file without a word is taken for CommonJS, which exports an empty object.
  if (model === undefined || isEmptyObject(model))
    throw new Error(
      `${file} has no default export; a model's file ends in "export default" and what defineModel returned.`,
    );
  const problem = ownModelProblem(model);
  if (problem !== undefined) throw new Error(`${file}: its default export is not what defineModel returns: ${problem}`);
  return { model: named(model as Model, source), code: codeOf(source) };
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Reflect.ownKeys(value).length === 0;

/** A model's file: its path as the user gave it, and its URL. */
interface Source {
  readonly file: string;
  readonly url: string;
}

async function run(source: Source): Promise<Readonly<Record<string, unknown>>> {
  watchImports();
  // Results are on stdout, so all that a model's file prints goes to stderr: at any time by console, and while it is
  // loaded or builds by process.stdout too.
  globalThis.console = new Console(process.stderr);
  const restore = stdoutToStderr();
  if (loaded.length === 0) process.on('uncaughtException', strayed);
  loaded.push(source);
  // A file that calls process.exit, or awaits a promise that never settles, would end the command silently with exit
  // code 0.
  const endedEarly = (): void => {
    if (strayedAlready) return;
    process.exitCode = 1;
    process.stderr.write(
      `decalign: ${source.file}: the model cannot be loaded: it ends the process, or awaits what never comes.\n`,
    );
  };
  process.once('exit', endedEarly);
  try {
    return (await import(source.url)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      const [kind, todo] = /\.[cm]?ts$/.test(source.file)
        ? ['TypeScript', 'compile it to JavaScript first']
        : ['a file of that ending', "a model's file ends in .js or .mjs"];
      throw new Error(`${source.file}: Node ${process.version} does not run ${kind}; ${todo}.`, { cause: error });
    }
    throw failure(source, error, 'cannot be loaded');
  } finally {
    restore();
    process.off('exit', endedEarly);
  }
}

/** The files that have been loaded. */
const loaded: Source[] = [];
let strayedAlready = false;

/** Ends the process for an error that nothing catches, as of a promise or a timer that a model's file leaves behind. */
function strayed(error: unknown): never {
  strayedAlready = true;
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const source = loaded.find(({ url }) => placeIn(stack, filesOf(url))) ?? loaded.at(-1)!;
  const { message } = failure(source, error, 'leaves an error that nothing catches');
  process.stderr.write(`decalign: ${message.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`);
  process.exit(1);
}

/** From now on what is written to process.stdout goes to stderr, until the returned function is called. */
function stdoutToStderr(): () => void {
  const { stdout, stderr } = process;
  const before = Object.getOwnPropertyDescriptor(stdout, 'write');
  Object.defineProperty(stdout, 'write', { value: stderr.write.bind(stderr), configurable: true, writable: true });
  return () => {
    if (before) Object.defineProperty(stdout, 'write', before);
    else Reflect.deleteProperty(stdout, 'write');
  };
}

/** The model with a `build` whose errors name the model's file. */
const named = (model: Model, source: Source): Model => ({
  ...model,
  build(scope, inputs, config) {
    const restore = stdoutToStderr();
    try {
      return model.build(scope, inputs, config);
    } catch (error) {
      // A FormatError is about a file of weights that `build` reads, and names that file already.
      if (error instanceof FormatError) throw error;
      throw failure(source, error, 'cannot be built');
    } finally {
      restore();
    }
  },
});

/** An Error of one line for what a model's file threw, with the file and the line in which the error arose. */
function failure({ file, url }: Source, error: unknown, what: string): Error {
  const [message, stack = ''] = error instanceof Error ? [said(error), error.stack] : [thrown(error)];
  const beside = (other: string): string => path.join(path.dirname(file), relative(url, other));
  if (error instanceof SyntaxError)
    for (const other of filesOf(url)) {
      const common = commonJs(other);
      if (common !== undefined) return new Error(`${beside(other)}: ${common}`, { cause: error });
    }
  const found = placeIn(stack, filesOf(url)) ?? (error instanceof SyntaxError ? slipIn(filesOf(url)) : undefined);
  const named = !found || found.url === url ? file : beside(found.url);
  return new Error(`${found ? `${named}:${found.line}` : named}: the model ${what}: ${message}`, { cause: error });
}

/** The message of an error; of CommonJS, what to write in its place. */
function said({ message, ...error }: NodeJS.ErrnoException): string {
  const [isCommon] = /^\w+ is not defined in ES module scope/.exec(message) ?? [];
  const missing = error.code === 'MODULE_NOT_FOUND' ? message.split('\n')[0]! : undefined;
  const common = isCommon ?? missing;
  return common === undefined ? message : `${common}; a model's file is an ES module: write import and export default.`;
}

/** Why Node takes a file for CommonJS, and what to do, where the package.json that is nearest to it says so. */
function commonJs(url: string): string | undefined {
  if (!/\.[jt]s$/.test(url)) return undefined;
  for (let folder = path.dirname(fileURLToPath(url)); ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'package.json');
    if (existsSync(file))
      return packageType(file) === 'commonjs'
        ? `the model cannot be loaded: ${file} has "type": "commonjs", so Node takes the file for CommonJS; call it .mjs, or write "type": "module" there.`
        : undefined;
    if (folder === path.dirname(folder)) return undefined;
  }
}

function packageType(file: string): unknown {
  const parsed = parsedText(readFileSync(file, 'utf8'));
  return isTree(parsed) ? parsed['type'] : undefined;
}

interface Place {
  readonly url: string;
  readonly line: string;
}

/** The first line of a stack trace that lies in one of the files. */
function placeIn(stack: string, files: ReadonlySet<string>): Place | undefined {
  const places = [...files].flatMap((url) =>
    [url, fileURLToPath(url)].flatMap((name) => {
      const at = stack.indexOf(`${name}:`);
      const line = at < 0 ? undefined : /^:(\d+)/.exec(stack.slice(at + name.length))?.[1];
      return line === undefined ? [] : [{ url, line, at }];
    }),
  );
  return places.sort((a, b) => a.at - b.at)[0];
}

/**
 * The first file with a syntax error, and the line of the error. The stack of a SyntaxError that `import()` throws does
 * not name the line; `node --check` does.
 */
function slipIn(files: ReadonlySet<string>): Place | undefined {
  for (const url of files) {
    const input = readFileSync(fileURLToPath(url));
    const { stderr } = spawnSync(process.execPath, ['--check', '--input-type=module', '-'], {
      input,
      encoding: 'utf8',
    });
    const line = /^\[stdin\]:(\d+)/.exec(stderr)?.[1];
    if (line !== undefined) return { url, line };
  }
  return undefined;
}

/** The URLs of the files that each file imports by a path, by the URL of the importing file. */
const imports = new Map<string, Set<string>>();
/** Receives the imports that the hooks report; undefined until the hooks are registered. */
let told: MessagePort | undefined;

/**
 * Registers the import hooks, once: from then on `decalign` resolves to this package, and imports by a path are
 * reported.
 */
function watchImports(): void {
  if (told) return;
  const { port1, port2 }: { readonly port1: MessagePort; readonly port2: MessagePort } = new MessageChannel();
  const ending = path.extname(import.meta.url);
  const data: HookData = { index: new URL(`../../index${ending}`, import.meta.url).href, port: port2 };
  register(new URL(`./import-hooks${ending}`, import.meta.url), { data, transferList: [port2] });
  port1.unref();
  told = port1;
}

/** The URLs of a model's file and of every file that it imports by a path, directly or through others. */
function filesOf(entry: string): ReadonlySet<string> {
  // The hooks report an import before they resolve it, so the report of every file that has been imported is here by
  // now.
  for (let next; told && (next = receiveMessageOnPort(told) as { readonly message: ImportedFile } | undefined);) {
    const [from, to] = next.message;
    imports.set(from, (imports.get(from) ?? new Set()).add(to));
  }
  const reached = new Set([entry]);
  for (const file of reached) for (const imported of imports.get(file) ?? []) reached.add(imported);
  return reached;
}

/** The path of a file relative to the folder of the model's file `entry`, with slashes on every system. */
const relative = (entry: string, url: string): string =>
  path.relative(path.dirname(fileURLToPath(entry)), fileURLToPath(url)).replaceAll(path.sep, '/');

/** The SHA-256 of a model's file and of every file that it imports by a path, directly or through others. */
function codeOf({ url }: Source): ModelCode {
  const hash = (file: string): string =>
    createHash('sha256')
      .update(readFileSync(fileURLToPath(file)))
      .digest('hex');
  const imported = [...filesOf(url)].filter((file) => file !== url).map((file) => [relative(url, file), hash(file)]);
  return {
    file: relative(url, url),
    sha256: hash(url),
    imports: Object.fromEntries(imported.sort()) as ModelCode['imports'],
  };
}
