// Entities of one kind in memory, every change written through before it returns.
import { z } from 'zod';
import { SandboxError } from './errors.ts';

/** What every entity has. */
export interface Entity {
  readonly id: number;
}

/** The SQLite table behind all collections. */
export interface EntityTable {
  readonly write: (kind: string, id: number, json: string) => void;
  readonly remove: (kind: string, id: number) => void;
  readonly nextId: (kind: string) => number;
  /** Called when the running transaction, if any, is undone. */
  readonly onRollback: (undo: () => void) => void;
}

/** Entities of one kind, by id; `New` is what `insert` takes, `Index` the fields that `by` can look up. */
export class Collection<T extends Entity, New, Index extends keyof T> {
  readonly kind: string;
  readonly #schema: z.ZodType<T>;
  readonly #table: EntityTable;
  readonly #rows = new Map<number, T>();
  readonly #indexes = new Map<Index, Map<unknown, Set<number>>>();

  constructor(kind: string, schema: z.ZodType<T>, indexes: readonly Index[], table: EntityTable) {
    this.kind = kind;
    this.#schema = schema;
    this.#table = table;
    for (const field of indexes) this.#indexes.set(field, new Map());
  }

  /** Puts a stored row in memory at start. Raises `sandbox.state-damaged`. */
  load(id: number, value: unknown): void {
    const parsed = this.#schema.safeParse(value);
    if (!parsed.success) throw new SandboxError('sandbox.state-damaged', z.prettifyError(parsed.error));
    if (parsed.data.id !== id)
      throw new SandboxError('sandbox.state-damaged', `it says to be ${parsed.data.id}`);
    this.#put(id, parsed.data);
  }

  /** Takes an entity out of memory only, at start. */
  unload(id: number): void {
    this.#put(id, undefined);
  }

  /** Adds an entity under the next id. Ids are never used twice. */
  insert(value: Omit<New, 'id'>): T {
    const entity = this.#schema.parse({ ...value, id: this.#table.nextId(this.kind) });
    this.#set(entity.id, entity);
    return entity;
  }

  has(id: number): boolean {
    return this.#rows.has(id);
  }

  get(id: number): T | undefined {
    return this.#rows.get(id);
  }

  /** The entity; a `SandboxError` with key `sandbox_not_found` when there is none. */
  need(id: number): T {
    const entity = this.#rows.get(id);
    if (entity === undefined) throw new SandboxError('sandbox_not_found', `No ${this.kind} has the id ${id}`);
    return entity;
  }

  /** Replaces some fields and returns the new entity; `sandbox_not_found` when there is none. */
  update(id: number, patch: Partial<Omit<T, 'id'>>): T {
    const entity: T = { ...this.need(id), ...patch };
    this.#set(id, entity);
    return entity;
  }

  /** True when there was one. */
  remove(id: number): boolean {
    if (!this.#rows.has(id)) return false;
    this.#set(id, undefined);
    return true;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** All of them, oldest first. */
  all(): T[] {
    return [...this.#rows.values()];
  }

  find(test: (entity: T) => boolean): T | undefined {
    for (const entity of this.#rows.values()) if (test(entity)) return entity;
    return undefined;
  }

  filter(test: (entity: T) => boolean): T[] {
    return this.all().filter(test);
  }

  /** Those whose indexed field has this value, in order of id. */
  by<K extends Index>(field: K, value: T[K]): T[] {
    const ids = this.#indexes.get(field)?.get(value);
    if (ids === undefined) return [];
    return [...ids].sort((a, b) => a - b).flatMap((id) => this.#rows.get(id) ?? []);
  }

  #set(id: number, entity: T | undefined): void {
    const before = this.#rows.get(id);
    if (entity === undefined) this.#table.remove(this.kind, id);
    else this.#table.write(this.kind, id, JSON.stringify(entity));
    this.#put(id, entity);
    this.#table.onRollback(() => this.#restore(id, before));
  }

  /** As `#put`, but an entity that comes back takes its old place in the order of ids. */
  #restore(id: number, before: T | undefined): void {
    const comesBack = before !== undefined && !this.#rows.has(id);
    this.#put(id, before);
    if (!comesBack) return;
    const rows = [...this.#rows].sort(([a], [b]) => a - b);
    this.#rows.clear();
    for (const [each, row] of rows) this.#rows.set(each, row);
  }

  #put(id: number, entity: T | undefined): void {
    const before = this.#rows.get(id);
    for (const [field, index] of this.#indexes) {
      if (before !== undefined) forget(index, before[field], id);
      if (entity === undefined) continue;
      const ids = index.get(entity[field]);
      if (ids === undefined) index.set(entity[field], new Set([id]));
      else ids.add(id);
    }
    if (entity === undefined) this.#rows.delete(id);
    else this.#rows.set(id, entity);
  }
}

/** A value that no entity has any more takes no memory. */
function forget(index: Map<unknown, Set<number>>, value: unknown, id: number): void {
  const ids = index.get(value);
  ids?.delete(id);
  if (ids?.size === 0) index.delete(value);
}
