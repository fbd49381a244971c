// Pretended backups: places come and go, runs go on when a test says so, and a plan has to be agreed to.
import type { CallName, Outcome, Output, ParsedInput, StopSignal } from '../../main/contract/contract.ts';
import { AutoGitError } from '../../main/errors.ts';
import { defaultBackupSettings } from '../../main/model/backup/settings.ts';
import type { BackupSettings } from '../../main/model/backup/settings.ts';
import { placeOf } from '../../main/model/backup/target.ts';
import {
  somePlan,
  someProgress,
  someRecords,
  someSheet,
  someShown,
  someTarget,
  someWords,
} from './backup-lab.ts';
import type { Progress, Record as BackupRecord, Shown } from './backup-lab.ts';
import type { FakeWorld } from './fake-world.ts';

type BackupCall = Extract<CallName, `backup.${string}`>;
type Calls = { readonly [N in BackupCall]: (input: ParsedInput<N>) => Output<N> };

export interface BackupOptions {
  readonly shown?: Partial<Shown>;
  readonly records?: readonly BackupRecord[];
  readonly disks?: Output<'backup.targets'>['disks'];
  readonly plan?: Partial<Output<'backup.plan-restore'>>;
  /** Its snapshot tells of every change. */
  readonly world?: FakeWorld;
  readonly now?: () => number;
}

export interface FakeBackups {
  readonly calls: Calls;
  readonly streams: {
    readonly 'backup.watch': (input: unknown, stop: StopSignal) => AsyncIterable<Progress>;
  };
  shown(): Shown;
  /** What is kept of the settings. */
  settings(): BackupSettings;
  change(shown: Partial<Shown>): void;
  /** Goes on with the run in progress, or begins one. */
  tell(progress: Partial<Progress>): void;
}

/** What was told last, and whatever comes. */
function createBoard(first: Progress | null) {
  let current = first;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set: (next: Progress) => {
      current = next;
      for (const listener of [...listeners]) listener();
    },
    watch: async function* (_input: unknown, stop: StopSignal): AsyncGenerator<Progress> {
      let told: Progress | null = null;
      while (!stop.aborted) {
        const change = new Promise<void>((resolve) => {
          const finish = (): void => {
            listeners.delete(finish);
            resolve();
          };
          listeners.add(finish);
          stop.addEventListener('abort', finish);
        });
        if (current !== null && current !== told) {
          told = current;
          yield current;
        } else if (current === null || current.outcome !== null) return;
        else await change;
      }
    },
  };
}

interface State {
  shown: Shown;
  records: readonly BackupRecord[];
  settings: BackupSettings;
}

function refused(key: string, message: string, next: string): AutoGitError {
  return new AutoGitError({ key, message, next });
}

const said = (dryRun: boolean, message: string, kind = 'back up', target = 'the lab'): Outcome => ({
  ...{ dryRun, message, next: null },
  actions: dryRun ? [{ kind, target, reason: message }] : [],
});

interface Ground {
  readonly state: State;
  readonly options: BackupOptions;
  readonly now: () => number;
  change(shown: Partial<Shown>): void;
  begin(verb: Progress['verb'], step: Progress['step'], message: string): number;
}

function found({ state }: Ground, wanted: string, target?: string): BackupRecord {
  const all = state.records.filter((one) => target === undefined || one.target === target);
  const record = wanted === 'newest' ? all[0] : all.find(({ id }) => id.startsWith(wanted));
  if (record === undefined)
    throw refused('backup.unknown', `There is no backup ${wanted}.`, 'See them: autogit backup list');
  return record;
}

const secretIsBad = (secrets: Readonly<{ [name: string]: string }> = {}): boolean =>
  Object.values(secrets).some((secret) => secret.includes('bad'));

