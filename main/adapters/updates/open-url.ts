// Asks the place of updates: over https, at that very place, bounded in time; whoever reads bounds the bytes.
import { AutoGitError, messageOf } from '../../errors.ts';
import { insecure, redirected, tooSlow, unreachable } from './errors.ts';

/** How long one question may take. Milliseconds. */
export interface Patience {
  /** Without a single byte. */
  readonly idleMs: number;
  /** All in all. */
  readonly wholeMs: number;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Rejects as `openUrl` does. Whoever leaves early ends the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Of what nobody wants to read. */
  discard(): Promise<void>;
}

const mostRedirects = 3;

/** Names and addresses that never leave this machine: https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
const loopback = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/** The address of a file beside the manifest. Throws `update.insecure`. */
export function urlIn(address: string, name: string): URL {
  const base = URL.parse(address.endsWith('/') ? address : `${address}/`);
  const isSafe = base?.protocol === 'https:' || (base?.protocol === 'http:' && loopback.test(base.hostname));
  if (base === null || !isSafe || base.username !== '' || base.password !== '') throw insecure(address);
  return new URL(encodeURIComponent(name), base);
}

/** Ends when nothing has come for so long, when all of it takes too long, or when the caller says so. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #idle: NodeJS.Timeout;
  readonly #whole: NodeJS.Timeout;
  readonly signal: AbortSignal;

  constructor(url: URL, { idleMs, wholeMs }: Patience, outer: AbortSignal) {
    const end = (): void => this.#controller.abort(tooSlow(url.href));
    this.#idle = setTimeout(end, idleMs);
    this.#whole = setTimeout(end, wholeMs);
    this.signal = AbortSignal.any([this.#controller.signal, outer]);
  }

  renew(): void {
    this.#idle.refresh();
  }

  end(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#whole);
  }
}

/** `fetch` says only that it failed, and why in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return messageOf(cause instanceof Error && cause.message !== '' ? cause : error);
}

function named(url: URL, error: unknown, signal: AbortSignal): unknown {
  if (error instanceof AutoGitError) return error;
  const reason: unknown = signal.reason;
  if (signal.aborted)
    return reason instanceof AutoGitError ? reason : unreachable(url.href, 'it was given up');
  return unreachable(url.href, reasonOf(error), error);
}

async function follow(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  let at = url;
  for (let turn = 0; ; turn += 1) {
    const response = await fetch(at, {
      headers: { 'user-agent': 'AutoGit', 'accept-encoding': 'identity', ...headers },
      ...{ redirect: 'manual', signal, cache: 'no-store' },
    });
    if (response.status < 300 || response.status >= 400) return response;
    await response.body?.cancel();
    const to = URL.parse(response.headers.get('location') ?? '', at.href);
    if (to === null || turn >= mostRedirects) throw unreachable(url.href, 'it leads in circles');
    if (to.origin !== url.origin) throw redirected(url.href, to.origin);
    at = to;
  }
}

async function* bodyOf(response: Response, url: URL, deadline: Deadline): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response.body ?? []) {
      deadline.renew();
      yield chunk;
    }
  } catch (error) {
    throw named(url, error, deadline.signal);
  } finally {
    deadline.end();
  }
}

/**
 * Rejects with `update.unreachable`, `update.redirected` (another origin), `update.too-slow`. The body has to be read or
 * discarded, so that its deadlines end.
 */
export async function openUrl(
  url: URL,
  patience: Patience,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const deadline = new Deadline(url, patience, signal);
  try {
    const response = await follow(url, headers, deadline.signal);
    const { status } = response;
    if (!response.ok && status !== 416) {
      await response.body?.cancel();
      throw unreachable(
        url.href,
        `it says ${status}${response.statusText === '' ? '' : ` ${response.statusText}`}`,
      );
    }
    return {
      ...{ status, headers: response.headers, body: bodyOf(response, url, deadline) },
      discard: async () => {
        deadline.end();
        await response.body?.cancel();
      },
    };
  } catch (error) {
    deadline.end();
    throw named(url, error, deadline.signal);
  }
}
