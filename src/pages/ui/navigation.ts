/** Going from one page to another without loading anew: links, the History API, and where the focus goes. */
import { computed, signal } from '@preact/signals';
import { placeOf, withQuery } from './place.ts';

const url = signal(new URL(location.href));

export const place = computed(() => placeOf(url.value));
/** The address without its query: another one is another page. */
export const path = computed(() => url.value.pathname);

export function navigate(to: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  const target = new URL(to, location.href);
  if (target.href === location.href) return;
  const isOther = target.pathname !== location.pathname;
  history[replace ? 'replaceState' : 'pushState'](null, '', target);
  url.value = target;
  if (isOther) scrollTo(0, 0);
}

/** Changes what the page shows; the step back leads to the page before, not to what was typed into this one. */
export function setQuery(changes: Parameters<typeof withQuery>[1]): void {
  const query = withQuery(place.peek().query, changes).toString().replaceAll('%2F', '/');
  navigate(`${location.pathname}${query === '' ? '' : `?${query}`}`, { replace: true });
}

/** One page for all addresses: takes over links to its own pages, and steps back and forth. */
export function followLinks(): void {
  addEventListener('popstate', () => (url.value = new URL(location.href)));
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.origin !== location.origin || link.hasAttribute('download') || link.target !== '') return;
    if (link.pathname.startsWith('/api/') || link.hash !== '') return;
    event.preventDefault();
    navigate(link.href);
  });
}
