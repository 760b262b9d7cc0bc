/** How long a request may take, and whether its client still waits. */
import { Refusal } from './refusal.ts';

export interface Patience {
  /** Aborted with a Refusal: 504 once the time is over, 499 once the client has gone. */
  readonly signal: AbortSignal;
  /** To be called when the request is answered. */
  end(): void;
}

/** Patience of so many seconds from now on; `client` is aborted when the client goes away. */
export function patienceOf(client: AbortSignal, seconds: number): Patience {
  const ending = new AbortController();
  const timer = setTimeout(
    () => ending.abort(new Refusal(504, `There was no answer within ${seconds} s.`)),
    seconds * 1000,
  );
  const gone = (): void => ending.abort(new Refusal(499, 'The client has gone away.'));
  if (client.aborted) gone();
  client.addEventListener('abort', gone, { once: true });
  return {
    signal: ending.signal,
    end() {
      clearTimeout(timer);
      client.removeEventListener('abort', gone);
    },
  };
}
