// Puts the containers that jobs reach back on the jobs' networks: one that was made anew in the middle of a job is on none.
import { z } from 'zod';
import { grantSchema, reachable } from '../model/grant.ts';
import type { Grant } from '../model/grant.ts';
import type { EngineLink } from './engine-link.ts';

/** A job's network, and the grant of its runner as the runner's label has it. */
export interface JobNetwork {
  readonly name: string;
  readonly grant: string;
}

const attached = z.object({
  Containers: z.record(z.string(), z.object({ Name: z.string().nullish() })).nullish(),
});

/** One look at each network; how many connections were made. Rejects when the engine does not answer. */
export async function reconnect(engine: EngineLink, networks: readonly JobNetwork[]): Promise<number> {
  let made = 0;
  for (const { name, grant } of networks) {
    const reach = [...reachable(reachOf(grant))];
    if (reach.length === 0) continue;
    const { status, value } = await engine.ask({ method: 'GET', path: `/networks/${name}`, query: {} });
    const seen = attached.safeParse(value);
    const there = Object.values(seen.data?.Containers ?? {}).map(({ Name }) => Name);
    // On a network without a job, which is about to end, nobody needs to be.
    if (status !== 200 || there.length === 0) continue;
    for (const [container, aliases] of reach.filter(([one]) => !there.includes(one))) {
      const body = { Container: container, EndpointConfig: { Aliases: [...aliases] } };
      const path = `/networks/${name}/connect`;
      const answer = await engine.ask({ method: 'POST', path, query: {}, body });
      if (answer.status < 300) made += 1;
    }
  }
  return made;
}

/** No job can write a label of ours. Whoever wrote this one may know other words than this gateway. */
function reachOf(text: string): Pick<Grant, 'reach'> {
  try {
    return grantSchema.pick({ reach: true }).strip().parse(JSON.parse(text));
  } catch {
    return { reach: [] };
  }
}
