// What the engine says about the objects that a request names.
import type { LimitedEngine } from '../model/container-limits.ts';

export interface Reference {
  /** Of an exec: the container in which it runs is looked at. */
  readonly kind: 'container' | 'volume' | 'network' | 'exec';
  /** Name or id, as the request has it. */
  readonly name: string;
}

export interface KnownObject {
  /** The engine's full id; of a volume, its name. */
  readonly id: string;
  readonly name: string;
  /** Made through the gateway for the runner that asks: labels and signature say so. */
  readonly own: boolean;
}

/** What a decision is made from besides the request and the grant. */
export interface Known {
  /** The runner that asks. */
  readonly runner: string;
  /** The home to which it belongs. */
  readonly instance: string;
  readonly engine: LimitedEngine;
  /** `null`: there is none. `undefined`: nobody has looked. */
  find(reference: Reference): KnownObject | null | undefined;
  /** Keyed signature of a text. */
  sign(text: string): string;
}
