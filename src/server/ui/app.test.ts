/** Who is answered what: hosts, origins, tokens, files, and nothing of the machine's paths. */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Problem, RunList } from './api/routes.ts';
import type { RunDetail } from './api/run.ts';
import { answer, asked, Runs, serverOf } from './testing.ts';

let runs: Runs;
beforeEach(() => (runs = new Runs()));
afterEach(() => runs.remove());

const statusOf = async (...call: Parameters<typeof asked>): Promise<number> => (await asked(...call)).status;
const fileOf = (id: string, name: string): string =>
  `/api/runs/${encodeURIComponent(id)}/files/${encodeURIComponent(name)}`;

describe('every answer', () => {
  test('forbids what is foreign', async () => {
    const server = serverOf(runs.root);
    for (const route of ['/', '/api/runs', '/api/none', '/assets/none.js', '/run/a%2Fb']) {
      const { headers } = await asked(server, route);
      const policy = headers.get('content-security-policy')!;
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    }
  });

  test('is for this machine and the hosts that were named', async () => {
    const server = serverOf(runs.root, { hosts: ['runs.example'] });
    const at = (host: string): Promise<number> => statusOf(server, '/api/runs', { headers: { host } });
    expect(await at('runs.example:4680')).toBe(200);
    expect(await at('evil.example:4680')).toBe(421);
    expect(await statusOf(server, '/', { headers: { host: 'evil.example' } })).toBe(421);
  });

  test('to a request that changes something is for pages of this server', async () => {
    runs.add('a');
    const server = serverOf(runs.root, { start: ['false'] });
    const from = (origin: string, route: string, method: string): Promise<number> =>
      statusOf(server, route, { method, headers: { origin }, body: '{}' });
    for (const [method, route] of [
      ['PUT', '/api/notes/a'],
      ['POST', '/api/session'],
      ['POST', '/api/start'],
      ['POST', '/api/stop'],
      ['POST', '/api/resume'],
    ] as const) {
      expect(await from('http://evil.example', route, method)).toBe(403);
      expect(await from('http://localhost:4681', route, method)).toBe(403);
      expect(await from('http://localhost:4680', route, method)).not.toBe(403);
    }
  });

  test('is one line of what was wrong, where something was', async () => {
    const server = serverOf(runs.root);
    const response = await asked(server, '/api/runs/a%2Fb');
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual<Problem>({ error: `There is no run "a/b" in ${path.basename(runs.root)}.` });
    expect(await statusOf(server, '/api/none')).toBe(404);
    expect(await statusOf(server, '/api/compare')).toBe(400);
    expect(await statusOf(server, '/api/runs/%E0%A4%A')).toBe(404);
    const long = await asked(server, '/api/session', { method: 'POST', body: 'x'.repeat(2 ** 21) });
    expect([long.status, await long.json()]).toEqual([413, { error: 'The request is longer than 1 MiB.' }]);
  });

  test('says of a run whose files are away that they are', async () => {
    runs.add('a');
    const server = serverOf(runs.root);
    await answer<RunList>(server, '/api/runs');
    renameSync(runs.root, `${runs.root}-away`);
    for (const route of ['/api/runs/a', fileOf('a', 'config.json')])
      expect(await (await asked(server, route)).json()).toEqual<Problem>({
        error: 'Its files cannot be read (ENOENT): they, or the disk that they are on, may be gone.',
      });
    renameSync(`${runs.root}-away`, runs.root);
    expect(await statusOf(server, '/api/runs/a')).toBe(200);
  });

  test('to what cannot be shown of a run says why, and the next one is answered', async () => {
    runs.begin('begun', 1);
    runs.add('done');
    const server = serverOf(runs.root);
    const refused = await asked(server, '/api/runs/begun/samples/clip');
    expect([refused.status, await refused.json()]).toEqual([
      422,
      { error: 'begun is interrupted: compare it when it has finished (train --resume).' },
    ]);
    expect(await statusOf(server, '/api/runs/done/predictions')).toBe(200);
    server.close();
  });
});

