/** Addresses that only this machine can reach. */
import { isIP } from 'node:net';

/** Whether a server that listens at `host` is reached from this machine alone. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