/** A place called `bad` does not work; an SFTP host shows its key until it is accepted. */
function tested({ target, secrets }: ParsedInput<'backup.test-target'>): Output<'backup.test-target'> {
  const nothing = { good: false, next: null, freeBytes: null, hostKeys: [] };
  const line = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtoZXJlIGlzIG5vIGtleQ==';
  if (target.kind === 'sftp' && target.hostKey !== line)
    return {
      ...{
        ...nothing,
        state: 'failing',
        sentence: `${target.host} shows a key that nobody has accepted yet.`,
      },
      next: 'Compare it with the one that the machine itself shows, then accept it.',
      hostKeys: [{ line, fingerprint: 'SHA256:q0nXr5kB7v1gC2yJcX0pYh8mE4wZ3tA9uS6dL1fRkQo' }],
    };
  if (secretIsBad(secrets) || target.name.startsWith('bad'))
    return {
      ...{ ...nothing, state: 'failing', sentence: 'The place refuses these keys.' },
      next: 'Make other ones there, with the right to read and write.',
    };
  if (target.kind === 'usb' && target.label === 'AWAY')
    return { ...nothing, state: 'absent', sentence: 'The disk AWAY is not plugged in.', next: 'Plug it in.' };
  return {
    ...{ ...nothing, good: true, state: 'new', freeBytes: 812e9 },
    sentence: `A repository can be made at ${placeOf(target)}.`,
  };
}

function targetCalls(
  ground: Ground,
): Pick<Calls, 'backup.targets' | 'backup.test-target' | 'backup.add-target' | 'backup.remove-target'> {
  const { state, options } = ground;
  return {
    'backup.targets': () => ({ targets: state.shown.targets, disks: options.disks ?? [] }),
    'backup.test-target': tested,
    'backup.add-target': ({ target, dryRun }) => {
      if (!dryRun)
        ground.change({
          targets: [
            ...state.shown.targets,
            someTarget(target, { usedBytes: 0, lastBackupAt: null, lastVerifiedAt: null }),
          ],
        });
      return said(
        dryRun,
        `Backups are kept at ${placeOf(target)} from now on.`,
        'make a repository at',
        target.name,
      );
    },
    'backup.remove-target': ({ name, dryRun }) => {
      if (!dryRun) ground.change({ targets: state.shown.targets.filter((one) => one.name !== name) });
      return said(dryRun, `No more backups are kept at ${name}; what is there stays.`, 'forget', name);
    },
  };
}

function listCalls(
  ground: Ground,
): Pick<Calls, 'backup.show' | 'backup.list' | 'backup.inspect' | 'backup.find'> {
  const { state } = ground;
  return {
    'backup.show': () => state.shown,
    'backup.list': ({ target }) => ({
      backups: state.records.filter((one) => target === undefined || one.target === target),
    }),
    'backup.inspect': ({ backup: wanted, target, path }) => {
      const backup = found(ground, wanted, target);
      const entry = (name: string, folder: boolean, bytes: number) => ({
        ...{ path: path === undefined || path === '/' ? name : `${path}/${name}`, folder, bytes },
      });
      return {
        backup,
        parts: backup.parts.map((part, at) => ({
          ...{ part, version: part === 'gitlab' ? '19.3.0' : '0.9.0', files: 20_400 / (at + 1) },
          ...{ bytes: (backup.bytes ?? 0) / (at + 2), counts: part === 'gitlab' ? backup.counts : {} },
        })),
        more: false,
        entries:
          path === undefined
            ? []
            : path === '/'
              ? [...backup.parts.map((part) => entry(part, true, 0)), entry('manifest.json', false, 2_310)]
              : path.split('/').length > 2
                ? [entry('project.bundle', false, 4_812_000)]
                : [entry('repositories', true, 0), entry('db.sql.gz', false, 81_200_000)],
      };
    },
    'backup.find': ({ password, place }) => {
      if (place.name.startsWith('bad'))
        throw refused(
          'backup.target-unreachable',
          'The place does not answer.',
          'Look whether it is switched on.',
        );
      if (password !== undefined && password !== someWords.join(' '))
        throw refused(
          'backup.password-wrong',
          'These twelve words do not open the repository.',
          'Compare them with the recovery sheet, word by word.',
        );
      return { backups: state.records.map((one) => ({ ...one, target: place.name })) };
    },
  };
}

