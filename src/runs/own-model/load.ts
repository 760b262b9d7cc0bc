/** A model from a file of its owner: JavaScript that is run, so its path must come from whoever runs the command. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { register } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { FormatError } from '../../files/error.ts';
import type { Model } from '../../models/index.ts';
import { modelProblem } from '../../models/own.ts';
import type { ModelCode, OwnModel } from './code.ts';
import type { HookData, ImportedFile } from './import-hooks.ts';

/** Whether what names a model is a path, and no name: it has a folder in it, or the ending of a program. */
export const isModelFile = (model: string): boolean => /[\\/]|\.[cm]?[jt]s$/.test(model);

/**
 * Runs a model's file and gives its default export, which must be what `defineModel` returned, with the hashes of the file
 * and of all that it imports by a path. Whatever goes wrong is an Error of one line that names the file.
 */
export async function loadModelFile(file: string): Promise<Required<OwnModel>> {
  if (!existsSync(file)) throw new Error(`${file} does not exist; a model is a name, or the path of its file.`);
  if (!statSync(file).isFile()) throw new Error(`${file} is a folder; give the model's file in it.`);
  const source: Source = { file, url: pathToFileURL(realpathSync(file)).href };
  const model = (await run(source))['default'];
  if (model === undefined)
    throw new Error(
      `${file} has no default export; a model's file ends in "export default" and what defineModel returned.`,
    );
  const problem = modelProblem(model);
  if (problem !== undefined)
    throw new Error(`${file}: its default export is not what defineModel returns: ${problem}.`);
  return { model: named(model as Model, source), code: codeOf(source) };
}

/** A model's file as it was given, and its address. */
interface Source {
  readonly file: string;
  readonly url: string;
}

async function run(source: Source): Promise<Readonly<Record<string, unknown>>> {
  watchImports();
  // A file that ends the process, or waits for what never comes, would end the command without a word, and as a success.
  const endedEarly = (): void => {
    process.exitCode = 1;
    process.stderr.write(
      `decalign: ${source.file}: the model cannot be loaded: it ends the process, or awaits what never comes.\n`,
    );
  };
  process.once('exit', endedEarly);
  try {
    return (await import(source.url)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      const [kind, todo] = /\.[cm]?ts$/.test(source.file)
        ? ['TypeScript', 'compile it to JavaScript first']
        : ['a file of that ending', "a model's file ends in .js or .mjs"];
      throw new Error(`${source.file}: Node ${process.version} does not run ${kind}; ${todo}.`, { cause: error });
    }
    throw failure(source, error, 'cannot be loaded');
  } finally {
    process.off('exit', endedEarly);
  }
}

/** The model, whose errors name its file. */
const named = (model: Model, source: Source): Model => ({
  ...model,
  build(scope, inputs, config) {
    try {
      return model.build(scope, inputs, config);
    } catch (error) {
      // What is wrong with a file of weights is told as it is.
      if (error instanceof FormatError) throw error;
      throw failure(source, error, 'cannot be built');
    }
  },
});

/** One line of what a model's file threw, with the line of the file, or of one that it imports, in which it arose. */
function failure({ file, url }: Source, error: unknown, what: string): Error {
  const [message, stack = ''] = error instanceof Error ? [error.message, error.stack] : [String(error)];
  const found = placeIn(stack, filesOf(url)) ?? (error instanceof SyntaxError ? slipIn(filesOf(url)) : undefined);
  const named = !found || found.url === url ? file : path.join(path.dirname(file), relative(url, found.url));
  return new Error(`${found ? `${named}:${found.line}` : named}: the model ${what}: ${message}`, { cause: error });
}

interface Place {
  readonly url: string;
  readonly line: string;
}

/** The first place in a stack that is in one of the files. */
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

/** The first file that is not JavaScript, and where: of an error of syntax, Node tells the line only to who runs the file. */
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

/** By address of a file, those that it imports by a path. */
const imports = new Map<string, Set<string>>();
let told: MessagePort | undefined;

/** From now on `decalign` is this package, in whatever is imported, and imports by a path are told. */
function watchImports(): void {
  if (told) return;
  const { port1, port2 }: { readonly port1: MessagePort; readonly port2: MessagePort } = new MessageChannel();
  const ending = path.extname(import.meta.url);
  const data: HookData = { index: new URL(`../../index${ending}`, import.meta.url).href, port: port2 };
  register(new URL(`./import-hooks${ending}`, import.meta.url), { data, transferList: [port2] });
  port1.unref();
  told = port1;
}

/** The addresses of a model's file and of all that it reaches by paths. */
function filesOf(entry: string): ReadonlySet<string> {
  // The hooks' thread tells of an import before it answers, so that what has been imported has been told.
  for (let next; told && (next = receiveMessageOnPort(told) as { readonly message: ImportedFile } | undefined);) {
    const [from, to] = next.message;
    imports.set(from, (imports.get(from) ?? new Set()).add(to));
  }
  const reached = new Set([entry]);
  for (const file of reached) for (const imported of imports.get(file) ?? []) reached.add(imported);
  return reached;
}

/** The path of a file from the folder of the model's. */
const relative = (entry: string, url: string): string =>
  path.relative(path.dirname(fileURLToPath(entry)), fileURLToPath(url)).replaceAll(path.sep, '/');

/** The hashes of a model's file and of all that it reaches by paths. */
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
