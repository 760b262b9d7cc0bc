/** Who may ask a server that was started on one's own machine. */
import { Hono, type MiddlewareHandler } from 'hono';
import { once } from 'node:events';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { allowedHosts } from './allowed-hosts.ts';
import { listen } from './listen.ts';
import { isLoopback } from './loopback.ts';
import { sameOrigin } from './same-origin.ts';
import { bearerToken, isToken, newToken } from './token.ts';

function answering(middleware: MiddlewareHandler): Hono {
  const app = new Hono();
  app.use(middleware);
  app.all('*', (context) => context.text('yes'));
  return app;
}

describe('hosts', () => {
  const statusOf = async (host: string): Promise<number> =>
    (await answering(allowedHosts(['Models.example'])).request('/', { headers: { host } })).status;

  test.each([
    ...['localhost', 'LOCALHOST:8080', 'localhost.:1', '127.0.0.1:8080', '[::1]:8080', '10.0.0.7', hostname()],
    ...['models.example', 'models.EXAMPLE:80'],
  ])('%s is answered', async (host) => {
    expect(await statusOf(host)).toBe(200);
  });

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '127.1', 'xlocalhost'])(
    '%s, which may be made to point here, is not',
    async (host) => {
      expect(await statusOf(host)).toBe(421);
    },
  );

  test.each(['', 'a b', 'localhost:', 'localhost:123456', '[localhost]', '[::1', 'user@localhost', 'localhost/x'])(
    '%j is no host',
    async (host) => {
      expect(await statusOf(host)).toBe(400);
    },
  );

  test('of the loopback interface are known', () => {
    expect(['127.0.0.1', '127.8.8.8', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.7', '127.evil.example', '1127.0.0.1'].some(isLoopback)).toBe(false);
  });
});

test.each(['', 'a b/c', 'http://x'])('a request for the host %j is told so by a server, too', async (host) => {
  const { url, drain } = await listen(answering(allowedHosts([])).fetch, { host: '127.0.0.1', port: 0 });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (data: Buffer) => (answer += data.toString()));
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  await once(socket, 'close');
  expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*\{"error":"The request has no valid Host header/);
  await drain();
});

describe('origins', () => {
  const statusOf = async (method: string, headers: Readonly<Record<string, string>>): Promise<number> =>
    (await answering(sameOrigin).request('/', { method, headers: { host: 'localhost:80', ...headers } })).status;

  test('a page of this server, and a program that is no page, may change something', async () => {
    expect(await statusOf('POST', { origin: 'http://localhost:80' })).toBe(403);
    expect(await statusOf('POST', { host: 'localhost:81', origin: 'http://localhost:81' })).toBe(200);
    expect(await statusOf('POST', {})).toBe(200);
    expect(await statusOf('POST', { 'sec-fetch-site': 'same-origin' })).toBe(200);
  });

  test.each(['http://evil.example', 'http://localhost:81', 'null', 'nonsense'])('one of %s may not', async (origin) => {
    expect(await statusOf('POST', { origin })).toBe(403);
    expect(await statusOf('PUT', { origin })).toBe(403);
    expect(await statusOf('GET', { origin })).toBe(200);
  });

  test('nor one that the browser calls foreign', async () => {
    expect(await statusOf('DELETE', { 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await statusOf('POST', { 'sec-fetch-site': 'cross-site' })).toBe(403);
  });
});

describe('tokens', () => {
  test('are long, and never the same twice', () => {
    expect(newToken()).toMatch(/^[\w-]{32}$/);
    expect(newToken()).not.toBe(newToken());
  });

  test('are the same or not, of whatever length', () => {
    expect(isToken('secret', 'secret')).toBe(true);
    expect(['secre', 'secret1', '', 'Secret'].some((given) => isToken(given, 'secret'))).toBe(false);
  });

  test('are asked for', async () => {
    const statusOf = async (authorization?: string): Promise<number> =>
      (await answering(bearerToken('secret')).request('/', { headers: authorization ? { authorization } : {} })).status;
    expect(await statusOf('Bearer secret')).toBe(200);
    expect(await statusOf('bearer  secret')).toBe(200);
    expect(await statusOf()).toBe(401);
    expect(await statusOf('Bearer secret1')).toBe(401);
    expect(await statusOf('Basic secret')).toBe(401);
  });
});

describe('listening', () => {
  test('answers what is under way before it ends, and takes nothing more', async () => {
    let answer = (): void => undefined;
    const asked = new Promise<void>((started) => {
      answer = started;
    });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const app = new Hono().get('/', async (context) => {
      answer();
      await held;
      return context.text('late');
    });
    const { url, drain } = await listen(app.fetch, { host: '127.0.0.1', port: 0 });
    const response = fetch(url);
    await asked;
    const drained = drain();
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    release();
    expect(await (await response).text()).toBe('late');
    await drained;
  });

  test('a port in use is told in one line', async () => {
    const app = new Hono();
    const { url, drain } = await listen(app.fetch, { host: '127.0.0.1', port: 0 });
    const port = Number(new URL(url).port);
    await expect(listen(app.fetch, { host: '127.0.0.1', port })).rejects.toThrow(
      `Cannot listen at 127.0.0.1: port ${port} is in use: name another by --port, or 0 for any that is free.`,
    );
    await expect(listen(app.fetch, { host: '203.0.113.1', port: 0 })).rejects.toThrow('is no address of this machine');
    await drain();
  });
});