type RunCall =
  'backup.create' | 'backup.verify' | 'backup.drill' | 'backup.prune' | 'backup.cancel' | 'backup.restore';

function runCalls(ground: Ground): Pick<Calls, RunCall | 'backup.plan-restore'> {
  const { state, options } = ground;
  type Wish = ParsedInput<'backup.plan-restore'>;
  const planOf = ({ backup: wanted, target, parts, to, withoutSafety, place }: Wish) =>
    somePlan(found(ground, wanted, place === undefined ? target : undefined), {
      ...(parts === undefined ? {} : { parts }),
      ...(to === undefined ? {} : { to, safety: false, awaySeconds: 0 }),
      ...(withoutSafety ? { withoutSafety, safety: false, hash: 'ba5e' } : {}),
      ...options.plan,
    });
  return {
    'backup.create': ({ dryRun }) => ({
      ...said(dryRun, dryRun ? 'Nothing is stopped for it.' : 'A backup has begun.'),
      run: dryRun ? null : ground.begin('create', 'dump', 'Copying what AutoGit itself has'),
    }),
    'backup.verify': ({ dryRun }) => ({
      ...said(dryRun, 'The repository is checked.', 'check', 'the repository'),
      run: dryRun ? null : ground.begin('verify', 'read', 'Reading a tenth of the data back'),
    }),
    'backup.drill': ({ dryRun }) => ({
      ...said(dryRun, 'It is restored to a scratch folder.', 'prove', 'the backup'),
      run: dryRun ? null : ground.begin('drill', 'fetch', 'Fetching it from nas'),
    }),
    'backup.prune': ({ dryRun }) => ({
      ...said(dryRun, 'Backups that nothing keeps go.', 'forget', 'backups'),
      backups: state.records.map((backup, at) => ({ backup, kept: at < 30 ? ['younger than 30 days'] : [] })),
      run: dryRun ? null : ground.begin('prune', 'forget', 'Forgetting backups'),
    }),
    'backup.cancel': ({ dryRun }) => said(dryRun, 'The run is stopped.', 'stop', 'the run'),
    'backup.plan-restore': planOf,
    'backup.restore': ({ plan: agreed, dryRun, ...wish }) => {
      const plan = planOf(wish);
      if (!dryRun && agreed !== plan.hash)
        throw refused('backup.plan-changed', 'Nobody has agreed to this plan.', 'Look at the new one.');
      const run = dryRun ? null : ground.begin('restore', 'check', 'Looking at versions and room');
      return { ...said(dryRun, 'The restore has begun.'), run, plan };
    },
  };
}

function previewed(when: string, now: number): Output<'backup.preview-when'> {
  const next = [1, 2, 3, 4, 5].map((days) => now + days * 86_400_000);
  if (/^(?:daily|weekly|weekdays|hourly|monthly|\S+ \S+ \S+ \S+ \S+$)/.test(when.trim()))
    return {
      words: when.trim() === '0 2 * * *' ? 'daily at 02:00' : when.trim(),
      nextRuns: next,
      problem: null,
    };
  const problem = `"${when}" is no time: write "daily at 02:00", or five fields of cron.`;
  return { words: '', nextRuns: [], problem };
}

function ruleCalls(
  ground: Ground,
): Pick<
  Calls,
  'backup.schedule' | 'backup.preview-when' | 'backup.preview-keep' | 'backup.sheet' | 'backup.sheet-kept'
