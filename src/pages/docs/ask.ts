/** Asking the server that the page is of, with its token where it wants one. */
import type { OpenApi } from '../../server/serve/described.ts';

const key = 'decalign token';

/** Takes the token out of the address, where it would stay in the history; a tab keeps it for as long as it is open. */
export function takeToken(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return;
  setToken(token);
  history.replaceState(null, '', location.pathname + location.search);
}

export const setToken = (token: string): void => sessionStorage.setItem(key, token);

/** Where the server is: the page stands at its top. */
export const serverAddress = (): string => new URL('.', location.href).href.replace(/\/$/, '');

const ask = (path: string, init: RequestInit = {}): Promise<Response> => {
  const token = sessionStorage.getItem(key);
  return fetch(`${serverAddress()}${path}`, {
    ...init,
    ...(token !== null && { headers: { Authorization: `Bearer ${token}` } }),
  });
};

/** The description of the server; `token` where it asks for one. Throws an Error where it does not answer. */
export async function describe(): Promise<OpenApi | 'token'> {
  const response = await ask('/openapi.json');
  if (response.status === 401) return 'token';
  if (!response.ok) throw new Error(`The server answers ${response.status}.`);
  return (await response.json()) as OpenApi;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

export async function post(path: string, body: string): Promise<Answer> {
  const start = performance.now();
  const response = await ask(path, { method: 'POST', body });
  const text = await response.text();
  return { status: response.status, text, ms: performance.now() - start };
}
