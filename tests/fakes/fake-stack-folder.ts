// Folders of a stack in memory: files, what was kept of them, and data.
import { isKeyFile } from '../../main/model/stack/made-files.ts';
import type { StackFolder } from '../../main/stack-ports.ts';
import { StackFaults } from './fake-stack-faults.ts';

interface Kept {
  readonly content: string;
  readonly mode: number;
}

type Look = Awaited<ReturnType<StackFolder['look']>>;

/** The port's in-memory twin. What lies in it outlives the core. */
export class FakeStackFolder implements StackFolder {
  readonly faults: StackFaults;
  /** How often each file was really written: the same content again is not. */
  readonly writes = new Map<string, number>();
  /** Answers of `look` that differ from an empty place. */
  readonly looks = new Map<string, Partial<Look>>();
  readonly data = new Map<string, { readonly mode: number; isOurs: boolean; holds: number }>();
  readonly #home: string;
  readonly #labs = new Map<string, Map<string, Kept>>();
  readonly #previous = new Map<string, readonly { readonly path: string; readonly content: string }[]>();

  constructor({
    faults = new StackFaults(),
    home = '/home/.autogit',
  }: { faults?: StackFaults; home?: string } = {}) {
    this.faults = faults;
    this.#home = home;
  }

  /** A file as it lies there now, `secrets/` included; `null`: none. */
  file(lab: string, path: string): string | null {
    return this.#labs.get(lab)?.get(path)?.content ?? null;
  }

  modeOf(lab: string, path: string): number | null {
    return this.#labs.get(lab)?.get(path)?.mode ?? null;
  }

  paths(lab: string): readonly string[] {
    return [...(this.#labs.get(lab)?.keys() ?? [])].sort();
  }

  /** What Compose reads. */
  readonly readFile = (folder: string, path: string): string | null =>
    this.file(folder.slice(this.pathOf('').length), path);

  /** As by hand, or as a kill in the middle leaves it; `null` removes it. */
  put(lab: string, path: string, content: string | null): void {
    if (content === null) this.#labs.get(lab)?.delete(path);
    else this.#lab(lab).set(path, { content, mode: 0o644 });
  }

  pathOf(lab: string): string {
    return `${this.#home}/stack/${lab}`;
  }

  read(lab: string): ReturnType<StackFolder['read']> {
    return this.faults.around('folder.read', () => {
      const files = this.#labs.get(lab);
      if (files === undefined) return null;
      return [...files]
        .filter(([path]) => !path.startsWith('secrets/') && !isKeyFile(path))
        .map(([path, { content }]) => ({ path, content }))
        .sort((a, b) => (a.path < b.path ? -1 : 1));
    });
  }

  write(lab: string, path: string, content: string, mode: number): Promise<void> {
    return this.faults.around(`folder.write ${path}`, () => {
      const before = this.#labs.get(lab)?.get(path);
      if (before?.content === content && before.mode === mode) return;
      this.#lab(lab).set(path, { content, mode });
      this.writes.set(path, (this.writes.get(path) ?? 0) + 1);
    });
  }

  remove(lab: string, path: string): Promise<void> {
    return this.faults.around(`folder.remove ${path}`, () => void this.#labs.get(lab)?.delete(path));
  }

  keepPrevious(lab: string): Promise<void> {
    return this.faults.around('folder.keepPrevious', () => {
      const files = [...(this.#labs.get(lab) ?? [])].filter(
        ([path]) => !path.startsWith('secrets/') && !isKeyFile(path),
      );
      this.#previous.set(
        lab,
        files.map(([path, { content }]) => ({ path, content })),
      );
    });
  }

  previous(lab: string): ReturnType<StackFolder['previous']> {
    return this.faults.around('folder.previous', () => this.#previous.get(lab) ?? null);
  }

  makeData(path: string, { mode }: { readonly mode: number }): Promise<boolean> {
    return this.faults.around(`folder.makeData ${path}`, () => {
      if (this.data.has(path)) return false;
      this.data.set(path, { mode, isOurs: true, holds: 0 });
      return true;
    });
  }

  look(path: string): Promise<Look> {
    return this.faults.around(`folder.look ${path}`, () => {
      const data = this.data.get(path);
      const isFull =
        (data?.holds ?? 0) > 0 || [...this.data.keys()].some((one) => one.startsWith(`${path}/`));
      return { exists: data !== undefined, empty: !isFull, ...this.looks.get(path) };
    });
  }

  removeStack(lab: string): Promise<void> {
    return this.faults.around('folder.removeStack', () => {
      this.#labs.delete(lab);
      this.#previous.delete(lab);
    });
  }

  removeData(path: string): Promise<void> {
    return this.faults.around(`folder.removeData ${path}`, () => {
      for (const one of this.data.keys())
        if (one === path || one.startsWith(`${path}/`)) this.data.delete(one);
    });
  }

  #lab(lab: string): Map<string, Kept> {
    const files = this.#labs.get(lab) ?? new Map<string, Kept>();
    this.#labs.set(lab, files);
    return files;
  }
}
