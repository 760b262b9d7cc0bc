/** The token of a server that others can reach: a page brings it once and is known by a cookie from then on. */
import { createHmac } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { isToken } from '../http/token.ts';
import type { Problem } from './api/routes.ts';

/** Cookies of one host are shared by all of its ports, so each token has a name of its own. */
const nameOf = (token: string): string => `decalign_${digest(token, 'name').slice(0, 8)}`;
const digest = (token: string, of: string): string => createHmac('sha256', token).update(of).digest('base64url');

/** Answers 401 where neither the cookie nor `Authorization: Bearer TOKEN` is right. */
export const sessionAsked =
  (token: string): MiddlewareHandler =>
  async (context, next) => {
    const [, bearer] = /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
    const cookie = getCookie(context, nameOf(token));
    if (cookie !== undefined && isToken(cookie, digest(token, 'session'))) return next();
    if (bearer !== undefined && isToken(bearer, token)) return next();
    const problem: Problem = { error: 'This server asks for its token: open the address that it printed.' };
    return context.json(problem, 401);
  };

/** Gives the cookie for the token. */
export async function openSession(context: Context, token: string | undefined): Promise<Response> {
  const body: unknown = await context.req.json().catch(() => undefined);
  const given = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
  if (token === undefined) return context.body(null, 204);
  if (typeof given !== 'string' || !isToken(given, token)) {
    const problem: Problem = { error: 'This is not the token of this server: open the address that it printed.' };
    return context.json(problem, 403);
  }
  setCookie(context, nameOf(token), digest(token, 'session'), { httpOnly: true, sameSite: 'Strict', path: '/' });
  return context.body(null, 204);
}
