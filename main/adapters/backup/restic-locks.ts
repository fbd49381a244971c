// Locks of a repository: those that processes have left behind are removed, those of others are minded, whatever the clocks say.
import { hostname } from 'node:os';
import type { ResticPlace } from '../../backup-ports.ts';
import { untilReaped } from './left-programs.ts';
import type { Ask, Caller } from './restic-call.ts';
import { hasKey } from './restic-call.ts';
import { clockOff } from './restic-errors.ts';
import { readLock } from './restic-lines.ts';
import type { ResticLock } from './restic-lines.ts';

/** For questions that are short wherever the repository is; restic itself repeats what fails for much longer. Milliseconds. */
export const shortMs = 180_000;

const minuteMs = 60_000;
/** restic takes a lock that is older for left behind; a living process renews its own every five minutes. */
const staleMs = 30 * minuteMs;
/** Clocks of two machines may be apart by so much without harm. */
const apartMs = 10 * minuteMs;
/** A lock of another machine that is older was left behind, even where a clock is two hours off. */
const surelyStaleMs = 180 * minuteMs;

/** Asks for what needs a lock (`writes`) once more after stale locks were removed; and removes its own where it was killed. */
export function withUnlock(caller: Caller): Caller {
  return {
    find: () => caller.find(),
    known: () => caller.known(),
    ask: async (place, question, signal) => {
      try {
        return await caller.ask(place, question, signal);
      } catch (error) {
        // One that something else has killed has left its lock, which nobody minds before the next run.
        if (hasKey(error, 'backup.restic-failed') && !question.args.includes('--no-lock'))
          await unlock(caller, place, signal).catch(() => undefined);
        if (question.writes !== true || !hasKey(error, 'backup.locked')) throw error;
        await unlock(caller, place, signal);
        return await caller.ask(place, question, signal);
      }
    },
  };
}

/**
 * `restic unlock` removes locks of processes of this machine that are gone, and by age those of other machines: by this
 * machine's clock, so that a lock of another one is only removed when no wrong clock can be the reason. Rejects with
 * `backup.clock` where another machine's is of the future.
 */
export async function unlock(caller: Caller, place: ResticPlace, signal: AbortSignal): Promise<void> {
  const locks = await readLocks(caller, place, signal);
  if (locks.length === 0) return;
  await untilReaped(locks.filter(({ host }) => host === hostname()).map(({ pid }) => pid));
  const now = Date.now();
  const foreign = locks.filter(({ host }) => host !== hostname());
  const early = foreign.find(({ at }) => at > now + apartMs);
  if (early !== undefined) throw clockOff(place.target, early.host, early.at - now);
  if (foreign.some(({ at }) => now - at > staleMs && now - at < surelyStaleMs)) return;
  const question = { deed: 'remove stale locks', args: ['unlock'], deadlineMs: shortMs, writes: true };
  await caller.ask(place, question, signal);
}

/** A lock that goes away meanwhile is none. */
async function readLocks(
  caller: Caller,
  place: ResticPlace,
  signal: AbortSignal,
): Promise<readonly ResticLock[]> {
  const ids = await linesOf(
    caller,
    place,
    { deed: 'list the locks', args: ['list', 'locks', '--no-lock'] },
    signal,
  );
  const locks: ResticLock[] = [];
  for (const id of ids.filter((line) => /^[0-9a-f]{64}$/.test(line))) {
    const question = { deed: 'look at a lock', args: ['cat', 'lock', id, '--no-lock'], isAnswer: () => true };
    const lock = readLock((await linesOf(caller, place, question, signal)).join('\n'));
    if (lock !== null) locks.push(lock);
  }
  return locks;
}

async function linesOf(
  caller: Caller,
  place: ResticPlace,
  question: Pick<Ask, 'deed' | 'args' | 'isAnswer'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const onLine: Ask['onLine'] = (line, from) => {
    if (from === 'stdout') lines.push(line);
  };
  await caller.ask(place, { ...question, deadlineMs: shortMs, onLine }, signal);
  return lines;
}
