// What a check is: it states what is wrong with an engine and how to mend it, and never mends it.
import type { EngineInfo } from '../model/engine.ts';
import type { Issue } from '../model/issue.ts';
import type { Pool } from '../model/pool.ts';

/** What is looked at. */
export interface EngineSubject {
  /** For sentences: the node, or the address. */
  readonly name: string;
  readonly info: EngineInfo;
  /** Pools whose runners are to run there. */
  readonly pools: readonly Pool[];
}

/** Pure; `null` when all is well or nothing is known. */
export type EngineCheck = (subject: EngineSubject) => Issue | null;

/** What issues about an engine are about. */
export function subjectOf({ name }: EngineSubject): string {
  return `engine of ${name}`;
}
