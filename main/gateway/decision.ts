// What becomes of a request: passed on as written here, answered as absent, or refused.
import type { Grant } from '../model/grant.ts';
import { refuse, shorten } from './fields.ts';
import type { Json, JsonObject, Refusal, Taken } from './fields.ts';
import type { Known, KnownObject, Reference } from './known.ts';
import type { Address } from './request.ts';

/** A request to the engine, written by the gateway. */
export interface EngineCall {
  readonly method: string;
  /** With the version that the runner speaks. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  /** Files for a container, in place of a body. */
  readonly tar?: Uint8Array;
}

export type Decision =
  | { readonly allow: Allowed }
  /** The engine has nothing of that name: the answer is 404. */
  | { readonly absent: string }
  | { readonly refuse: Refusal };

export interface Allowed extends EngineCall {
  readonly upgrade: boolean;
  /** Done before it, whatever comes of that. */
  readonly before: readonly EngineCall[];
  /** Done after it, if it succeeded. */
  readonly after: readonly EngineCall[];
  /** The same, but what fails here has failed as a whole. */
  readonly completing: readonly EngineCall[];
  /** Names of containers that are left out of a network's description. */
  readonly hidden: readonly string[];
}

/** One matched call while it is judged. */
export interface Asked {
  readonly address: Address;
  /** What the path's pattern has caught. */
  readonly name: string;
  readonly body: Json;
  readonly grant: Grant;
  readonly known: Known;
}

/** Passes a call on: the path as it came unless another is given, and always the version that the runner speaks. */
export function allow(
  { address, ...call }: Partial<EngineCall> & { readonly address: Address },
  more: Partial<Pick<Allowed, 'before' | 'after' | 'completing' | 'hidden' | 'upgrade'>> = {},
): Decision {
  const path = `${address.version}${call.path ?? address.path}`;
  const query = call.query ?? Object.fromEntries(address.query);
  return {
    allow: {
      ...{ method: 'GET', ...call, path, query },
      ...{ before: [], after: [], completing: [], hidden: [], upgrade: false, ...more },
    },
  };
}

/** Goes on with an object of the runner's own; any other is refused. */
export function ownObject(
  reference: Reference,
  known: Known,
  then: (object: KnownObject) => Decision,
): Decision {
  const { kind, name } = reference;
  const object = name === '' ? undefined : known.find(reference);
  if (object === null) return { absent: `No such ${kind}: ${name}` };
  if (object?.own !== true)
    return refuse('gateway.foreign', `the ${kind} ${shorten(name)} is not this runner's`);
  return then(object);
}

/** Goes on with what was taken from a body. */
export function withFields(taken: Taken, then: (fields: JsonObject) => Decision): Decision {
  return 'refuse' in taken ? taken : then(taken.fields);
}
