/** Tokens: who has one may ask. */
import type { MiddlewareHandler } from 'hono';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A token of 192 bits that nobody guesses, in characters that need no quoting. */
export const newToken = (): string => randomBytes(24).toString('base64url');

/** Whether two tokens are the same, in a time that does not tell where they differ, nor how long the right one is. */
export function isToken(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** Answers 401 to requests that lack `Authorization: Bearer TOKEN`. */
export function bearerToken(token: string): MiddlewareHandler {
  return async (context, next) => {
    const [, given] = /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
    if (given !== undefined && isToken(given, token)) return next();
    context.header('WWW-Authenticate', 'Bearer');
    return context.json(
      { error: 'The request needs the token that the server was started with: Authorization: Bearer TOKEN.' },
      401,
    );
  };
}
