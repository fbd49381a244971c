// A connection to somewhere that may not answer, and why it does not.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** For each question and its answer. Milliseconds. */
export const deadlineMs = 10_000;

/** Nothing came within the time. */
export class Silent extends Error {
  override readonly name = 'Silent';
}

/** Rejects with `Silent` after the deadline; whoever waits has to end what it waited for. */
export async function within<T>(work: Promise<T>, ms: number = deadlineMs): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Silent('no answer')), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Connects, without a word yet. Rejects like the system, or with `Silent`. */
export async function openSocket(
  place: { readonly host: string; readonly port: number },
  ms: number = deadlineMs,
): Promise<Socket> {
  const socket = connect({ ...place, noDelay: true });
  try {
    await within(once(socket, 'connect'), ms);
    // What goes wrong later is told to whoever waits for an answer.
    return socket.on('error', () => undefined);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Of the system or of TLS; '': there is none. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof AggregateError ? codeOf(error.errors[0]) : '';
}
