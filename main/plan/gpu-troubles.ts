// What is to be told and done about cards that are in trouble, kept by their owner, or missing.
import type { Gpu, GpuGrant } from '../model/gpu.ts';
import type { Issue } from '../model/issue.ts';
import type { Pool } from '../model/pool.ts';
import type { Desired, Instant, Observed } from '../model/world.ts';
import { askForCards } from './cards.ts';
import { freshValue } from './freshness.ts';
import { gpuGround } from './gpu-ground.ts';
import type { GpuGround } from './gpus.ts';

/** Why an idle runner is to let its cards go; `null`: it may keep them. What is not known is no reason. */
export function whyLeaveCard(
  grant: GpuGrant | null,
  { reservedGpus, exclusiveGpus = [] }: Pick<Desired, 'reservedGpus' | 'exclusiveGpus'>,
  { nodes }: Pick<Observed, 'nodes'>,
): string | null {
  const gpus = nodes.find(({ id }) => id === grant?.node)?.gpus;
  const view = gpus === undefined ? null : freshValue(gpus);
  if (grant === null || view === null) return null;
  for (const id of grant.ids) {
    const gpu = view.inventory.find((one) => one.id === id);
    const trouble = view.health.find((one) => one.id === id)?.trouble;
    if (trouble) return `its GPU ${gpu?.model ?? id} is in trouble: ${trouble.message}`;
    const reserved = reservedGpus.find((one) => one.id === id || one.id === gpu?.parent);
    if (reserved !== undefined) return `its GPU ${gpu?.model ?? id} is kept for ${reserved.by}`;
    const isAlone = exclusiveGpus.some((one) => one === id || one === gpu?.parent);
    if (isAlone && grant.mode.kind !== 'exclusive')
      return `its GPU ${gpu?.model ?? id} is given to one job at a time`;
  }
  return null;
}

/** Only where a pool asks for cards: elsewhere nobody misses them. */
export function gpuIssues(desired: Desired, observed: Observed, now: Instant): readonly Issue[] {
  const pools = desired.pools.filter(({ gpu, max, paused }) => gpu !== null && max > 0 && !paused);
  if (pools.length === 0) return [];
  const unseen = observed.nodes.flatMap(({ name, gpus }): readonly Issue[] =>
    gpus.state === 'failed' || gpus.state === 'stale'
      ? [{ ...gpus.error, severity: 'warning', subject: `GPUs of ${name}` }]
      : [],
  );
  const views = observed.nodes.flatMap(({ gpus }) => freshValue(gpus) ?? []);
  // As long as a node has not been looked at, it may have what others lack.
  const isSeen = observed.nodes.length > 0 && views.length === observed.nodes.length;
  const ground = gpuGround(desired, observed, now);
  const lacking = isSeen ? pools.flatMap((pool) => lackOf(pool, ground, observed)) : [];
  const drained = views.flatMap(({ inventory, health }) =>
    health.flatMap(({ id, trouble }) => {
      const gpu = inventory.find((one) => one.id === id);
      return trouble === null || gpu === undefined ? [] : [drainedIssue(gpu, trouble.message)];
    }),
  );
  return [...unseen, ...views.flatMap(({ issues }) => issues), ...drained, ...lacking];
}

/** A pool that no card will ever serve. */
function lackOf({ name, gpu: need }: Pool, ground: GpuGround, observed: Observed): readonly Issue[] {
  if (need === null) return [];
  const answer = askForCards(need, ground, observed.nodes);
  if (answer.granted || answer.ever) return [];
  return [
    {
      key: 'pool.no-gpu',
      severity: 'warning',
      subject: `pool ${name}`,
      message: `No GPU can serve pool "${name}", so its jobs wait for ever. ${answer.message}`,
      next: `See what there is: autogit gpu list. Then change what the pool asks for: autogit pool set ${name} --gpu …`,
    },
  ];
}

function drainedIssue({ model, id }: Gpu, why: string): Issue {
  return {
    key: 'gpu.drained',
    severity: 'warning',
    subject: id,
    message: `${model} is not handed out: ${why}.`,
    next: 'A job that has it goes on; nothing new gets it. It is handed out again by itself when it is well.',
  };
}
