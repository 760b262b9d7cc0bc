/** The frame of every page: the head with the way back to all runs, what the connection is, and the page of the address. */
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { effect, signal, useSignal } from '@preact/signals';
import { LiveRegion } from '../base/announcer.tsx';
import { AnswerError } from './api.ts';
import { connection, list, listProblem } from './live.ts';
import { path, place } from './navigation.ts';
import { runsUrl, startUrl, type PageName } from './place.ts';
import { Page } from './page.tsx';
import { RunsPage } from './runs/runs-page.tsx';
import { giveToken } from './session.ts';

type PageComponent = ComponentType<{ readonly ids: readonly string[] }>;

/** The pages that are loaded when they are wanted. */
const further: Readonly<Partial<Record<PageName, () => Promise<PageComponent>>>> = {
  benchmark: () => import('./benchmark/benchmark-page.tsx').then(({ BenchmarkPage }) => BenchmarkPage),
  compare: () => import('./compare/compare-page.tsx').then(({ ComparePage }) => ComparePage),
  sample: () => import('./sample/sample-page.tsx').then(({ SamplePage }) => SamplePage),
  start: () => import('./start-run/start-page.tsx').then(({ StartPage }) => StartPage),
  run: () => import('./run/run-page.tsx').then(({ RunPage }) => RunPage),
};

const loaded = signal<Readonly<Partial<Record<PageName, PageComponent>>>>({});
/** Those whose scripts did not come. A browser remembers that and asks for them no more: only a window that is loaded anew does. */
const failed = signal<ReadonlySet<PageName>>(new Set());

let wasLost = false;
effect(() => {
  const now = connection.value;
  // Where nothing was lost the script is not there at all, and to load anew would have no end.
  if (now === 'live' && wasLost && failed.peek().has(place.peek().page)) location.reload();
  if (now === 'live' || now === 'lost') wasLost = now === 'lost';
});

export function App() {
  return (
    <>
      <a class="unseen skip" href="#main">
        Skip to the page
      </a>
      <Head />
      <main id="main" tabIndex={-1}>
        {connection.value === 'no session' ? <TokenForm /> : <CurrentPage />}
      </main>
      <LiveRegion />
    </>
  );
}

function Head() {
  const { folder, allowStart, problem, reading } = list.value ?? {};
  return (
    <header>
      <nav aria-label="Main">
        <span class="home">
          <Sign />
          {folder ?? 'decalign'}
        </span>
        <NavLink to={runsUrl()} page="runs">
          All runs
        </NavLink>
        {allowStart && (
          <NavLink to={startUrl()} page="start">
            Start a run
          </NavLink>
        )}
      </nav>
      <p class="connection small" role="status">
        {connection.value === 'lost' ? (
          <span class="warn">Connection lost, trying again</span>
        ) : (
          reading && 'Reading the folder'
        )}
      </p>
      {problem !== undefined && <p class="problem warn">{problem}</p>}
    </header>
  );
}

interface NavLinkProps {
  readonly to: string;
  readonly page: PageName;
  readonly children: string;
}

const NavLink = ({ to, page, children }: NavLinkProps) => (
  <a href={to} aria-current={place.value.page === page ? 'page' : undefined}>
    {children}
  </a>
);

/** Two sets that overlap: what modalities share, and what is their own. */
const Sign = () => (
  <svg width="26" height="18" viewBox="0 0 26 18" aria-hidden="true">
    <circle cx="9" cy="9" r="7.5" fill="none" stroke="var(--series-1)" stroke-width="2.5" />
    <circle cx="17" cy="9" r="7.5" fill="none" stroke="var(--series-2)" stroke-width="2.5" />
  </svg>
);

function CurrentPage() {
  const { page, ids } = place.value;
  useEffect(() => void load(page), [page]);
  if (listProblem.value !== undefined && !list.value)
    return (
      <Page title="No answer">
        <p class="bad">{listProblem.value}</p>
      </Page>
    );
  // An address is a page of its own: nothing of the one before stays in it.
  const key = path.value;
  if (page === 'runs') return <RunsPage key={key} />;
  if (page === 'lost')
    return (
      <Page title="There is no such page" key={key}>
        <p>
          <a href={runsUrl()}>All runs</a> lead to every page there is.
        </p>
      </Page>
    );
  const Found = loaded.value[page];
  if (Found) return <Found ids={ids} key={key} />;
  return failed.value.has(page) ? <NotLoaded key={key} /> : <p class="quiet">Loading …</p>;
}

async function load(page: PageName): Promise<void> {
  const open = further[page];
  if (!open || loaded.peek()[page]) return;
  if (failed.peek().has(page) && connection.peek() === 'live') {
    location.reload();
    return;
  }
  try {
    const component = await open();
    loaded.value = { ...loaded.peek(), [page]: component };
  } catch {
    failed.value = new Set([...failed.peek(), page]);
  }
}

const NotLoaded = () => (
  <Page title="This page could not be loaded">
    <p class="empty">
      Is decalign ui still running? As soon as it answers, the page is loaded again.{' '}
      <button type="button" onClick={() => location.reload()}>
        Try now
      </button>
    </p>
  </Page>
);

function TokenForm() {
  const problem = useSignal<string | undefined>(undefined);
  const field = useRef<HTMLInputElement>(null);
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    try {
      await giveToken(field.current!.value);
      location.reload();
    } catch (error) {
      problem.value = error instanceof AnswerError ? error.message : String(error);
    }
  };
  return (
    <Page title="A token is needed">
      <p>decalign ui printed an address with a token when it was started. Open that address, or give the token here.</p>
      <form class="token" onSubmit={(event) => void send(event)}>
        <label>
          Token <input ref={field} type="password" autocomplete="off" required />
        </label>
        <button class="main">Open</button>
      </form>
      <p class="bad" role="alert">
        {problem.value}
      </p>
    </Page>
  );
}
