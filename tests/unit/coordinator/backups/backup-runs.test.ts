import { describe, expect, it } from 'vitest';
import { createBackupRuns } from '../../../../main/coordinator/backups/backup-runs.ts';
import type { BackupRuns, RunWork } from '../../../../main/coordinator/backups/backup-runs.ts';
import { openStore } from '../../../../main/adapters/store/open-store.ts';
import type { BackupProgress, BackupRun } from '../../../../main/model/backup/backup.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { recordedLog } from '../../../fakes/fake-context.ts';

const wish = { verb: 'create', cause: 'person', schedule: null, targets: ['nas'] } as const;

function bench(change: Partial<Parameters<typeof createBackupRuns>[0]> = {}) {
  const clock = new FakeClock();
  const journal = openStore(':memory:', { now: () => clock.now() }).backups;
  const ended: BackupRun[] = [];
  const ground = { journal, clock, log: recordedLog(), onChange: () => undefined, ...change };
  const runs = createBackupRuns(ground, (run) => ended.push(run));
  return { clock, journal, runs, ended };
}

const untilAborted: RunWork = ({ signal }) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });

/** What is told to whoever watches, until it ends or three things were told. */
async function told(runs: BackupRuns): Promise<readonly BackupProgress[]> {
  const seen: BackupProgress[] = [];
  for await (const progress of runs.watch(new AbortController().signal)) {
    seen.push(progress);
    if (seen.length === 3) break;
  }
  return seen;
}

describe('a restore that is open', () => {
  const restores = { open: () => ({}) };

  it('is told as waiting by a core that only looks, and the watch ends', async () => {
    const { journal, runs } = bench({ restores, isOnlyLooking: true });
    const failure: unknown = expect.objectContaining({ key: 'backup.restore-waits' });
    expect(await told(runs)).toMatchObject([{ verb: 'restore', outcome: 'interrupted', failure }]);
    expect(runs.isBusy()).toBe(false);
    expect(journal.runs(1)).toEqual([]);
  });

  it('is waited for by a core that may act, which is about to go on with it', async () => {
    const { runs } = bench({ restores });
    const seen = told(runs);
    const { ended } = runs.begin({ ...wish, verb: 'restore' }, () =>
      Promise.resolve({ message: 'It is back.', failures: [], backup: null }),
    );
    await ended;
    expect((await seen).at(-1)).toMatchObject({ verb: 'restore', outcome: 'done' });
  });

  it('is the only thing that begins, until it has ended', async () => {
    const { runs } = bench({ restores });
    expect(runs.isHeld()).toBe(true);
    expect(() => runs.begin(wish, untilAborted)).toThrow(expect.objectContaining({ key: 'backup.busy' }));
    runs.begin({ ...wish, verb: 'restore' }, untilAborted);
    await runs.cancel();
  });

  it('that cannot begin is told as failed, and nobody waits for it any more', async () => {
    const { runs } = bench({ restores });
    const seen = told(runs);
    const failure = { key: 'backup.restore-halted', message: 'It is open.', next: 'Mend it.' };
    runs.cannotBegin('restore', failure);
    expect((await seen).at(-1)).toMatchObject({ verb: 'restore', outcome: 'failed', failure });
    expect(await told(runs)).toMatchObject([{ outcome: 'failed', failure }]);
    expect(runs.isBusy()).toBe(false);
  });

  it('changes nothing where there is none', async () => {
    expect(await told(bench({ restores: { open: () => null }, isOnlyLooking: true }).runs)).toEqual([]);
  });
});

describe('a run of backups', () => {
  it('is written down, told, and ended with what its work says', async () => {
    const { journal, runs, ended } = bench();
    const { id, ended: end } = runs.begin(wish, () =>
      Promise.resolve({ message: 'It is there.', failures: [], backup: 'b' }),
    );
    expect(journal.run(id)?.endedAt).toBeNull();
    expect((await end).run).toMatchObject({ outcome: 'done', backup: 'b' });
    expect(runs.progress()).toMatchObject({ outcome: 'done', message: 'It is there.' });
    expect(ended).toHaveLength(1);
  });

  it('is the only one at a time', async () => {
    const { runs } = bench();
    runs.begin(wish, untilAborted);
    expect(() => runs.begin(wish, untilAborted)).toThrow(expect.objectContaining({ key: 'backup.busy' }));
    await runs.cancel();
    expect(runs.isBusy()).toBe(false);
  });

  it('ends as cancelled by a person, as interrupted with the core, and as failed by an error', async () => {
    const { runs } = bench();
    const first = runs.begin(wish, untilAborted);
    expect(await runs.cancel()).toBe(true);
    expect((await first.ended).run.outcome).toBe('cancelled');
    const broken = runs.begin(wish, () => Promise.reject(new Error('a defect')));
    expect((await broken.ended).run).toMatchObject({
      outcome: 'failed',
      failures: [{ key: 'internal.defect' }],
    });
    const last = runs.begin(wish, untilAborted);
    await runs.stop();
    expect((await last.ended).run.outcome).toBe('interrupted');
    expect(() => runs.begin(wish, untilAborted)).toThrow(expect.objectContaining({ key: 'backup.busy' }));
  });

  it('is told five times a second at most, and its end at once', async () => {
    const { clock, runs } = bench();
    const told: string[] = [];
    const done = Promise.withResolvers<undefined>();
    const { ended } = runs.begin(wish, async ({ tell }) => {
      for (let count = 0; count < 100; count += 1) {
        tell({ message: `${count}` });
        await clock.sleep(10);
      }
      await done.promise;
      return { message: 'end', failures: [], backup: null };
    });
    const watching = (async () => {
      for await (const { message } of runs.watch(new AbortController().signal)) told.push(message);
    })();
    await clock.advance(2_000);
    done.resolve(undefined);
    await ended;
    await watching;
    expect(told.length).toBeGreaterThan(3);
    expect(told.length).toBeLessThan(10);
    expect(told.at(-1)).toBe('end');
  });
});
