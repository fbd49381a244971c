// Whether far more jobs wait than usual: told once that lasts, and over once it has been over for a while.
import { plainLine } from '../../model/plain-line.ts';
import type { NoticeMemory } from '../../model/notice-memory.ts';
import { muteAction, openAt } from './lasting-matters.ts';
import type { Matter, NoticeWorld } from './world.ts';

type SpikeState = NoticeMemory['spike'];

/** Runners start within seconds: what they take at once is none. Milliseconds. */
const riseMs = 60_000;
const fallMs = 5 * 60_000;
/** What the settings allow a pool. */
const poolMost = 1_000;
/** It is over below this part of what it had to pass. */
const fallPart = 0.5;

export const noSpike: SpikeState = { limit: null, above: null, below: null, since: null };

/** Since when something is so; a clock that was set back begins anew. */
function sinceWhen(isSo: boolean, before: number | null, now: number): number | null {
  return isSo ? Math.min(before ?? now, now) : null;
}

/** What was passed stays the measure until it is over: what is learned meanwhile does not end it. */
export function stepSpike(state: SpikeState, waiting: number, limit: number, now: number): SpikeState {
  if (state.limit === null) {
    const above = sinceWhen(waiting >= limit, state.above, now);
    if (above === null || now - above < riseMs) return { ...noSpike, above };
    return { limit, above, below: null, since: now };
  }
  const below = sinceWhen(waiting < state.limit * fallPart, state.below, now);
  return below !== null && now - below >= fallMs ? noSpike : { ...state, below };
}

/** When `stepSpike` has something new to say though nothing changes; `null`: it has not. */
export function spikeWakeAt({ limit, above, below }: SpikeState): number | null {
  if (limit === null) return above === null ? null : above + riseMs;
  return below === null ? null : below + fallMs;
}

/** `null`: nothing out of the ordinary goes on. */
export function spikeMatter(
  state: SpikeState,
  world: NoticeWorld,
  waiting: number,
  usual: number,
): Matter | null {
  if (state.limit === null) return null;
  const [pool] = world.pools
    .filter((one) => !one.paused && one.waiting > 0 && one.max < poolMost)
    .toSorted((a, b) => b.waiting - a.waiting);
  const usually =
    usual < 0.5 ? 'Usually none wait at this time.' : `Usually ${Math.round(usual)} wait at this time.`;
  const runners =
    pool === undefined
      ? ''
      : ` ${pool.waiting} wait for pool ${pool.name}, which may have ${pool.max} runners.`;
  return {
    ...{ matter: 'job-spike', kind: 'job-spike', subject: pool?.name ?? 'jobs', severity: 'warning' },
    // It has lasted already.
    ...{ holdMs: 0, againMs: null },
    title: `${waiting} jobs wait`,
    body: plainLine(`${usually}${runners}`, 280),
    actions: [
      openAt('/jobs?status=waiting'),
      ...(pool === undefined
        ? []
        : [{ action: 'add-runner' as const, label: `One more runner for ${pool.name}`, route: null }]),
      muteAction,
    ],
  };
}
