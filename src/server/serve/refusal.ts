/** Thrown where a request is not answered: it ends with that status and `{"error": message}`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: RefusalStatus;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: RefusalStatus, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** 499, which no client sees, is that of one that has gone away. */
export type RefusalStatus = 400 | 404 | 405 | 408 | 413 | 415 | 499 | 503 | 504;
