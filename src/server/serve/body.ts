/** The body of a request, read no further than is allowed. */
import type { ReadableStreamDefaultReader } from 'node:stream/web';
import type { Hold } from './room.ts';
import { Refusal } from './refusal.ts';

export interface BodyOptions {
  /** Bytes. */
  readonly most: number;
  readonly hold: Hold;
  readonly signal: AbortSignal;
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/**
 * Reads a body. Throws a Refusal for one of more than `most` bytes (413), as soon as that is known, for one that is compressed
 * (415) and for one that does not arrive (408).
 */
export async function bodyOf(request: Request, options: BodyOptions): Promise<Uint8Array> {
  const { most, signal } = options;
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity')
    throw new Refusal(415, 'The body must not be compressed: send it without Content-Encoding.');
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLarge(most);
  if (!request.body) return new Uint8Array();
  const reader = request.body.getReader() as Reader;
  const stop = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await piecesOf(reader, options);
  } catch (error) {
    stop();
    if (signal.aborted) throw late(signal);
    throw error instanceof Refusal ? error : new Refusal(499, `The client has gone away: ${String(error)}.`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function piecesOf(reader: Reader, { most, hold, signal }: BodyOptions): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (signal.aborted) throw late(signal);
    if (done) return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, length);
    pieces.push(value);
    length += value.length;
    if (length > most) throw tooLarge(most);
    hold.resize(length);
  }
}

const tooLarge = (most: number): Refusal =>
  new Refusal(413, `The body is larger than ${most} bytes: send fewer samples at once.`);

/** Why a body that has not arrived is no longer waited for. */
const late = ({ reason }: AbortSignal): Refusal =>
  reason instanceof Refusal && reason.status === 499
    ? reason
    : new Refusal(408, 'The body did not arrive in time.', { Connection: 'close' });