describe('a token', () => {
  const token = 'a token of some length';
  const session = (given: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify({ token: given }) });

  test('is asked for below /api/ and nowhere else', async () => {
    runs.add('a');
    const server = serverOf(runs.root, { token });
    for (const route of [
      '/api/runs',
      '/api/events',
      '/api/runs/a/files/config.json',
      '/api/export/runs.csv',
      '/api/none',
    ])
      expect(await statusOf(server, route)).toBe(401);
    expect(await statusOf(server, '/')).toBe(200);
    expect(await statusOf(server, '/run/a')).toBe(200);
  });

  test('is given for a cookie that scripts and other sites do not have', async () => {
    const server = serverOf(runs.root, { token });
    const response = await asked(server, '/api/session', session(token) as object);
    expect(response.status).toBe(204);
    const cookie = response.headers.get('set-cookie')!;
    expect(cookie).toMatch(/^decalign_[\w-]{8}=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(token);
    const [pair] = cookie.split(';');
    expect(await statusOf(server, '/api/runs', { headers: { cookie: pair! } })).toBe(200);
    expect(await statusOf(server, '/api/runs', { headers: { cookie: `${pair!}x` } })).toBe(401);
    // That of another token is none.
    expect(
      await statusOf(serverOf(runs.root, { token: 'another one' }), '/api/runs', { headers: { cookie: pair! } }),
    ).toBe(401);
  });

  test('that is wrong opens nothing', async () => {
    const server = serverOf(runs.root, { token });
    for (const given of ['', 'wrong', 3, null, { token }]) {
      const response = await asked(server, '/api/session', session(given) as object);
      expect(response.status).toBe(403);
      expect(response.headers.get('set-cookie')).toBeNull();
    }
    expect(await statusOf(server, '/api/session', { method: 'POST', body: 'nonsense' })).toBe(403);
  });

  test('may come with each request of a program', async () => {
    const server = serverOf(runs.root, { token });
    expect(await statusOf(server, '/api/runs', { headers: { authorization: `Bearer ${token}` } })).toBe(401);
    const simple = serverOf(runs.root, { token: 'simple-token' });
    expect(await statusOf(simple, '/api/runs', { headers: { authorization: 'Bearer simple-token' } })).toBe(200);
    expect(await statusOf(simple, '/api/runs', { headers: { authorization: 'Bearer other' } })).toBe(401);
  });
});

