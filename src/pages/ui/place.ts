/** Where a page is: its address says everything that it shows, so that a link shows the same to whoever opens it. */

export type PageName = 'runs' | 'run' | 'compare' | 'sample' | 'benchmark' | 'start' | 'lost';

export interface Place {
  readonly page: PageName;
  /** What the page is of: a run; a run and a sample; a benchmark. */
  readonly ids: readonly string[];
  readonly query: URLSearchParams;
}

/** How many ids follow a page's name. */
const idsOf: Readonly<Record<Exclude<PageName, 'runs' | 'lost'>, number>> = {
  run: 1,
  compare: 0,
  sample: 2,
  benchmark: 1,
  start: 0,
};

export function placeOf({ pathname, searchParams: query }: URL): Place {
  const [name = '', ...parts] = pathname.split('/').slice(1);
  const lost: Place = { page: 'lost', ids: [], query };
  if (name === '' && parts.length === 0) return { page: 'runs', ids: [], query };
  const page = (Object.keys(idsOf) as (keyof typeof idsOf)[]).find((each) => each === name);
  if (page === undefined || parts.length !== idsOf[page] || parts.includes('')) return lost;
  try {
    return { page, ids: parts.map(decodeURIComponent), query };
  } catch {
    // A share of a percent sign that is none.
    return lost;
  }
}

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The query with some of its keys changed; undefined, an empty text and an empty list take a key away. */
export function withQuery(query: URLSearchParams, changes: Query): URLSearchParams {
  const changed = new URLSearchParams(query);
  for (const [key, value] of Object.entries(changes)) {
    changed.delete(key);
    for (const each of [value ?? []].flat()) if (each !== '') changed.append(key, each);
  }
  return changed;
}

const address = (path: string, query: Query = {}): string => {
  // In a query a slash may stand as it is, which is easier to read.
  const text = withQuery(new URLSearchParams(), query).toString().replaceAll('%2F', '/');
  return text === '' ? path : `${path}?${text}`;
};

export const runsUrl = (query?: Query): string => address('/', query);
export const runUrl = (run: string, query?: Query): string => address(`/run/${encodeURIComponent(run)}`, query);
export const sampleUrl = (run: string, sample: string, query?: Query): string =>
  address(`/sample/${encodeURIComponent(run)}/${encodeURIComponent(sample)}`, query);
export const benchmarkUrl = (id: string, query?: Query): string =>
  address(`/benchmark/${encodeURIComponent(id)}`, query);
export const compareUrl = (ids: readonly string[]): string => address('/compare', { ids });
export const startUrl = (query?: Query): string => address('/start', query);
