import path from 'node:path';
import { isLoopback } from '../server/http/loopback.ts';
import { newToken } from '../server/http/token.ts';
import { command } from './command.ts';
import { interruptible } from './interruption.ts';
import { ownModelOf, ownModelOptions } from './options/own-model.ts';
import { bytes, host as parsedHost, hostName, namedPath, origin, port, positive, seconds } from './options/parse.ts';
import { shared } from './options/shared.ts';
import { UsageError } from './usage-error.ts';

/** The environment variable that a token may come by: arguments are seen by whoever lists processes. */
const tokenVariable = 'DECALIGN_TOKEN';

const usualBody = 16 * 2 ** 20;

export const serveCommand = command('serve', {
  summary: 'models over HTTP: the Open Inference Protocol, predictions for samples, metrics, a page',
  example: 'decalign serve runs/mosi --port 8080',
  description:
    'Answers for exports (decalign export) and runs at an address of this machine, until Ctrl-C or SIGTERM: then what is under way is answered first. The address goes to stdout, and a line of JSON for each request to stderr. docs/serve.md says what is answered.',
  arguments: [['[models...]', 'folders of exports, or run directories; each is called as its folder']],
  options: [
    { flag: '--name <name=path>', help: 'serve PATH as NAME; may be repeated', repeated: true, parse: namedPath },
    { flag: '--port <n>', help: 'the port to listen at; 0: any that is free', parse: port, default: 8080 },
    {
      flag: '--host <address>',
      help: 'the address to listen at; one that other machines reach asks for a token',
      parse: parsedHost,
      default: '127.0.0.1',
    },
    {
      flag: '--token <text>',
      help: `what requests must carry; default: ${tokenVariable}, or a new one where one is needed`,
    },
    { flag: '--no-token', help: 'anybody may ask, whatever the address' },
    {
      flag: '--allow-host <name>',
      help: 'a name that is answered for without a token, or *; may be repeated',
      repeated: true,
      parse: hostName,
    },
    {
      flag: '--cors <origin>',
      help: 'pages of this origin may ask, as https://example.org, or *; may be repeated',
      repeated: true,
      parse: origin,
    },
    { flag: '--max-batch <n>', help: 'samples that a model takes together at most', parse: positive, default: 32 },
    { flag: '--max-queue <n>', help: 'requests that wait for a model at most', parse: positive, default: 256 },
    { flag: '--timeout <seconds>', help: 'from the arrival of a request to its answer', parse: seconds, default: 30 },
    { flag: '--max-body <size>', help: 'the largest body of a request, as 500K (default: 16M)', parse: bytes },
    {
      flag: '--threads <n>',
      help: 'threads of the runtime, for each model; default: the number of cores',
      parse: positive,
    },
    ...ownModelOptions,
    { ...shared.quiet, help: 'no line for each request' },
  ],
  action: async (
    given,
    {
      name: named = [],
      host,
      token: wanted,
      allowHost,
      cors,
      quiet,
      model,
      changedModel,
      maxBody = usualBody,
      ...limits
    },
  ) => {
    const models = modelsOf(given, named);
    const token = tokenFor(host, wanted);
    const own = await ownModelOf({ ...(model !== undefined && { model }), ...(changedModel && { changedModel }) });
    const { serve } = await import('../server/serve/serve.ts');
    const tell = (line: string): void => void process.stderr.write(`${line}\n`);
    await interruptible(
      async (signal) => {
        const { url, drain } = await serve({
          ...{ models, host, token, own, signal, maxBody, ...limits },
          ...(allowHost && { hosts: allowHost }),
          ...(cors && { origins: cors }),
          log: quiet ? () => undefined : tell,
          onError: ({ message }) => tell(JSON.stringify({ time: new Date().toISOString(), error: message })),
        });
        process.stdout.write(`${url}/${token === undefined ? '' : `#token=${encodeURIComponent(token)}`}\n`);
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
        await drain();
        return undefined;
      },
      {
        stopping: () => tell('Stopping: what is under way is answered; once more ends it at once.'),
        stopped: 'Stopped.',
        // Whoever runs services ends them so, and a service that ended as it was told did not fail.
        codes: { SIGTERM: 0 },
      },
    );
  },
});

interface NamedModel {
  readonly name: string;
  readonly location: string;
}

/** Each model with its name, which must be another for each. */
function modelsOf(given: readonly string[], named: readonly NamedModel[]): readonly NamedModel[] {
  const renamed = new Set(named.map(({ location }) => path.resolve(location)));
  const models = [
    ...given
      .filter((location) => !renamed.has(path.resolve(location)))
      .map((location) => ({ name: nameOf(location), location })),
    ...named,
  ];
  if (models.length === 0) throw new UsageError('Name an export or a run to serve, as in decalign serve runs/mosi.');
  if (models.some(({ location }) => location === ''))
    throw new UsageError('A path is empty: give the folder of an export, or a run directory.');
  const twice = models.find(({ name }, n) => models.findIndex((other) => other.name === name) < n);
  if (twice)
    throw new UsageError(
      `Two models are called "${twice.name}": call one otherwise, as in --name other=${twice.location}.`,
    );
  return models;
}

/** The folder's own name; of a file in a run, that of the run. */
function nameOf(location: string): string {
  const whole = path.resolve(location);
  return path.basename(path.extname(whole) === '.safetensors' ? path.dirname(whole) : whole);
}

/** The token that requests must carry; undefined where anybody may ask. */
function tokenFor(host: string, wanted: string | boolean | undefined): string | undefined {
  if (wanted === false) return undefined;
  const given = typeof wanted === 'string' ? wanted : process.env[tokenVariable];
  if (given === undefined) return isLoopback(host) ? undefined : newToken();
  if (!/^\S{8,}$/.test(given)) throw new UsageError(`A token must have 8 characters or more, and no space.`);
  return given;
}
