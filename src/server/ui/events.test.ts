/** Server-sent events: what changes is told once, and a stream that broke off goes on where it was. */
import { rmSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunChanges, RunList, RunSeries } from './api/routes.ts';
import type { UiServer } from './app.ts';
import { answer, asked, Events, Runs, serverOf } from './testing.ts';

let runs: Runs;
let server: UiServer;
let open: Events[];
beforeEach(() => {
  runs = new Runs();
  server = serverOf(runs.root);
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((events) => events.close()));
  runs.remove();
});

async function connect(query: string, lastId?: string): Promise<Events> {
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
  const events = new Events(await asked(server, `/api/events${query}`, { headers }));
  open.push(events);
  return events;
}

/** Has the folder looked at now, which a server does every two seconds. */
const lookNow = (): Promise<Response> => asked(server, '/api/runs/none');
const changesOf = async (events: Events): Promise<RunChanges & { readonly id: string }> => {
  const { id, data } = await events.next('runs');
  return { ...(data as RunChanges), id };
};

test('after a list comes what changed since, and no more', async () => {
  runs.begin('a', 1);
  await lookNow();
  const { cursor } = await answer<RunList>(server, '/api/runs');
  const events = await connect(`?after=${cursor}`);
  expect(await changesOf(events)).toMatchObject({ runs: [], gone: [] });
  runs.add('b');
  rmSync(path.join(runs.root, 'a'), { recursive: true });
  await lookNow();
  // A look that takes long tells what it has found before it knows what is gone.
  const [came, gone] = [new Set<string>(), new Set<string>()];
  while (came.size === 0 || gone.size === 0) {
    const changes = await changesOf(events);
    expect(changes).not.toHaveProperty('all');
    for (const run of changes.runs) came.add(run.id);
    for (const run of changes.gone) gone.add(run);
  }
  expect([[...came], [...gone]]).toEqual([['b'], ['a']]);
});

test('without a cursor everything comes first', async () => {
  runs.add('a');
  await lookNow();
  expect(await changesOf(await connect(''))).toMatchObject({ all: true, runs: [{ id: 'a' }] });
});

test('curves come whole, then grow', async () => {
  runs.begin('a/b', 2);
  await lookNow();
  const events = await connect('?series=a%2Fb&column=metric:mae');
  expect((await events.next('series')).data).toMatchObject({
    run: 'a/b',
    from: 0,
    epochs: [1, 2],
    columns: [{ name: 'mae' }],
  });
  runs.grow('a/b', 2);
  await lookNow();
  expect((await events.next('series')).data).toMatchObject({
    from: 2,
    epochs: [3, 4],
    columns: [{ values: [1.33333, 1.25] }],
  });
});

test('a stream that broke off goes on where it was', async () => {
  runs.begin('a', 2);
  runs.begin('b', 1);
  await lookNow();
  const first = await connect('?series=a&series=b');
  await first.next('series');
  const { id } = await first.next('series');
  await first.close();
  runs.grow('a', 1);
  await lookNow();
  const second = await connect('?series=a&series=b', id);
  expect(await changesOf(second)).toMatchObject({ runs: [{ id: 'a' }], gone: [] });
  expect((await second.next('series')).data).toMatchObject({ run: 'a', from: 2, epochs: [3] });
  // Of b nothing came: the next event is of what comes then.
  runs.grow('b', 1);
  await lookNow();
  expect((await second.next('series')).data).toMatchObject({ run: 'b', from: 1, epochs: [2] });
});

test('after the server was started anew everything comes again', async () => {
  runs.begin('a', 2);
  await lookNow();
  const first = await connect('?series=a');
  const { id } = await first.next('series');
  server = serverOf(runs.root);
  await lookNow();
  const second = await connect('?series=a', id);
  expect(await changesOf(second)).toMatchObject({ all: true, runs: [{ id: 'a' }] });
  expect((await second.next('series')).data).toMatchObject({ from: 0, epochs: [1, 2] });
});

test('curves that were cut back come anew', async () => {
  const directory = runs.begin('a', 3);
  await lookNow();
  const events = await connect('?series=a');
  await events.next('series');
  truncateSync(path.join(directory, 'metrics.jsonl'), 0);
  runs.grow('a', 1);
  await lookNow();
  expect((await events.next('series')).data as RunSeries).toMatchObject({ from: 0, epochs: [1] });
});

test('curves of a run that comes later, and notes that change', async () => {
  await lookNow();
  const events = await connect('?series=late');
  const { data } = await events.next('notes');
  runs.add('late');
  await lookNow();
  expect((await events.next('series')).data).toMatchObject({ run: 'late', epochs: [1, 2] });
  expect(data).toMatchObject({ runs: {} });
  const body = JSON.stringify({ was: { tags: [], note: '' }, tags: ['t'], note: '' });
  await answer(server, '/api/notes/late', { method: 'PUT', body });
  runs.add('more');
  await lookNow();
  expect((await events.next('notes')).data).toMatchObject({ runs: { late: { tags: ['t'] } } });
});
