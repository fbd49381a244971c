// One exchange with GitLab over HTTP: bounded in time and in size, made once, and not while GitLab wants to be left alone.
import { gitlabError, pauseWanted, statusError, unexpected } from './errors.ts';
import { requestOnce } from './request.ts';
import type { Asked, Reply } from './request.ts';
import type { AgentOf } from './tls-agent.ts';

/** A GitLab that has not answered to the end after this long is said not to answer. Milliseconds. */
const patienceMs = 15_000;
/** The largest page of 100 projects' or jobs' worth of JSON is some 2 MB. Bytes. */
const largestAnswer = 16 * 1_048_576;
/** Of what comes with an error only the beginning is of use. Bytes. */
const largestComplaint = 65_536;
/** Nobody is left alone for longer because of one answer. Milliseconds. */
const longestPauseMs = 3_600_000;

export interface HttpOptions {
  readonly timeoutMs?: number;
  /** Bytes of the largest answer that is taken. */
  readonly largest?: number;
  /** Monotonic milliseconds. */
  readonly monotonic?: () => number;
  /** How connections are made, where not as usual. */
  readonly agentOf?: AgentOf;
}

export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  /** By their names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** Bytes of an answer from an offset on. */
export interface Part {
  readonly bytes: Uint8Array;
  /** True when the answer goes on behind them. */
  readonly more: boolean;
}

export interface Http {
  /** Rejects with `gitlab.unreachable`, `gitlab.unexpected` (too large), `gitlab.unavailable` (it wants a pause). */
  exchange(url: string, asked: Asked): Promise<Answer>;
  /**
   * At most `length` bytes of an answer; also rejects where the status is not a success. However long it takes: only one
   * that stops coming is said not to answer. Whoever knows of ranges is asked for no more than the part.
   */
  part(url: string, asked: Asked, from: { readonly offset: number; readonly length: number }): Promise<Part>;
}

/** Exchanges with the GitLab at `base`, which errors name. */
export function createHttp(base: string, options: HttpOptions = {}): Http {
  const { timeoutMs = patienceMs, largest = largestAnswer, monotonic = () => performance.now() } = options;
  const way = options.agentOf === undefined ? {} : { agentOf: options.agentOf };
  let notBefore = -Infinity;
  const open = async (url: string, asked: Asked, signal = AbortSignal.timeout(timeoutMs)): Promise<Reply> => {
    const leftMs = notBefore - monotonic();
    if (leftMs > 0) throw pauseWanted(base, leftMs);
    const response = await requestOnce(url, { ...asked, ...way }, signal);
    const pauseMs = pauseOf(response);
    if (pauseMs !== null) notBefore = monotonic() + Math.min(pauseMs, longestPauseMs);
    return response;
  };
  return {
    exchange: async (url, asked) => {
      try {
        const response = await open(url, asked);
        const { ok, status, statusText, headers } = response;
        const { bytes, more } = await readPart(response, 0, ok ? largest : largestComplaint);
        if (more && ok)
          throw unexpected(base, `an answer is larger than ${Math.round(largest / 1_048_576)} MB`);
        return { ok, status, statusText, headers, text: Buffer.from(bytes).toString('utf8') };
      } catch (error) {
        throw gitlabError(base, error);
      }
    },
    part: async (url, asked, { offset, length }) => {
      const patience = startPatience(timeoutMs);
      try {
        const headers = { ...asked.headers, ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) };
        const response = await open(url, { ...asked, headers }, patience.signal);
        if (!response.ok) {
          response.discard();
          if (response.status === nothingThere && offset > 0) return { bytes: Buffer.alloc(0), more: false };
          throw statusError(base, response.status, response.statusText);
        }
        return await readPart(response, offset - beginningOf(response), length, patience.renew);
      } catch (error) {
        throw gitlabError(base, error);
      } finally {
        patience.end();
      }
    },
  };
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-416-range-not-satisfiable: the offset is the end. */
const nothingThere = 416;

/** Where the body begins within the whole, in bytes: https://www.rfc-editor.org/rfc/rfc9110#name-content-range */
function beginningOf({ status, headers }: Reply): number {
  const begins = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '');
  return status === 206 && begins !== null ? Number(begins[1]) : 0;
}

interface Patience {
  readonly signal: AbortSignal;
  /** Something came. */
  readonly renew: () => void;
  readonly end: () => void;
}

/** Its signal fires when nothing has come for so long, with the reason that `AbortSignal.timeout` has. */
function startPatience(ms: number): Patience {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
    ms,
  );
  return { signal: controller.signal, renew: () => void timer.refresh(), end: () => clearTimeout(timer) };
}

/** A window of the body; what lies before it passes through, what lies behind it is never asked for. */
async function readPart(
  { body }: Reply,
  offset: number,
  length: number,
  onChunk: () => void = () => undefined,
): Promise<Part> {
  const kept: Uint8Array[] = [];
  let at = 0;
  // Leaving the loop cancels the rest.
  for await (const chunk of body) {
    onChunk();
    const from = Math.max(0, offset - at);
    const to = Math.min(chunk.length, offset + length - at);
    if (to > from) kept.push(chunk.subarray(from, to));
    at += chunk.length;
    if (at > offset + length) return { bytes: Buffer.concat(kept), more: true };
  }
  return { bytes: Buffer.concat(kept), more: false };
}

/**
 * For how long a GitLab wants to be left alone, in milliseconds. https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/
 * gives seconds, https://www.rfc-editor.org/rfc/rfc9110#name-retry-after a date as well.
 */
function pauseOf({ status, headers }: Reply): number | null {
  const wanted = headers.get('retry-after');
  if (wanted === undefined || (status !== 429 && status !== 503)) return null;
  const ms = /^\d+$/.test(wanted) ? Number(wanted) * 1000 : Date.parse(wanted) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}
