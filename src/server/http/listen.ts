/** A server that listens, and stops without cutting anybody off. */
import { getRequestListener } from '@hono/node-server';
import { createServer, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ListenOptions {
  /** The address or name of this machine to listen at. */
  readonly host: string;
  /** 0..65535; 0: any that is free. */
  readonly port: number;
  /** Limits of Node's server, such as `requestTimeout` in milliseconds. */
  readonly server?: ServerOptions;
}

export interface Listening {
  /** `http://HOST:PORT`, as a browser takes it. */
  readonly url: string;
  /** Takes no more requests, and resolves when those under way are answered. */
  readonly drain: () => Promise<void>;
  /** Ends all connections at once. */
  readonly cut: () => void;
}

/** Throws an Error of one line where the address cannot be had. */
export async function listen(
  fetch: Parameters<typeof getRequestListener>[0],
  { host, port, server: limits = {} }: ListenOptions,
): Promise<Listening> {
  const answer = getRequestListener(fetch, { errorHandler: malformed });
  const server = createServer(limits, (incoming, outgoing) => void answer(incoming, outgoing));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(unavailable(error, host, port)));
    server.listen(port, host, resolve);
  });
  let isDraining = false;
  // A connection that is kept alive is idle once its answer is through, and would hold the end up until it times out.
  const closeIdle = (): void => {
    if (isDraining) server.closeIdleConnections();
  };
  server.on('request', (_, response) => response.once('close', () => setImmediate(closeIdle)));
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${own}`,
    drain: () =>
      new Promise((resolve) => {
        isDraining = true;
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
    cut: () => server.closeAllConnections(),
  };
}

/** A request whose address or host is none gets to no application. */
const malformed = (): Response =>
  Response.json({ error: 'The request has no valid Host header, or asks for no valid address.' }, { status: 400 });

function unavailable(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} is in use: name another by --port, or 0 for any that is free`,
    EACCES: `port ${port} is for the system's own services: name one above 1023 by --port`,
    EADDRNOTAVAIL: `${host} is no address of this machine`,
    ENOTFOUND: `${host} is no address of this machine`,
    EAI_AGAIN: `${host} is no address of this machine`,
  };
  return new Error(`Cannot listen at ${host}: ${reasons[error.code ?? ''] ?? error.message}.`, { cause: error });
}
