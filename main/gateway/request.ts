// A request to the engine as a runner sends it: its address is taken apart strictly, so that engine and gateway cannot
// read it differently.
import { refuse } from './fields.ts';
import type { Json, Refusal } from './fields.ts';

export interface RunnerRequest {
  readonly method: string;
  /** Path and query as they came, after the runner's own prefix. */
  readonly target: string;
  /** Whether the connection is to become a stream (`Upgrade: tcp`). */
  readonly upgrade: boolean;
  /** `undefined`: no body. */
  readonly body: Json | undefined;
}

export interface Address {
  /** `/v1.41`, or nothing. */
  readonly version: string;
  /** Without the version. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
}

const versionAndPath = /^(\/v\d{1,2}\.\d{1,3})?(\/.*)$/;
/** What names, ids, image references and digests are made of. No `%`: nothing that is offered needs it. */
const plainPath = /^(?:\/[A-Za-z0-9_][A-Za-z0-9_.:@+-]*)+$/;

/** Refuses what has more than one reading: escapes, empty or dotted segments, doubled query names. */
export function parseAddress(target: string): Address | { readonly refuse: Refusal } {
  const at = target.indexOf('?');
  const whole = at < 0 ? target : target.slice(0, at);
  const [, version = '', path = ''] = versionAndPath.exec(whole) ?? [];
  if (!plainPath.test(path)) return refuse('gateway.path', `not an address of the engine: ${shown(whole)}`);
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(at < 0 ? '' : target.slice(at + 1))) {
    if (query.has(name)) return refuse('gateway.query', `${shown(name)} is in the query twice`);
    query.set(name, value);
  }
  return { version, path, query };
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
