// When locks of a repository may be removed: never those of a machine whose clock may be wrong.
import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import type { Ask, Caller } from '../../../../main/adapters/backup/restic-call.ts';
import { resticFailed } from '../../../../main/adapters/backup/restic-errors.ts';
import { unlock, withUnlock } from '../../../../main/adapters/backup/restic-locks.ts';
import type { ResticPlace } from '../../../../main/backup-ports.ts';

const place: ResticPlace = {
  target: { name: 'nas', kind: 'folder', path: '/mnt/nas/lab' },
  ...{ password: 'x', secrets: {}, limits: { uploadKiB: 0, downloadKiB: 0, nice: 0 } },
};
const never = new AbortController().signal;
const id = 'a'.repeat(64);

/** A restic with one lock, `ageMinutes` old by this machine's clock; `null`: without. Gives what it was asked. */
function resticWith(lock: { readonly host: string; readonly ageMinutes: number } | null, failures = 0) {
  const asked: string[] = [];
  let left = failures;
  const answer = async (args: readonly string[], { onLine }: Ask): Promise<void> => {
    if (lock === null) return;
    if (args[0] === 'list') await onLine?.(id, 'stdout');
    const time = new Date(Date.now() - lock.ageMinutes * 60_000).toISOString();
    if (args[0] === 'cat') await onLine?.(JSON.stringify({ time, hostname: lock.host, pid: 1 }), 'stdout');
  };
  const caller: Caller = {
    find: () => Promise.reject(new Error('nobody asks')),
    known: () => Promise.reject(new Error('nobody asks')),
    ask: async (_place, question) => {
      asked.push(question.args[0] ?? '');
      if (question.args[0] === 'prune' && left-- > 0)
        throw resticFailed('make room', place.target, { code: 11, stderr: 'locked' });
      await answer(question.args, question);
      return { code: 0, stderr: '' };
    },
  };
  return { caller, asked };
}

const prune: Ask = { deed: 'make room', args: ['prune'], deadlineMs: null, writes: true };

it.each([
  { name: 'of this machine', host: hostname(), ageMinutes: 1, removes: true },
  { name: 'of this machine, an hour old', host: hostname(), ageMinutes: 60, removes: true },
  { name: 'of another machine at work', host: 'other', ageMinutes: 3, removes: true },
  {
    name: 'of another machine that is off, or whose clock is two hours behind',
    host: 'other',
    ageMinutes: 120,
    removes: false,
  },
  {
    name: 'of another machine that was switched off yesterday',
    host: 'other',
    ageMinutes: 1_440,
    removes: true,
  },
])('lets restic judge a lock $name: $removes', async ({ host, ageMinutes, removes }) => {
  const { caller, asked } = resticWith({ host, ageMinutes });
  await unlock(caller, place, never);
  expect(asked).toEqual(['list', 'cat', ...(removes ? ['unlock'] : [])]);
});

it('says that a clock is wrong where another machine works in the future', async () => {
  const { caller, asked } = resticWith({ host: 'other', ageMinutes: -120 });
  await expect(unlock(caller, place, never)).rejects.toMatchObject({ key: 'backup.clock' });
  expect(asked).not.toContain('unlock');
});

it('asks nothing more where there is no lock', async () => {
  const { caller, asked } = resticWith(null);
  await unlock(caller, place, never);
  expect(asked).toEqual(['list']);
});

it('tries once more what a lock has refused, and only what writes', async () => {
  const once = resticWith({ host: hostname(), ageMinutes: 1 }, 1);
  await withUnlock(once.caller).ask(place, prune, never);
  expect(once.asked).toEqual(['prune', 'list', 'cat', 'unlock', 'prune']);
  const always = resticWith({ host: hostname(), ageMinutes: 1 }, 9);
  const deed = withUnlock(always.caller).ask(place, prune, never);
  await expect(deed).rejects.toMatchObject({ key: 'backup.locked', retry: true });
  expect(always.asked.filter((one) => one === 'prune')).toHaveLength(2);
});

it('removes the lock of a restic that something else has killed, and tells what happened', async () => {
  const { caller, asked } = resticWith({ host: hostname(), ageMinutes: 1 });
  const killed: Caller = {
    ...caller,
    ask: async (at, question, signal) => {
      if (question.args[0] !== 'restore') return caller.ask(at, question, signal);
      throw resticFailed('restore', place.target, { code: null, stderr: '', why: 'it was ended by SIGKILL' });
    },
  };
  const restore: Ask = { deed: 'restore', args: ['restore'], deadlineMs: null };
  await expect(withUnlock(killed).ask(place, restore, never)).rejects.toMatchObject({
    key: 'backup.restic-failed',
  });
  expect(asked).toEqual(['list', 'cat', 'unlock']);
});