> {
  const { state, now } = ground;
  return {
    'backup.schedule': ({ name, when, targets, on, remove, dryRun }) => {
      const { schedules } = state.settings;
      const present = schedules.find((one) => one.name === name);
      const next = {
        ...{ name, when: when ?? present?.when ?? 'daily at 02:00', on: on ?? present?.on ?? true },
        targets: targets ?? present?.targets ?? [],
      };
      const others = schedules.filter((one) => one.name !== name);
      if (!dryRun) state.settings = { ...state.settings, schedules: remove ? others : [...others, next] };
      if (!dryRun) ground.change({});
      const { words, nextRuns } = previewed(next.when, now());
      const message = remove ? `Schedule ${name} is gone.` : `${name}: ${words}.`;
      return { ...said(dryRun, message, remove ? 'remove' : 'set', name), words, nextRuns };
    },
    'backup.preview-when': ({ when }) => previewed(when, now()),
    // Only its days are followed.
    'backup.preview-keep': ({ days = state.settings.keep.days }) => {
      const backups = state.records.map((backup) => ({
        backup,
        kept: backup.at > now() - days * 86_400_000 ? [`younger than ${days} days`] : [],
      }));
      const going = backups.filter(({ kept }) => kept.length === 0).length;
      return { backups, sentence: `${going} backups would be removed for ever.` };
    },
    'backup.sheet': () => someSheet(state.shown.targets, state.shown.sheetKeptAt),
    'backup.sheet-kept': ({ words, dryRun }) => {
      const wrong = Object.entries(words).find(([at, word]) => someWords[Number(at) - 1] !== word);
      if (wrong !== undefined)
        throw refused('backup.sheet-words', `Word ${wrong[0]} is another one.`, 'Read it from the sheet.');
      if (!dryRun) ground.change({ sheetKeptAt: now() });
      return said(dryRun, 'The recovery sheet is kept.', 'note', 'recovery sheet');
    },
  };
}

/** Three places, thirty backups and a schedule, but for what is said. */
export function createFakeBackups(options: BackupOptions = {}): FakeBackups {
  const { now = Date.now, world } = options;
  const state: State = {
    shown: { ...someShown(now()), ...options.shown },
    records: options.records ?? someRecords(30, now()),
    settings: defaultBackupSettings,
  };
  const board = createBoard(state.shown.progress);
  let version = 0;
  const show = (): void => {
    version += 1;
    const { lastBackupAt, lastProvenAt, lastProvenMs, progress, targets, next } = state.shown;
    const going = progress?.outcome === null ? progress : null;
    const { done = 0, total = 0 } = going?.bytes ?? {};
    const running = going && {
      ...{ verb: going.verb, message: going.message, share: total === 0 ? null : done / total },
    };
    const { at: nextBackupAt } = next.find(({ verb }) => verb === 'create') ?? {};
    world?.change(({ snapshot }) => ({
      snapshot: {
        ...snapshot,
        ...(targets.length === 0
          ? {}
          : { backups: { lastBackupAt, lastProvenAt, lastProvenMs, running, version } }),
        ...(nextBackupAt === undefined ? {} : { nextBackupAt }),
      },
    }));
  };
  const change = (shown: Partial<Shown>): void => {
    state.shown = { ...state.shown, ...shown };
    show();
  };
  const tell = (next: Partial<Progress>): void => {
    const progress = { ...someProgress, ...board.get(), ...next };
    board.set(progress);
    change({ progress });
  };
  const begin: Ground['begin'] = (verb, step, message) => {
    const run = (board.get()?.run ?? 41) + 1;
    tell({
      ...{ run, verb, step, message, bytes: null, files: null },
      ...{ secondsLeft: null, outcome: null, failure: null },
    });
    return run;
  };
  const ground: Ground = { state, options, now, change, begin };
  show();
  return {
    calls: { ...listCalls(ground), ...targetCalls(ground), ...runCalls(ground), ...ruleCalls(ground) },
    streams: { 'backup.watch': board.watch },
    shown: () => state.shown,
    settings: () => state.settings,
    change,
    tell,
  };
}
