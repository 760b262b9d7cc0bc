/**
 * Against DNS rebinding: a page of another site whose name was made to point at this machine sends that name as `Host`, and is
 * refused. An address in figures cannot be made to point elsewhere, and ports may differ where one is forwarded.
 */
import type { MiddlewareHandler } from 'hono';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/**
 * Answers 421 to requests whose `Host` is none of: an address in figures, `localhost`, this machine's name, `names`. A request
 * without a `Host`, or with one that is no host, is a 400.
 */
export function allowedHosts(names: readonly string[]): MiddlewareHandler {
  const allowed = new Set(['localhost', hostname(), ...names].map((name) => name.toLowerCase()));
  return async (context, next) => {
    const given = nameOf(context.req.header('host'));
    if (given === undefined) return context.json({ error: 'The request has no valid Host header.' }, 400);
    if (isIP(given) === 0 && !allowed.has(given))
      return context.json({ error: `This server does not answer for the host ${JSON.stringify(given)}.` }, 421);
    return next();
  };
}

/** The host without its port and brackets, in lower case. */
function nameOf(header: string | undefined): string | undefined {
  const [, six, name] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(header ?? '') ?? [];
  if (six !== undefined) return isIP(six) === 6 ? six : undefined;
  // A name may be written with the dot of the root.
  return name?.toLowerCase().replace(/\.$/, '');
}
