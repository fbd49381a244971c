// What the engine alone knows of containers: when each was started, and how often it has started one again by itself.
import { z } from 'zod';
import type { Log } from '../../log.ts';
import type { StackContainer } from '../../model/stack/stack.ts';
import { parseAnswer } from './answers.ts';
import type { Surroundings } from './contexts.ts';
import { endpointOf } from './places.ts';
import { createTransport } from './transport.ts';

export type ContainerTimes = Pick<StackContainer, 'startedAt' | 'restarts'>;

/** By id; one that is gone, or of which nobody tells, is missing. Never rejects. `engine`: its address. */
export type TellTimes = (
  engine: string,
  ids: readonly string[],
) => Promise<ReadonlyMap<string, ContainerTimes>>;

const described = z.object({
  RestartCount: z.number().nullish(),
  State: z.object({ StartedAt: z.string().nullish() }),
});

/** One that was never started has the year 1 there. */
function timesOf({ RestartCount, State }: z.infer<typeof described>): ContainerTimes {
  const startedAt = Date.parse(State.StartedAt ?? '');
  return { restarts: RestartCount ?? 0, startedAt: startedAt > 0 ? startedAt : null };
}

export function createTellTimes(surroundings: Surroundings, log: Log): TellTimes {
  return async (engine, ids) => {
    const transport = createTransport(engine, log.topic('engine'), () => endpointOf(engine, surroundings));
    const tell = async (id: string): Promise<readonly [string, ContainerTimes] | null> => {
      const purpose = `describe the container ${id.slice(0, 12)}`;
      const path = `/containers/${encodeURIComponent(id)}/json`;
      try {
        const answer = await transport.ask({ purpose, method: 'GET', path });
        return [id, timesOf(parseAnswer(described, answer, purpose))];
      } catch {
        return null;
      }
    };
    return new Map((await Promise.all(ids.map(tell))).filter((told) => told !== null));
  };
}
