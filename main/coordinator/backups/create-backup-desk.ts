// The desk of backups over its parts: what is begun at the start, what snapshot and issues are told, what ends with it.
import type { Restic } from '../../backup-ports.ts';
import { problemOf } from '../../errors.ts';
import type { BackupRun } from '../../model/backup/backup.ts';
import type { Issue } from '../../model/issue.ts';
import type { DueRun } from '../../plan/backups/due.ts';
import { backupIssues, clockDoubtOf } from '../../plan/backups/issues.ts';
import { backUpBefore, backsUpBefore } from './back-up-before.ts';
import type { BackupDesk } from './backup-desk.ts';
import type { BackupGround } from './backup-ground.ts';
import { createBackupLoop, rememberEnd } from './backup-loop.ts';
import { createMemory } from './backup-memory.ts';
import { beginCreate, beginDrill, beginPrune, beginVerify, drillChoice } from './backup-parts.ts';
import type { BackupParts, EngineWords } from './backup-parts.ts';
import { placeOfTarget } from './backup-places.ts';
import { drillFolder } from './drill.ts';
import { forgetPlace } from './restore-place.ts';
import { resumeRestore } from './restore-work.ts';
import { createBackupRuns } from './backup-runs.ts';
import { lastDueOf, nextRuns, rulesNow } from './backup-schedule.ts';
import { seenJournal, shownRuns } from './backup-seen.ts';

/** The desk, and what of it goes on besides: nothing runs before `start`. */
export function createBackupDesk(plain: BackupGround): BackupDesk {
  const journal = seenJournal(plain.journal);
  const ground: BackupGround = { ...plain, journal };
  const { clock } = ground;
  const memory = createMemory(ground.store);
  const runs = createBackupRuns(ground, (run) => rememberEnd(run, memory, clock.now()));
  const stopping = new AbortController();
  let unlocking: Promise<void> = Promise.resolve();
  const loop = createBackupLoop(ground, {
    ...{ runs, memory },
    begin: (due) => beginDue(due, { ground, runs, memory }),
  });
  const parts: BackupParts = { ground, runs, memory, loop, engine: engineLook(ground) };
  return {
    start: async () => {
      closeOpen(ground, (run) => rememberEnd(run, memory, clock.now()));
      await removeLeft('stage', ground);
      // Another core may have closed them and been killed then.
      const left = journal.runs(shownRuns).filter(({ outcome }) => outcome === 'interrupted');
      // restic of a drill may still be writing there, until the first call here has ended it.
      unlocking = unlockAll(left, ground, stopping.signal).then(async () => {
        if (!runs.isBusy()) await removeLeft(drillFolder, ground);
      });
      // Of a restore that was killed before it had begun.
      if ((ground.restores?.open() ?? null) === null) await forgetPlace(ground.secrets);
      // Before anything of the schedule: there is one run at a time.
      resumeRestore(parts);
      loop.start();
    },
    stop: async () => {
      stopping.abort(new Error('the core stops'));
      await Promise.all([runs.stop(), loop.stop(), unlocking]);
    },
    parts: () => parts,
    issues: () => issuesNow(parts),
    holds: () => ground.restores?.holds() ?? false,
    summary: () => summaryOf(parts, journal.version()),
    watch: runs.watch,
    beforeUpgrade: (services, signal) => backUpBefore(services, signal, parts),
    backsUpBefore: () => backsUpBefore(ground),
  };
}

/** Begins what is due. Never throws: what cannot begin is tried again. */
function beginDue(
  { verb, schedule, cause, targets: names, key }: DueRun,
  parts: Pick<BackupParts, 'ground' | 'runs' | 'memory'>,
): void {
  const { ground } = parts;
  const targets = ground.wanted().targets.filter(({ name }) => names.includes(name));
  try {
    switch (verb) {
      case 'create':
        return void beginCreate(targets, { cause, schedule }, parts);
      case 'verify':
        return void beginVerify(targets, false, { cause, schedule }, parts);
      case 'prune':
        return void beginPrune(targets, { cause, schedule }, parts);
      case 'drill': {
        const choice = drillChoice(targets, ground);
        // Without a backup there is nothing to prove, which is said otherwise.
        if (choice !== null) beginDrill(choice.record, choice.target, { cause, schedule }, parts);
      }
    }
  } catch (error) {
    ground.log.warn('a backup run that is due could not begin', { error, key });
  }
}

async function removeLeft(name: string, { files, log }: BackupGround): Promise<void> {
  await files.remove(name).catch((error: unknown) => {
    log.warn('what a run of backups left could not be removed', { error, name });
  });
}

