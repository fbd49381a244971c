// What a rule of Authelia's is: what it would not start with, or not work with, and how that is mended.
import type { AutheliaSetup } from './document.ts';

/** A broken rule. */
export interface Broken {
  /** Completes "Authelia would not start: …". */
  readonly what: string;
  readonly next: string;
  /** Where it is not that of the rule. */
  readonly severity?: 'error' | 'warning';
}

export interface Rule {
  /** Stable, and a row of docs/authelia-rules.md. */
  readonly id: string;
  /** `warning`: Authelia starts all the same, and something does not work. Missing: it does not start. */
  readonly severity?: 'warning';
  readonly judge: (setup: AutheliaSetup) => readonly Broken[];
}

export function broken(what: string, next: string): readonly Broken[] {
  return [{ what, next }];
}

/** What Authelia starts with all the same. */
export function warned(what: string, next: string): readonly Broken[] {
  return [{ what, next, severity: 'warning' }];
}

export const fine: readonly Broken[] = [];
