/** Against forged requests: what changes something is asked for by this server's own pages, or by no page at all. */
import type { MiddlewareHandler } from 'hono';

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Answers 403 to requests that are not for reading and come from a page of another origin. */
export const sameOrigin: MiddlewareHandler = async (context, next) => {
  const { origin, host, 'sec-fetch-site': site } = context.req.header();
  const isForeign =
    (origin !== undefined && hostOf(origin) !== host) || !['same-origin', 'none', undefined].includes(site);
  if (isForeign && !reading.has(context.req.method))
    return context.json({ error: 'The request comes from a page of another origin.' }, 403);
  return next();
};

/** The host and port of an origin; undefined of `null`, which pages without one send, and of what is none. */
function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
