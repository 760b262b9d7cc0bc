import { expect, test } from 'vitest';
import { benchmarkUrl, compareUrl, placeOf, runUrl, runsUrl, sampleUrl, startUrl, withQuery } from './place.ts';

const at = (address: string): ReturnType<typeof placeOf> => placeOf(new URL(address, 'http://127.0.0.1:4680'));

test('every address leads back to what it was made of, whatever is in it', () => {
  const odd = 'a b/seed-1 & 100% ~ü?#';
  expect(at(runsUrl())).toMatchObject({ page: 'runs', ids: [] });
  expect(at(runUrl(odd, { view: 'errors' }))).toMatchObject({ page: 'run', ids: [odd] });
  expect(at(runUrl(odd, { view: 'errors' })).query.get('view')).toBe('errors');
  expect(at(sampleUrl(odd, 'clip$_$1/2'))).toMatchObject({ page: 'sample', ids: [odd, 'clip$_$1/2'] });
  expect(at(benchmarkUrl('~'))).toMatchObject({ page: 'benchmark', ids: ['~'] });
  expect(at(startUrl({ model: 'mult' }))).toMatchObject({ page: 'start' });
  expect(at(compareUrl([odd, 'b'])).query.getAll('ids')).toEqual([odd, 'b']);
});

test.each(['/run', '/run/', '/run/a/b', '/sample/a', '/nothing', '/run/%E0%A4%A', '//', '/compare/a'])(
  '%s is no page',
  (address) => {
    expect(placeOf(new URL(`http://127.0.0.1${address}`)).page).toBe('lost');
  },
);

test('a query is changed by key', () => {
  const query = new URLSearchParams('q=mae&select=a&select=b');
  expect(withQuery(query, { q: undefined, sort: 'mae', select: ['c', 'd'] }).toString()).toBe(
    'sort=mae&select=c&select=d',
  );
  expect(withQuery(query, { q: '', select: [] }).toString()).toBe('');
  expect(query.toString()).toBe('q=mae&select=a&select=b');
});
