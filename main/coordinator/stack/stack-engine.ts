// Where Compose finds the engine, also in a core that was only asked something and observes none.
import type { StackLookContext } from './look-parts.ts';
import { noEngine, stackEngine } from './stack-facts.ts';

export interface StackEngine {
  /** Address of the engine in use, or of the one that was found last. Throws `stack.no-engine`. */
  host(): string;
  /** Looks for one where none is in use. Never rejects. */
  find(): Promise<void>;
}

export function createStackEngine(context: StackLookContext): StackEngine {
  let found: string | null = null;
  return {
    host: () => {
      const host = context.coordinator.node()?.place.host ?? found;
      if (host === null) throw noEngine();
      return host;
    },
    find: async () => {
      if (context.coordinator.node() === null) found = (await stackEngine(context))?.engine.host ?? null;
    },
  };
}
