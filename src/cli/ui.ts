import { existsSync, statSync } from 'node:fs';
import { checkIsData } from '../data/datasets/recognise.ts';
import { makeFolder } from '../files/append.ts';
import { builtPage } from '../files/built-pages.ts';
import { isLoopback } from '../server/http/loopback.ts';
import { listen } from '../server/http/listen.ts';
import { newToken } from '../server/http/token.ts';
import { command } from './command.ts';
import { interruptible } from './interruption.ts';
import { host as parsedHost, port } from './options/parse.ts';
import { UsageError } from './usage-error.ts';

export const uiCommand = command('ui', {
  summary: 'runs in a browser: curves, comparisons, single samples',
  example: 'decalign ui runs',
  description:
    'Shows the runs below DIR on pages at an address of this machine, until Ctrl-C: lists, curves that grow, comparisons with intervals, errors and single samples. Nothing is sent anywhere, and nothing is deleted. docs/ui.md says more.',
  arguments: [['[dir]', 'a folder with runs in it (default: runs)']],
  options: [
    { flag: '--port <n>', help: 'the port to listen at; 0: any that is free', parse: port, default: 4680 },
    {
      flag: '--host <address>',
      help: 'the address to listen at; one that other machines reach asks for a token',
      parse: parsedHost,
      default: '127.0.0.1',
    },
    {
      flag: '--allow-host <name>',
      help: 'a name of this machine that is answered for, besides the one that it has itself; may be repeated',
      repeated: true,
      parse: parsedHost,
    },
    {
      flag: '--data <file>',
      help: 'data on which samples are shown, where runs were trained on data that is not here',
      repeated: true,
    },
    {
      flag: '--allow-start',
      help: 'runs can be started from a page, and those stopped; asks for a token, since others may use this machine',
    },
    { flag: '--token <text>', help: 'what who connects must know; default: a new one each time, where one is needed' },
  ],
  action: async (directory, { port, host, allowHost = [], data = [], allowStart = false, token: given }) => {
    checkFolder(directory, { isMade: allowStart });
    await checkData(data);
    if (given !== undefined && given.trim().length < 8)
      throw new UsageError('--token must have 8 characters or more; without it one is made.');
    if (allowStart) makeFolder(directory ?? usualFolder);
    // Only this machine reaches the loopback interface; but all of its users do, who may look and not train as somebody else.
    const token = given ?? (isLoopback(host) && !allowStart ? undefined : newToken());
    const start = allowStart ? ([process.execPath, ...process.execArgv, process.argv[1]!] as const) : undefined;
    const { uiApp } = await import('../server/ui/app.ts');
    const hosts = [host, ...allowHost];
    const app = uiApp({ root: directory ?? usualFolder, pages: builtPage('ui'), data, token, start, hosts });
    await interruptible(
      async (signal) => {
        const { url, cut } = await listen(app.fetch, { host, port, server: { maxHeaderSize: longestAddress } });
        const address = token === undefined ? `${url}/` : `${url}/#token=${encodeURIComponent(token)}`;
        process.stdout.write(`${address}\n`);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        cut();
        app.close();
        for (const id of app.running()) process.stderr.write(`${id} goes on training.\n`);
        return undefined;
      },
      { stopped: 'Stopped.' },
    );
  },
});

/** In bytes: an export of chosen runs names each of them in its address. */
const longestAddress = 2 ** 18;

const usualFolder = 'runs';

/** A folder that was named must be there, or be made for what is started; the usual one may come to be when something is trained. */
function checkFolder(directory: string | undefined, { isMade }: { readonly isMade: boolean }): void {
  if (directory === undefined) return;
  const isThere = existsSync(directory);
  if (!isThere && !isMade) throw new Error(`${directory} does not exist; name a folder with runs in it.`);
  if (isThere && !statSync(directory).isDirectory())
    throw new Error(`${directory} is a file; name a folder with runs in it.`);
}

/** A sample is looked for in them long after the start: what holds no data is refused while somebody reads it. */
async function checkData(files: readonly string[]): Promise<void> {
  for (const file of files) {
    if (!existsSync(file)) throw new Error(`${file} does not exist; name a data file by --data.`);
    await checkIsData(file);
  }
}
