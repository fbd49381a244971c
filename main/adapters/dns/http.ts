// One exchange with a provider over HTTPS: bounded in time and size, and never led elsewhere with its credentials.
import { AutoGitError } from '../../errors.ts';
import { connectionReason, providerUnreachable } from './errors.ts';

const deadlineMs = 20_000;
/** A hundred records are some 100 kB. Bytes. */
const largest = 8 * 1024 * 1024;

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Rejects with `names.provider-unreachable`, also for answers that say "later". */
export async function exchange(provider: string, request: Request): Promise<Reply> {
  try {
    const signal = AbortSignal.timeout(deadlineMs);
    const response = await fetch(request, { signal, redirect: 'error' });
    const text = await readText(response);
    if (response.status === 429 || response.status >= 500)
      throw providerUnreachable(provider, `it said ${response.status}`);
    return { status: response.status, text };
  } catch (error) {
    if (error instanceof AutoGitError) throw error;
    throw providerUnreachable(provider, connectionReason(error), error);
  }
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return '';
  const parts: Buffer[] = [];
  let size = 0;
  const chunks: AsyncIterable<unknown> = response.body;
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) continue;
    size += chunk.length;
    if (size > largest) throw new Error('its answer has no end');
    parts.push(Buffer.from(chunk));
  }
  return Buffer.concat(parts).toString('utf8');
}

/** `null`: it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
