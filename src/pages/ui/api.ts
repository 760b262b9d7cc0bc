/** Asking the server. Its answers are of the types of src/server/ui/, whatever comes back. */
import { isTree } from '../../json/tree.ts';

/** What went wrong, in the words of the server where it has some. */
export class AnswerError extends Error {
  constructor(
    message: string,
    /** Of HTTP; 0 where the server could not be reached. */
    readonly status: number,
    /** The answer itself, where it is JSON. */
    readonly answer?: unknown,
  ) {
    super(message);
  }
}

interface Asking {
  readonly method?: 'GET' | 'PUT' | 'POST';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Throws an AnswerError for whatever is no success. */
export async function ask<T>(path: string, { method = 'GET', body, signal }: Asking = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      ...(signal && { signal }),
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new AnswerError('The server does not answer: is decalign ui still running?', 0);
  }
  const text = await response.text();
  const answer = parsed(text);
  if (response.ok) return answer as T;
  throw new AnswerError(problemOf(answer) ?? `The server answers ${response.status}.`, response.status, answer);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const problemOf = (answer: unknown): string | undefined =>
  isTree(answer) && typeof answer['error'] === 'string' ? answer['error'] : undefined;

export const runApi = (run: string, part = ''): string => `/api/runs/${encodeURIComponent(run)}${part}`;
