/** Thrown where the call itself is wrong, rather than its data: the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
