// Updates of a running core: the daily look, what it found, the download that goes on, and the installation.
import type { StopSignal } from '../contract/contract.ts';
import type { UpdateStatus } from '../contract/requests/update.ts';
import { AutoGitError, problemOf, toAutoGitError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Issue } from '../model/issue.ts';
import type { Settings } from '../model/settings.ts';
import type { UpdateFile, UpdateRelease } from '../model/updates.ts';
import { judgeUpdate, refusalProblem } from '../plan/update-judgement.ts';
import type { UpdateFacts, UpdateVerdict } from '../plan/update-judgement.ts';
import { updateIssues, updateSentence } from '../plan/update-words.ts';
import type { Clock, Store } from '../ports.ts';
import { nextLookAt, none, noFile, off, readMemory, writeMemory } from './update-memory.ts';
import type { UpdateMemory } from './update-memory.ts';
import type { InstallPlan, SignedManifest, StageProgress, Updates } from '../update-port.ts';

/** Settings may have changed. Milliseconds. */
const lookMs = 600_000;
const leastMs = 60_000;
/** Between two pushes while a download goes on. */
const paceMs = 200;

export interface UpdateDesk {
  /** Looks by itself from now on, where the settings say so. */
  start(): void;
  stop(): Promise<void>;
  status(): Promise<UpdateStatus>;
  watch(signal: StopSignal): AsyncGenerator<UpdateStatus>;
  issues(): readonly Issue[];
  /** Rejects with `update.off`, like `Updates.fetchManifest`, and with what is wrong with the list. */
  check(): Promise<void>;
  /** What could be brought here. Rejects with `update.off`, `update.none`, `update.no-file`, `update.source`. */
  wanted(): Promise<Wanted>;
  /** Rejects as `wanted` and `Updates.stage` do. One that goes on is joined. */
  download(): Promise<Wanted>;
  /** Rejects as `wanted` and `Updates.install` do. */
  install(options: {
    readonly ask: boolean;
  }): Promise<{ readonly isInstalled: boolean; readonly wanted: Wanted }>;
}

export interface Wanted {
  readonly release: UpdateRelease;
  readonly file: UpdateFile;
  readonly isStaged: boolean;
  readonly plan: InstallPlan;
}

export interface UpdateDeskOptions {
  readonly updates: Updates;
  readonly version: string;
  readonly store: Pick<Store, 'textOf' | 'setText'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: () => Settings;
  readonly randomHex: (bytes: number) => string;
  /** Issues have come or gone. */
  readonly onChange: () => void;
}

/** Nothing is asked before `start` or a request. */
export function createUpdateDesk(options: UpdateDeskOptions): UpdateDesk {
  return new Desk(options);
}

