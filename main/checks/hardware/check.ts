// What a check of the machine is: it states what is wrong with it, what was seen that says so, and how it is mended.
import type { Fix, Issue } from '../../model/issue.ts';
import type { Machine } from '../../model/machine.ts';
import type { Pool } from '../../model/pool.ts';

/** What is looked at. */
export interface HardwareSubject {
  readonly machine: Machine;
  readonly pools: readonly Pool[];
}

/** An issue with what was seen, one thing each: `Memory: 0.4 GB of 8.0 GB are free`. */
export interface Finding extends Issue {
  readonly evidence: readonly string[];
  /** Missing: only a person can mend it. */
  readonly fix?: Fix;
}

/** Pure; nothing when all is well or nothing is known. */
export type HardwareCheck = (subject: HardwareSubject) => readonly Finding[];

/** `7.9 GB` */
export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** The engine of this machine where it runs without root: what it needs is the user's to set up. */
export function rootlessEngine({ engine }: Machine): NonNullable<Machine['engine']> | null {
  return engine !== null && engine.rootless && engine.isHere ? engine : null;
}
