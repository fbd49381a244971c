// Why a pool's next runner has no graphics card.
import type { Pool } from '../model/pool.ts';
import { askForCards } from './cards.ts';
import type { Explanation, ExplainWorld } from './explanation.ts';
import { freshValue } from './freshness.ts';
import { gpuGround } from './gpu-ground.ts';
import { explainRefusals, nearestRefusal } from './gpu-refusals.ts';
import type { CardRefusal } from './gpu-refusals.ts';
import type { GpuAnswer } from './gpus.ts';
import { quoted, shorten } from './short-names.ts';

/** In the order in which a card may come free. */
export const cardReasons = ['gpu-held', 'gpu-unready', 'gpu-impossible'] as const;
export type CardReason = (typeof cardReasons)[number];

/** `null` where it gets one, or needs none. */
export function explainCards(pool: Pool, world: ExplainWorld): Explanation<CardReason> | null {
  const { desired, observed, now } = world;
  if (pool.gpu === null) return null;
  const answer = askForCards(pool.gpu, gpuGround(desired, observed, now), observed.nodes);
  if (answer.granted) return null;
  return explainUnseen(pool, world) ?? explainHeld(pool, answer, world) ?? explainOther(pool, answer);
}

/** Nobody has looked, or could. */
function explainUnseen({ name }: Pool, { observed }: ExplainWorld): Explanation<CardReason> | null {
  const views = observed.nodes.map(({ gpus }) => gpus);
  if (views.some((gpus) => freshValue(gpus) !== null)) return null;
  const failed = views.find(({ state }) => state === 'failed' || state === 'stale');
  if (failed === undefined || !('error' in failed)) {
    return {
      reason: 'gpu-unready',
      sentence: 'The GPUs of this machine have not been looked at yet.',
      data: { pool: name },
      next: 'Nothing to do: it takes seconds.',
    };
  }
  return {
    reason: 'gpu-unready',
    sentence: shorten(failed.error.message, 150),
    data: { pool: name, key: failed.error.key },
    next: failed.error.next,
  };
}

type Refused = Extract<GpuAnswer, { granted: false }>;

function explainHeld(
  { name }: Pool,
  { cards }: Refused,
  { clockTime }: ExplainWorld,
): Explanation<CardReason> | null {
  const nearest: CardRefusal | undefined = nearestRefusal(cards);
  if (nearest === undefined || nearest.refusal.kind !== 'held') return null;
  const { gpu, refusal } = nearest;
  // 0: not known.
  const since = refusal.since === 0 ? '' : ` since ${clockTime(refusal.since)}`;
  const held = cards.filter((card) => card.refusal.kind === 'held').length;
  const what = held > 1 ? `All ${held} GPUs for it are held, the longest` : 'The GPU is held';
  return {
    reason: 'gpu-held',
    sentence: `${what} by ${shorten(refusal.by, 80)}${since}.`,
    data: { pool: name, gpu: gpu.id, model: gpu.model, holder: refusal.by, since: refusal.since },
    next: 'Wait for it to end. See who has what: autogit gpu list',
  };
}

function explainOther({ name, gpu: need }: Pool, { cards, ever, message }: Refused): Explanation<CardReason> {
  const nearest = nearestRefusal(cards);
  const kind = nearest?.refusal.kind;
  const data = {
    ...{ pool: name, count: need?.count ?? 1 },
    ...(nearest === undefined ? {} : { gpu: nearest.gpu.id, model: nearest.gpu.model }),
  };
  if (!ever) {
    return {
      reason: 'gpu-impossible',
      sentence: shorten(`No GPU can serve pool ${quoted(name)}. ${explainRefusals(1, 0, cards)}`, 155),
      data,
      next: `See what there is: autogit gpu list. Or ask for less: autogit pool set ${name} --gpu …`,
    };
  }
  return {
    reason: kind === 'crowded' || kind === 'full' ? 'gpu-held' : 'gpu-unready',
    sentence: shorten(message, 155),
    data,
    next: 'See who has what, and what is in the way: autogit gpu list',
  };
}