describe('files', () => {
  test('of a run are given as they are, those below it too', async () => {
    const directory = runs.add('deep/a');
    const server = serverOf(runs.root);
    const { files } = await answer<RunDetail>(server, '/api/runs/deep%2Fa');
    expect(files.map(({ name }) => name)).toEqual([
      ...['best.safetensors', 'checkpoint/latest.safetensors', 'config.json', 'environment.json'],
      ...['metrics.jsonl', 'predictions.jsonl', 'progress.json', 'result.json'],
    ]);
    for (const name of ['best.safetensors', 'checkpoint/latest.safetensors', 'metrics.jsonl']) {
      const response = await asked(server, fileOf('deep/a', name));
      expect(response.headers.get('content-disposition')).toContain('attachment');
      expect(Buffer.from(await response.arrayBuffer())).toEqual(readFileSync(path.join(directory, name)));
    }
  });

  test('elsewhere are not given, by whatever way', async () => {
    const directory = runs.add('a');
    runs.add('b');
    writeFileSync(path.join(runs.root, 'secret'), 'secret');
    const outside = mkdtempSync(path.join(tmpdir(), 'decalign-outside-'));
    writeFileSync(path.join(outside, 'secret'), 'secret');
    symlinkSync(path.join(outside, 'secret'), path.join(directory, 'link'));
    symlinkSync(outside, path.join(directory, 'folder'));
    symlinkSync(path.join(runs.root, 'b/config.json'), path.join(directory, 'inside'));
    writeFileSync(path.join(directory, '.hidden'), 'hidden');
    const server = serverOf(runs.root);
    for (const name of [
      '../secret',
      '../b/config.json',
      'link',
      'folder/secret',
      'inside',
      '.hidden',
      'none',
      '',
      '.',
      '..',
      '/etc/passwd',
      'config.json/',
      './config.json',
      'checkpoint',
    ])
      expect(await statusOf(server, fileOf('a', name))).toBe(404);
    for (const route of [
      '/api/runs/a/files/../secret',
      '/api/runs/..%2Fa/files/secret',
      '/api/runs/a/files/..%2F..%2Fsecret',
    ])
      expect(await statusOf(server, route)).toBe(404);
    rmSync(outside, { recursive: true });
  });

  test('that may name places and are too long to be searched for them are not given', async () => {
    const directory = runs.add('a');
    for (const name of ['config.json', 'warnings.jsonl']) {
      writeFileSync(path.join(directory, name), ' '.repeat(17 * 2 ** 20));
      const response = await asked(serverOf(runs.root), fileOf('a', name));
      expect([response.status, await response.json()]).toEqual([
        422,
        { error: `${name} has 17 MiB, and up to 16 MiB are given from here: copy it from its folder.` },
      ]);
    }
  });

  test('of a folder that became a link are not given', async () => {
    const directory = runs.add('a');
    const server = serverOf(runs.root);
    await answer(server, '/api/runs/a');
    const outside = mkdtempSync(path.join(tmpdir(), 'decalign-outside-'));
    writeFileSync(path.join(outside, 'latest.safetensors'), 'secret');
    rmSync(path.join(directory, 'checkpoint'), { recursive: true });
    symlinkSync(outside, path.join(directory, 'checkpoint'));
    expect(await statusOf(server, fileOf('a', 'checkpoint/latest.safetensors'))).toBe(404);
    rmSync(outside, { recursive: true });
  });
});

describe('pages', () => {
  test('load what was built, and nothing behind a link or above', async () => {
    const built = path.join(runs.root, 'built');
    mkdirSync(built);
    writeFileSync(path.join(built, 'main.js'), 'script');
    writeFileSync(path.join(built, 'piece-ABCDEFGH.js'), 'piece');
    writeFileSync(path.join(built, 'main.html'), 'page');
    writeFileSync(path.join(runs.root, 'secret.js'), 'secret');
    symlinkSync(path.join(runs.root, 'secret.js'), path.join(built, 'link.js'));
    const server = serverOf(runs.root, { pages: built });
    const main = await asked(server, '/assets/main.js');
    expect([main.headers.get('content-type'), main.headers.get('cache-control'), await main.text()]).toEqual([
      ...['text/javascript; charset=utf-8', 'no-cache', 'script'],
    ]);
    expect((await asked(server, '/assets/piece-ABCDEFGH.js')).headers.get('cache-control')).toContain('immutable');
    for (const name of ['link.js', 'main.html', '..%2Fsecret.js', 'none.js', ''])
      expect(await statusOf(server, `/assets/${name}`)).toBe(404);
  });

  test('of every address are one document without a script or style in it', async () => {
    const server = serverOf(runs.root);
    const page = await (await asked(server, '/')).text();
    for (const route of ['/run/a%2Fb', '/compare?ids=a', '/sample/a%2Fb/c%24_%24d', '/benchmark/x', '/start'])
      expect(await (await asked(server, route)).text()).toBe(page);
    expect(page).not.toMatch(/<style|style=|<script(?![^>]*src=)|\son\w+=/);
  });
});

