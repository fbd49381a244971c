// What the settings of backups lead to, as one value: what comes when, what waits, what stays, and how restic is asked.
import { createMemory } from '../../main/coordinator/backups/backup-memory.ts';
import { zoneOf } from '../../main/coordinator/backups/backup-ground.ts';
import { placeOfTarget, readShare } from '../../main/coordinator/backups/backup-places.ts';
import { nextRuns, rulesNow } from '../../main/coordinator/backups/backup-schedule.ts';
import { backupPasswordName } from '../../main/model/backup/target.ts';
import type { BackupSettings } from '../../main/model/backup/settings.ts';
import { planDue } from '../../main/plan/backups/due.ts';
import { planKeep } from '../../main/plan/backups/keep.ts';
import { someBackup } from './backup-records.ts';
import { FakeClock } from './fake-clock.ts';
import { memorySecrets, memoryStore } from './fake-context.ts';

const day = 86_400_000;

/** The same for the same settings. */
export function backupsTold(settings: BackupSettings): unknown {
  const clock = new FakeClock();
  const store = { ...memoryStore(clock), instance: 'home' };
  const wanted = (): BackupSettings => settings;
  const secrets = memorySecrets({ [backupPasswordName]: 'twelve words' });
  const memory = createMemory(store);
  const { rules } = rulesNow({ wanted, clock }, memory);
  const now = clock.now() + 2 * day;
  const zone = zoneOf(settings);
  const { begin, waiting } = planDue({
    ...{ now, zone, instance: 'home', jitterMinutes: settings.jitterMinutes, rules, isBusy: false },
    ...{
      waitForJobs: settings.waitForJobs,
      runningJobs: 1,
      waitingSince: {},
      clockDoubt: null,
      pluggedIn: [],
    },
  });
  const kept = Array.from({ length: 90 }, (_, index) =>
    someBackup({ id: String(index), snapshot: String(index), at: now - index * 10 * day }),
  );
  return {
    ...{ begin, waiting, next: nextRuns(rules, { wanted, clock, store }) },
    kept: planKeep(kept, settings.keep, { now, zone, instance: 'home', doubt: null }),
    places: settings.targets.map((target) => placeOfTarget(target, { secrets, wanted })),
    ...{ share: readShare(settings), beforeUpgrades: settings.beforeUpgrades, image: settings.image },
  };
}
