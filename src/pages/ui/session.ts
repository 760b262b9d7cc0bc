/** Where the server asks for a token: it comes in the fragment of the address, or is typed, and becomes a cookie. */
import { ask } from './api.ts';

/** Takes the token out of the address, where it would stay in the history, and gives it to the server. */
export async function openSession(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return;
  history.replaceState(null, '', location.pathname + location.search);
  // A token that is wrong shows in the next answer, which is refused.
  await giveToken(token).catch(() => undefined);
}

/** Throws an AnswerError for a token that is not the server's. */
export const giveToken = (token: string): Promise<void> => ask('/api/session', { method: 'POST', body: { token } });