describe('an address at which there is nothing', () => {
  const ofBrowser = { headers: { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' } };

  test('is the page to a browser, which says so, and a line to a program', async () => {
    const server = serverOf(runs.root, { token: 'a token of some length' });
    const page = await (await asked(server, '/')).text();
    for (const route of ['/nothing', '/run', '/run/a/b', '/apis', '/assets/none.js', '/%E0%A4%A']) {
      const response = await asked(server, route, ofBrowser);
      expect([response.status, await response.text()], route).toEqual([404, page]);
      const told = await asked(server, route, { headers: { accept: '*/*' } });
      expect([told.status, await told.json()], route).toEqual([404, { error: 'There is nothing at this address.' }]);
    }
  });

  test('below /api is a line to everybody', async () => {
    const server = serverOf(runs.root);
    for (const route of ['/api', '/api/', '/api/none', '/api/runs/none']) {
      const response = await asked(server, route, ofBrowser);
      expect(response.status, route).toBe(404);
      expect(await response.json(), route).toHaveProperty('error');
    }
  });
});

test('no answer names a place of this machine', async () => {
  const directory = runs.add('group/a');
  const source = '/very/secret/place/my data.pkl';
  runs.edit('group/a', 'config.json', (record) => ({ ...record, data: { ...(record['data'] as object), source } }));
  runs.edit('group/a', 'result.json', (result) => ({ ...result, run: directory }));
  const command = `decalign train '${source}' --out ${directory}`;
  runs.edit('group/a', 'environment.json', () => ({ started: '2026-01-02T03:04:05.000Z', command }));
  const warned = [`${source} is odd`, 'a.jsonl:/secret/place/b, as in file:/secret/place/c'];
  for (const message of warned)
    appendFileSync(path.join(directory, 'warnings.jsonl'), `${JSON.stringify({ kind: 'data', message })}\n`);
  const references = { ridge: { describe: `ridge regression on ${source}`, valid: { mae: 1 } } };
  writeFileSync(path.join(directory, 'references.json'), JSON.stringify(references));
  const server = serverOf(runs.root, { data: ['/another/secret/file.pkl', '/more/secret/file2.pkl'] });
  const run = '/api/runs/group%2Fa';
  const { files, commands, warnings, source: told } = await answer<RunDetail>(server, run);
  expect(commands).toEqual(["decalign train 'my data.pkl' --out group/a --recipe paper"]);
  expect(warnings).toEqual([
    { kind: 'data', message: 'my data.pkl is odd' },
    { kind: 'data', message: 'a.jsonl:b, as in c' },
  ]);
  expect(told).toMatchObject({
    file: 'my data.pkl',
    missing: 'my data.pkl, which it was trained on, is not here: start decalign ui with --data FILE',
  });
  const routes = [
    ...['/', '/api/runs', '/api/notes', '/api/export/runs.csv', '/api/export/series.json', run, `${run}/series`],
    ...files.map(({ name }) => fileOf('group/a', name)),
  ];
  for (const route of routes) {
    const text = await (await asked(server, route)).text();
    for (const place of [runs.root, 'secret', tmpdir()]) expect(text, route).not.toContain(place);
  }
});

test('of a hundred thousand warnings the first are told, and how many more there are', async () => {
  const directory = runs.add('a');
  const line = (n: number): string => `${JSON.stringify({ message: `warning ${n}` })}\n`;
  const all = Array.from({ length: 100_000 }, (_, n) => line(n));
  writeFileSync(path.join(directory, 'warnings.jsonl'), all.join(''));
  const server = serverOf(runs.root);
  await answer(server, '/api/export/runs.json');
  const { row, warnings, moreWarnings } = await answer<RunDetail>(server, '/api/runs/a');
  expect([row.warnings, warnings.length, moreWarnings]).toEqual([100_000, 1000, 99_000]);
  expect([warnings[0], warnings[999]]).toEqual([{ message: 'warning 0' }, { message: 'warning 999' }]);
  writeFileSync(path.join(directory, 'warnings.jsonl'), line(1));
  const again = serverOf(runs.root);
  await answer(again, '/api/export/runs.json');
  expect(await answer(again, '/api/runs/a')).not.toHaveProperty('moreWarnings');
});

/** That of a run which has none. */
const noNote = { tags: [], note: '' };

test('runs are exported with their metrics and notes, and curves number by number', async () => {
  runs.add('a');
  runs.begin('b', 2);
  const server = serverOf(runs.root);
  const body = JSON.stringify({ was: noNote, tags: ['x', 'y'], note: 'a "note", with more' });
  await answer(server, '/api/notes/a', { method: 'PUT', body });
  const [head, row] = (await (await asked(server, '/api/export/runs.csv?ids=a')).text()).trim().split('\n');
  expect(head).toMatch(/^run,status,model,/);
  expect(row).toMatch(/^a,finished,decalign,paper,synthetic,1,.*,x;y,"a ""note"", with more"$/);
  const all = await answer<{ readonly run: string }[]>(server, '/api/export/runs.json');
  expect(all.map(({ run }) => run).toSorted()).toEqual(['a', 'b']);
  const curves = await (await asked(server, '/api/export/series.csv?ids=b')).text();
  expect(curves).toBe(
    `run,epoch,curve,value\n${[1, 2].map((n) => `b,${n},loss:task,${1 / n}\nb,${n},loss:total,${2 / n}\nb,${n},metric:mae,${1 + 1 / n}\nb,${n},rate:learning_rate,0.002\n`).join('')}`,
  );
  expect(await answer(server, '/api/export/series.json?ids=b')).toMatchObject([
    { run: 'b', epochs: [{ epoch: 1, 'metric:corr': null }, { epoch: 2 }] },
  ]);
  expect(await answer(server, '/api/export/runs.json?ids=none')).toEqual([]);
});

test('without --allow-start nothing can be started', async () => {
  runs.begin('a', 1);
  const server = serverOf(runs.root);
  expect((await answer<RunList>(server, '/api/runs')).allowStart).toBe(false);
  expect(await statusOf(server, '/api/form')).toBe(404);
  for (const route of ['/api/start', '/api/stop', '/api/resume'])
    expect(await statusOf(server, route, { method: 'POST', body: '{"id":"a"}' })).toBe(404);
});

test('a run that was started here is running until its process has ended, for it cannot be gone on with before', async () => {
  // A process that holds no run, as training holds none while it ends; where the test fails, it goes with its folder.
  const program = `
    const { existsSync, writeFileSync } = require('node:fs');
    const directory = process.argv[process.argv.indexOf('--out') + 1];
    writeFileSync(directory + '/config.json', '{}');
    setInterval(() => existsSync(directory) || process.exit(), 100);`;
  const server = serverOf(runs.root, { start: [process.execPath, '-e', program, '--'] });
  const post = (route: string, body: object): Promise<{ readonly id: string }> =>
    answer(server, route, { method: 'POST', body: JSON.stringify(body) });
  const status = async (): Promise<unknown> => {
    // What is not there is looked for, and all else with it.
    await asked(server, '/api/runs/none');
    return (await answer<RunList>(server, '/api/runs')).runs.map((run) => run.status);
  };
  const { id } = await post('/api/start', { model: 'decalign', data: 'synthetic', name: 'one', values: {} });
  expect(await status()).toEqual(['running']);
  expect(await statusOf(server, '/api/resume', { method: 'POST', body: JSON.stringify({ id }) })).toBe(422);
  await post('/api/stop', { id });
  await expect.poll(() => server.running(), { timeout: 300_000 }).toEqual([]);
  expect(await status()).toEqual(['interrupted']);
});

test('a note that is none, or of no run, is refused', async () => {
  runs.add('a');
  const server = serverOf(runs.root);
  const was = noNote;
  const put = (id: string, body: unknown): Promise<number> =>
    statusOf(server, `/api/notes/${id}`, { method: 'PUT', body: JSON.stringify(body) });
  expect(await put('a', { tags: [], note: 'x' })).toBe(400);
  expect(await put('a', { was, tags: [''], note: 'x' })).toBe(400);
  expect(await put('none', { was, tags: [], note: 'x' })).toBe(404);
  expect(await put('a', { was, tags: [], note: 'x' })).toBe(200);
  expect(await put('a', { was, tags: [], note: 'y' })).toBe(409);
  expect(await put('a', { was, tags: [], note: 'x'.repeat(2 ** 21) })).toBe(413);
});