class Desk implements UpdateDesk {
  readonly #options: UpdateDeskOptions;
  readonly #stopping = new AbortController();
  readonly #listeners = new Set<() => void>();
  /** From 0 to 1, the same for the life of this core. */
  readonly #chance: number;
  readonly #startedAt: number;
  #memory: UpdateMemory;
  #kept: SignedManifest | null = null;
  #opening: Promise<void> | null = null;
  #verdict: UpdateVerdict | null = null;
  #checking: Promise<void> | null = null;
  #staging: Promise<Wanted> | null = null;
  #progress: StageProgress | null = null;
  #installed: string | null = null;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: UpdateDeskOptions) {
    this.#options = options;
    this.#memory = readMemory(options.store);
    this.#chance = Number.parseInt(options.randomHex(2), 16) / 65_536;
    this.#startedAt = options.clock.now();
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#tell();
    await this.#loop;
    await Promise.allSettled([this.#checking, this.#staging]);
  }

  issues(): readonly Issue[] {
    const { address } = this.#settings();
    if (address === null || this.#installed !== null) return [];
    return updateIssues(this.#verdict, this.#memory, this.#options.version);
  }

  async check(): Promise<void> {
    await this.#open();
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
      this.#judge();
      this.#changed();
    });
    await this.#checking;
  }

  async wanted(): Promise<Wanted> {
    await this.#open();
    this.#judge();
    return this.#wantedOf(this.#verdict);
  }

  async download(): Promise<Wanted> {
    const wanted = await this.wanted();
    this.#staging ??= this.#stage(wanted).finally(() => {
      this.#staging = null;
      this.#progress = null;
      this.#changed();
    });
    return this.#staging;
  }

  async install({ ask }: { readonly ask: boolean }): Promise<{ isInstalled: boolean; wanted: Wanted }> {
    const { updates, log } = this.#options;
    // The list is read and its signature looked at once more: what was in memory is not what counts.
    this.#kept = await updates.kept();
    const wanted = await this.wanted();
    const isInstalled = await updates.install(wanted.file, { ask }).finally(() => this.#tell());
    if (isInstalled) {
      this.#installed = wanted.release.version;
      log.info('an update was installed', { version: wanted.release.version, file: wanted.file.name });
      this.#changed();
    }
    return { isInstalled, wanted };
  }

  async status(): Promise<UpdateStatus> {
    const { updates, version } = this.#options;
    const { address, channel, check } = this.#settings();
    await this.#open();
    this.#judge();
    const verdict = address === null ? null : this.#verdict;
    const wanted =
      verdict?.kind === 'available' && verdict.file !== null ? await this.#wantedOf(verdict) : null;
    const state = this.#stateOf(verdict, wanted);
    return {
      state,
      sentence: updateSentence({ state, version, verdict, installed: this.#installed }),
      ...{ version, kind: updates.kind, arch: updates.arch, channel, address, check },
      checkedAt: this.#memory.checkedAt,
      nextCheckAt: this.#isWatching() ? nextLookAt(this.#memory, this.#startedAt, this.#chance) : null,
      problem: address === null ? null : this.#memory.problem,
      available: verdict?.kind === 'available' ? offered(verdict) : null,
      progress: this.#progress,
      install: wanted === null ? null : { ...wanted.plan },
    };
  }

  async *watch(signal: StopSignal): AsyncGenerator<UpdateStatus> {
    const { clock } = this.#options;
    const isOver = (): boolean => signal.aborted || this.#stopping.signal.aborted;
    let wake = (): void => undefined;
    let isNew = true;
    const listen = (): void => {
      isNew = true;
      wake();
    };
    this.#listeners.add(listen);
    signal.addEventListener('abort', listen);
    try {
      while (!isOver()) {
        if (isNew) {
          isNew = false;
          yield await this.status();
          await clock.sleep(paceMs, this.#stopping.signal);
        } else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#listeners.delete(listen);
      signal.removeEventListener('abort', listen);
    }
  }

  #settings(): Settings['updates'] {
    return this.#options.settings().updates;
  }

  #isWatching(): boolean {
    const { address, check } = this.#settings();
    return address !== null && check === 'daily' && this.#options.updates.hasKeys;
  }

  /** What was kept is read once. */
  #open(): Promise<void> {
    this.#opening ??= this.#options.updates.kept().then((kept) => {
      this.#kept = kept;
      this.#judge();
    });
    return this.#opening;
  }

  #facts({ manifest, digest }: SignedManifest): UpdateFacts {
    const { updates, version, clock } = this.#options;
    return {
      ...{ manifest, digest, seen: this.#memory.seen, channel: this.#settings().channel },
      ...{ present: version, kind: updates.kind, arch: updates.arch, now: clock.now() },
    };
  }

  /** A kept list that was put back, or is of another channel now, is none; one that has run out is said to be so. */
  #judge(): void {
    const verdict = this.#kept === null ? null : judgeUpdate(this.#facts(this.#kept));
    this.#verdict = verdict?.kind === 'refused' && verdict.reason !== 'expired' ? null : verdict;
  }

  async #check(): Promise<void> {
    const { updates, clock } = this.#options;
    try {
      const { address } = this.#settings();
      if (address === null) throw off();
      const found = await updates.fetchManifest(address, this.#stopping.signal);
      const facts = this.#facts(found);
      const verdict = judgeUpdate(facts);
      if (verdict.kind === 'refused') throw new AutoGitError(refusalProblem(verdict.reason, facts));
      await updates.keep(found);
      const { channel, sequence } = found.manifest;
      this.#remember({
        ...{ seen: { channel, sequence, digest: found.digest }, checkedAt: clock.now() },
        ...{ failedAt: null, failures: 0, problem: null },
      });
      this.#kept = found;
      if (this.#staging === null)
        await updates.tidy(verdict.kind === 'available' ? verdict.file : null).catch(() => undefined);
    } catch (error) {
      if (!this.#stopping.signal.aborted && toAutoGitError(error).key !== 'update.off')
        this.#remember({
          ...this.#memory,
          ...{ failedAt: clock.now(), failures: this.#memory.failures + 1, problem: problemOf(error) },
        });
      throw error;
    }
  }

  #remember(memory: UpdateMemory): void {
    this.#memory = memory;
    writeMemory(this.#options.store, memory);
  }

  async #wantedOf(verdict: UpdateVerdict | null): Promise<Wanted> {
    const { updates, version } = this.#options;
    if (this.#settings().address === null) throw off();
    if (verdict?.kind === 'refused' && this.#kept !== null)
      throw new AutoGitError(refusalProblem(verdict.reason, this.#facts(this.#kept)));
    if (verdict?.kind !== 'available') throw none(version, verdict);
    const { release, file } = verdict;
    if (file === null || updates.kind === 'source') throw noFile(updates.kind, updates.arch, release);
    const [isStaged, plan] = await Promise.all([updates.isStaged(file), updates.installPlan(file)]);
    return { release, file, isStaged, plan };
  }

  async #stage(wanted: Wanted): Promise<Wanted> {
    const { updates } = this.#options;
    const { address } = this.#settings();
    if (address === null) throw off();
    this.#progress = { received: 0, total: wanted.file.size };
    this.#tell();
    const onProgress = (progress: StageProgress): void => {
      this.#progress = progress;
      this.#tell();
    };
    await updates.stage(address, wanted.file, onProgress, this.#stopping.signal);
    await updates.tidy(wanted.file).catch(() => undefined);
    return { ...wanted, isStaged: true };
  }

  #stateOf(verdict: UpdateVerdict | null, wanted: Wanted | null): UpdateStatus['state'] {
    if (this.#settings().address === null) return 'off';
    if (!this.#options.updates.hasKeys) return 'no-key';
    if (this.#installed !== null) return 'installed';
    if (verdict === null) return 'unknown';
    if (verdict.kind !== 'available') return verdict.kind;
    if (this.#progress !== null) return 'downloading';
    return wanted?.isStaged === true ? 'ready' : 'available';
  }

  async #run(): Promise<void> {
    const { clock, log, updates } = this.#options;
    const { signal } = this.#stopping;
    const isStopped = (): boolean => signal.aborted;
    await this.#open();
    // After an update the file that it came from is of no use any more.
    if (this.#verdict?.kind === 'current') await updates.tidy(null).catch(() => undefined);
    while (!isStopped()) {
      const now = clock.now();
      if (this.#isWatching() && nextLookAt(this.#memory, this.#startedAt, this.#chance) <= now) {
        await this.check().catch((error: unknown) => {
          if (!isStopped()) log.info('updates could not be looked for', { error });
        });
      } else if (this.#settings().address !== null) this.#judge();
      const due = this.#isWatching() ? nextLookAt(this.#memory, this.#startedAt, this.#chance) : Infinity;
      await clock.sleep(Math.max(leastMs, Math.min(lookMs, due - clock.now())), signal);
    }
  }

  #tell(): void {
    for (const listen of this.#listeners) listen();
  }

  #changed(): void {
    this.#tell();
    this.#options.onChange();
  }
}

function offered({ release, file, between }: Extract<UpdateVerdict, { kind: 'available' }>) {
  return {
    ...{ version: release.version, date: release.date },
    changelog: between.map(({ version, date, changelog }) => ({ version, date, text: changelog })),
    file: file === null ? null : { name: file.name, size: file.size, sha256: file.sha256 },
  };
}
