/** An answer that a page is made of: what it is now, and what went wrong. */
import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { ask } from './api.ts';

export interface Loaded<T> {
  readonly answer?: T;
  /** The latest asking failed; an earlier answer stays. */
  readonly problem?: string;
  readonly isLoading: boolean;
}

/**
 * Asks for `path`, anew where it changes or where `version` does, such as when a run has gone on. An answer stays while the
 * next one is awaited; that of another path goes.
 */
export function useAnswer<T>(path: string | undefined, version?: unknown): Loaded<T> {
  const state = useSignal<Loaded<T> & { readonly path?: string }>({ isLoading: true });
  useEffect(() => {
    if (path === undefined) return;
    const abort = new AbortController();
    const before = state.peek();
    state.value = before.path === path ? { ...before, isLoading: true } : { path, isLoading: true };
    ask<T>(path, { signal: abort.signal }).then(
      (answer) => (state.value = { path, answer, isLoading: false }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const problem = error instanceof Error ? error.message : String(error);
        state.value = { ...state.peek(), problem, isLoading: false };
      },
    );
    return () => abort.abort();
  }, [path, version]);
  // Until the effect has run, what is there may be of another path.
  return state.value.path === path ? state.value : { isLoading: true };
}
