// The engines that this tier has started itself (start-engines.ts), as its test files see them.
import { describe, inject, it } from 'vitest';
import type { EngineKind } from '../fixtures/engines/daemons.ts';
import type { EngineUser } from '../fixtures/engines/ground.ts';

/** An engine of the tier's own, or why there is none. */
export interface OwnEngineOffer {
  readonly kind: EngineKind;
  readonly host: string | null;
  /** Its ordinary user; `null` where the engine is root's. */
  readonly user: EngineUser | null;
  readonly why: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Other tiers have none. */
    ownEngines: readonly OwnEngineOffer[] | undefined;
    /** Remembers what the sandbox's image is made of, for all files of the tier. */
    imageCache: string | undefined;
  }
}

export function listOwnEngines(): readonly OwnEngineOffer[] {
  return inject('ownEngines') ?? [];
}

/** Counts each engine that cannot be started here as a skipped test that says why. */
export function countAbsentEngines(): void {
  const absent = listOwnEngines().filter(({ host }) => host === null);
  describe.runIf(absent.length > 0)('engines that are not on this machine', () => {
    for (const { kind, why } of absent) it.skip(`${kind}: ${why}`, () => undefined);
  });
}