/** Runs that a kill has left open; a restore that goes on by its own journal does so in a run of its own. */
function closeOpen({ journal, clock }: BackupGround, told: (run: BackupRun) => void): void {
  const open = journal.runs(1_000).filter(({ endedAt }) => endedAt === null);
  for (const { id, verb } of open) {
    const failure = {
      ...{ target: '', key: 'backup.interrupted', message: 'AutoGit ended in the middle of it.' },
      next:
        verb === 'restore'
          ? 'If it had begun to change anything, it goes on by itself. See how it stands: autogit backup show'
          : 'Nothing that was kept before is lost. It is tried again by itself, or now: autogit backup create',
    };
    journal.update(id, { endedAt: clock.now(), outcome: 'interrupted', failures: [failure] });
    const run = journal.run(id);
    if (run !== null) told(run);
  }
}

/** Locks of processes that are gone would hold up others. Never rejects: each run does the same. */
async function unlockAll(
  left: readonly BackupRun[],
  ground: BackupGround,
  signal: AbortSignal,
): Promise<void> {
  const names = new Set(left.flatMap(({ targets }) => targets));
  for (const target of ground.wanted().targets.filter(({ name }) => names.has(name))) {
    try {
      await ground.restic.unlock(placeOfTarget(target, ground), signal);
    } catch (error) {
      ground.log.debug('no lock was removed', { error, target: target.name });
    }
  }
}

function issuesNow({ ground, memory }: BackupParts): readonly Issue[] {
  const { journal, store, clock, wanted } = ground;
  const { sheetKeptAt, since } = memory.read();
  const { rules, bad } = rulesNow(ground, memory);
  if (since === null && wanted().targets.length > 0)
    memory.change((before) => ({ ...before, since: clock.now() }));
  const records = journal.records();
  const now = clock.now();
  return backupIssues({
    ...{ now, instance: store.instance, hasLab: ground.gitlabKind() !== 'none', targets: wanted().targets },
    ...{ states: journal.targets(), records, runs: journal.runs(shownRuns), sheetKeptAt, since },
    lastDue: lastDueOf(rules, ground, since),
    isScheduled: rules.some(({ verb }) => verb === 'create'),
    clockDoubt: clockDoubtOf({ now, aheadMs: clock.aheadMs?.() ?? 0, records }),
    badRules: bad,
    halted: ground.restores?.halted() ?? null,
  });
}

/** The newest backup of this home, and the newest that was proven. */
export function newestOf({ journal, store }: Pick<BackupGround, 'journal' | 'store'>): {
  readonly lastBackupAt: number | null;
  readonly lastProvenAt: number | null;
  readonly lastProvenMs: number | null;
} {
  const own = journal.records().filter(({ instance }) => instance === store.instance);
  const newest = own.toSorted((a, b) => b.at - a.at)[0];
  const proven = own.toSorted((a, b) => (b.provenAt ?? 0) - (a.provenAt ?? 0))[0];
  return {
    lastBackupAt: newest?.at ?? null,
    lastProvenAt: proven?.provenAt ?? null,
    lastProvenMs: proven?.provenMs ?? null,
  };
}

function summaryOf(
  { ground, runs, memory }: BackupParts,
  version: number,
): ReturnType<BackupDesk['summary']> {
  if (ground.wanted().targets.length === 0) return {};
  const progress = runs.isBusy() ? runs.progress() : null;
  const bytes = progress?.bytes ?? null;
  const share = bytes === null || bytes.total <= 0 ? null : Math.min(1, bytes.done / bytes.total);
  const next = nextRuns(rulesNow(ground, memory).rules, ground).find(({ verb }) => verb === 'create');
  return {
    backups: {
      ...newestOf(ground),
      running: progress === null ? null : { verb: progress.verb, message: progress.message, share },
      // That the sheet is kept stands in no journal, and pages show it.
      version: version + (memory.read().sheetKeptAt === null ? 0 : 1),
    },
    ...(next === undefined ? {} : { nextBackupAt: next.at }),
  };
}

/** How long an answer of restic about itself is good for. Milliseconds. */
const engineMs = 10 * 60_000;

function engineLook({ restic, clock }: BackupGround): () => Promise<EngineWords> {
  let known: { readonly words: EngineWords; readonly at: number } | null = null;
  return async () => {
    if (known !== null && known.words.version !== null && clock.monotonic() - known.at < engineMs)
      return known.words;
    const words = await restic.version().then(
      (found): EngineWords => ({ ...found, words: wordsOf(found), problem: null }),
      (error: unknown): EngineWords => {
        const problem = problemOf(error);
        return { version: null, runs: null, words: problem.message, problem };
      },
    );
    known = { words, at: clock.monotonic() };
    return words;
  };
}

function wordsOf({ version, runs, isHere }: Awaited<ReturnType<Restic['version']>>): string {
  if (version !== null) return `restic ${version}, ${runs === 'program' ? 'installed' : 'as a container'}`;
  return isHere
    ? 'restic as a container, which has not run yet since AutoGit began'
    : 'restic as a container, whose image is not fetched yet: the first backup does that';
}
