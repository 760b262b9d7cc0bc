/** One line of JSON for each request, which says how it went and nothing of what was in it. */

/** What is known of a request while it is answered. */
export interface Note {
  /** The path of its endpoint, as the table has it. */
  route?: string;
  model?: string;
  /** Bytes of the body. */
  received?: number;
  samples?: number;
  /** Samples that ran together, those of other requests among them. */
  batch?: number;
  /** Milliseconds until the model took it. */
  waited?: number;
}

export interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
}

/** The line, without its end. */
export function requestLine({ method, path, status, ms }: Answered, note: Note): string {
  const rounded = (value: number | undefined): number | undefined => value && Math.round(value * 100) / 100;
  const { model, received, samples, batch, waited } = note;
  return JSON.stringify({
    ...{ time: new Date().toISOString(), method, path: path.slice(0, 200), status, ms: rounded(ms) },
    ...{ model, received_bytes: received, samples, batch, waited_ms: rounded(waited) },
  });
}
