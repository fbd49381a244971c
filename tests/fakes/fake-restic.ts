// restic in memory: repositories by their place, snapshots as copies of folders, and faults to order.
import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AutoGitError } from '../../main/errors.ts';
import type { Restic, ResticNode, ResticPlace, ResticSnapshot } from '../../main/backup-ports.ts';
import { placeOf } from '../../main/model/backup/target.ts';

/** A snapshot with what was in the folder. */
interface FakeSnapshot extends ResticSnapshot {
  readonly files: ReadonlyMap<string, Uint8Array | null>;
}

interface FakeRepository {
  readonly password: string;
  readonly snapshots: Map<string, FakeSnapshot>;
  /** Digests of contents, as restic stores each once. */
  readonly contents: Set<string>;
}

export type ResticVerb = Exclude<keyof Restic, 'version' | 'disks' | 'hostKeys'>;

/** An ordered fault: `null` verbs: whatever is asked. */
interface Fault {
  readonly key: string;
  readonly verbs: readonly ResticVerb[] | null;
}

export class FakeRestic implements Restic {
  /** What was asked of which target, in order: `backup nas`. */
  readonly calls: string[] = [];
  /** Mounted file systems by label. */
  readonly mounted: Record<string, string> = {};
  readonly shownKeys: { line: string; fingerprint: string }[] = [];
  /** Bytes of every place. */
  room: { free: number | null; total: number | null } = { free: 50_000_000, total: 100_000_000 };
  /** What comes before the end of a call: a test holds it up or makes something happen. */
  during: (verb: ResticVerb, target: string, signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  found: Awaited<ReturnType<Restic['version']>> | AutoGitError = {
    ...{ version: '0.18.1', runs: 'program', isHere: true },
  };
  readonly #repositories = new Map<string, FakeRepository>();
  readonly #faults = new Map<string, Fault>();
  /** Files that cannot be read back, as `snapshot path`. */
  readonly #damaged = new Set<string>();

  /** From now on a target fails by this key; `null`: no more. */
  fail(target: string, key: string | null, verbs: readonly ResticVerb[] | null = null): void {
    if (key === null) this.#faults.delete(target);
    else this.#faults.set(target, { key, verbs });
  }

  /** A file of a snapshot can no longer be read. */
  damage(snapshot: string, path: string): void {
    this.#damaged.add(`${snapshot} ${path}`);
  }

  /** As if somebody had deleted all that lies there. */
  wipe(place: Pick<ResticPlace, 'target'>): void {
    this.#repositories.delete(placeOf(place.target));
  }

  version(): ReturnType<Restic['version']> {
    return this.found instanceof AutoGitError ? Promise.reject(this.found) : Promise.resolve(this.found);
  }

  disks(): ReturnType<Restic['disks']> {
    return Promise.resolve({ ...this.mounted });
  }

  hostKeys(_host: string, _port: number, signal: AbortSignal): ReturnType<Restic['hostKeys']> {
    signal.throwIfAborted();
    return Promise.resolve([...this.shownKeys]);
  }

  async look(place: ResticPlace, signal: AbortSignal): Promise<'ready' | 'new'> {
    await this.#begin('look', place, signal);
    const repository = this.#repositories.get(placeOf(place.target));
    if (repository === undefined) return 'new';
    this.#open(place);
    return 'ready';
  }

  async init(place: ResticPlace, signal: AbortSignal): Promise<void> {
    await this.#begin('init', place, signal);
    const at = placeOf(place.target);
    if (this.#repositories.has(at)) return void this.#open(place);
    this.#repositories.set(at, { password: place.password, snapshots: new Map(), contents: new Set() });
  }

  async space(place: ResticPlace, signal: AbortSignal): ReturnType<Restic['space']> {
    await this.#begin('space', place, signal);
    const repository = this.#repositories.get(placeOf(place.target));
    if (repository === undefined) return { ...this.room, used: null };
    const seen = new Map<string, number>();
    for (const { files } of repository.snapshots.values())
      for (const content of files.values()) if (content !== null) seen.set(digest(content), content.length);
    return { ...this.room, used: [...seen.values()].reduce((sum, size) => sum + size, 0) };
  }

  async snapshots(place: ResticPlace, signal: AbortSignal): Promise<readonly ResticSnapshot[]> {
    await this.#begin('snapshots', place, signal);
    const all = [...this.#open(place).snapshots.values()].toSorted((a, b) => a.at - b.at);
    return all.map(({ id, at, host, paths, tags }) => ({ id, at, host, paths, tags }));
  }

  async backup(
    place: ResticPlace,
    what: Parameters<Restic['backup']>[1],
    onProgress: Parameters<Restic['backup']>[2],
    signal: AbortSignal,
  ): ReturnType<Restic['backup']> {
    const repository = this.#open(place);
    const files = await readTree(what.folder);
    const contents = [...files.values()].flatMap((content) => content ?? []);
    const bytes = contents.reduce((sum, { length }) => sum + length, 0);
    const total = { bytesTotal: bytes, filesTotal: contents.length };
    onProgress({ ...total, bytesDone: 0, filesDone: 0, secondsLeft: null });
    await this.#begin('backup', place, signal);
    const added = contents.filter((content) => !repository.contents.has(digest(content)));
    for (const content of added) repository.contents.add(digest(content));
    const id = randomBytes(32).toString('hex');
    // restic keeps whole seconds of a time that it is given.
    const at = Math.floor(what.at / 1_000) * 1_000;
    const { host, folder } = what;
    repository.snapshots.set(id, { id, at, host, paths: [folder], tags: [...what.tags], files });
    onProgress({ ...total, bytesDone: bytes, filesDone: contents.length, secondsLeft: 0 });
    const addedBytes = added.reduce((sum, { length }) => sum + length, 0);
    return { snapshot: id, bytes, files: contents.length, addedBytes };
  }

  async *list(
    place: ResticPlace,
    snapshot: string,
    folder: string | null,
    signal: AbortSignal,
  ): AsyncGenerator<ResticNode> {
    await this.#begin('list', place, signal);
    for (const [name, content] of this.#snapshot(place, snapshot).files) {
      if (folder !== null && name.slice(0, Math.max(0, name.lastIndexOf('/'))) !== folder) continue;
      yield { path: name, type: content === null ? 'dir' : 'file', bytes: content?.length ?? 0 };
    }
  }

  async read(
    place: ResticPlace,
    snapshot: string,
    path: string,
    most: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | null> {
    await this.#begin('read', place, signal);
    const content = this.#snapshot(place, snapshot).files.get(path) ?? null;
    if (content !== null && this.#damaged.has(`${snapshot} ${path}`))
      throw failure('backup.repository-damaged', place);
    return content?.subarray(0, most) ?? null;
  }

  async restore(
    place: ResticPlace,
    what: Parameters<Restic['restore']>[1],
    onProgress: Parameters<Restic['restore']>[2],
    signal: AbortSignal,
  ): ReturnType<Restic['restore']> {
    const { files } = this.#snapshot(place, what.snapshot);
    await mkdir(what.into, { recursive: true });
    const failed: string[] = [];
    const wanted = [...files].filter(([name]) => isWanted(name, what.paths));
    for (const [name, content] of wanted) {
      const to = join(what.into, name);
      if (this.#damaged.has(`${what.snapshot} ${name}`)) failed.push(`${name}: it is damaged`);
      else if (content === null) await mkdir(to, { recursive: true });
      else {
        await mkdir(dirname(to), { recursive: true });
        await writeFile(to, content);
      }
    }
    await this.#begin('restore', place, signal);
    const filesTotal = wanted.length;
    onProgress({ bytesDone: 1, bytesTotal: 1, filesDone: filesTotal, filesTotal, secondsLeft: 0 });
    return { failed };
  }

  async check(
    place: ResticPlace,
    _data: Parameters<Restic['check']>[1],
    signal: AbortSignal,
  ): ReturnType<Restic['check']> {
    await this.#begin('check', place, signal);
    const ids = [...this.#open(place).snapshots.keys()];
    const damaged = [...this.#damaged].filter((one) => ids.some((id) => one.startsWith(`${id} `)));
    const findings = damaged.map((one) => `Pack ${digest(Buffer.from(one)).slice(0, 10)} is damaged.`);
    return { isSound: damaged.length === 0, findings, bytesRead: null };
  }

  async forget(place: ResticPlace, snapshots: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#begin('forget', place, signal);
    const repository = this.#open(place);
    for (const id of snapshots) repository.snapshots.delete(id);
  }

  async prune(
    place: ResticPlace,
    onProgress: Parameters<Restic['prune']>[1],
    signal: AbortSignal,
  ): Promise<void> {
    this.#open(place);
    onProgress({ bytesDone: 0, bytesTotal: 0, filesDone: 1, filesTotal: 1, secondsLeft: null });
    await this.#begin('prune', place, signal);
  }

  async unlock(place: ResticPlace, signal: AbortSignal): Promise<void> {
    await this.#begin('unlock', place, signal);
    this.#open(place);
  }

  async #begin(verb: ResticVerb, place: ResticPlace, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { name } = place.target;
    this.calls.push(`${verb} ${name}`);
    await this.during(verb, name, signal);
    signal.throwIfAborted();
    if (this.found instanceof AutoGitError) throw this.found;
    if (place.target.kind === 'usb' && this.mounted[place.target.label] === undefined)
      throw failure('backup.target-absent', place);
    const fault = this.#faults.get(name);
    if (fault !== undefined && (fault.verbs?.includes(verb) ?? true)) throw failure(fault.key, place);
  }

  #open(place: ResticPlace): FakeRepository {
    const repository = this.#repositories.get(placeOf(place.target));
    if (repository === undefined) throw failure('backup.no-repository', place);
    if (repository.password !== place.password) throw failure('backup.password-wrong', place);
    return repository;
  }

  #snapshot(place: ResticPlace, id: string): FakeSnapshot {
    const found = this.#open(place).snapshots.get(id);
    if (found === undefined) throw failure('backup.restic-failed', place);
    return found;
  }
}

const retried: ReadonlySet<string> = new Set([
  'backup.target-unreachable',
  'backup.target-absent',
  'backup.locked',
]);

function failure(key: string, { target }: ResticPlace): AutoGitError {
  return new AutoGitError({
    key,
    message: `${placeOf(target)} fails: ${key}.`,
    next: 'Do something about it.',
    fields: { target: target.name },
    retry: retried.has(key),
  });
}

function isWanted(name: string, paths: readonly string[] | null): boolean {
  return paths === null || paths.some((path) => name === path || name.startsWith(`${path}/`));
}

function digest(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What is in a folder, as restic lists it; `null`: a folder. */
async function readTree(folder: string): Promise<ReadonlyMap<string, Uint8Array | null>> {
  const names = await readdir(folder, { recursive: true });
  const found = new Map<string, Uint8Array | null>();
  for (const name of names.toSorted()) {
    const path = join(folder, name);
    found.set(name, (await lstat(path)).isDirectory() ? null : await readFile(path));
  }
  return found;
}
