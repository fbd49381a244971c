// What a check of a stack is: it states what would break it or has, what was seen that says so, and how it is mended.
import type { FixDeed, Fix } from '../../model/issue.ts';
import type { Machine } from '../../model/machine.ts';
import type { Pool } from '../../model/pool.ts';
import type { RenderedStack, StackFacts, StackPresent } from '../../model/stack/stack.ts';
import type { StackSurroundings } from '../../model/stack/surroundings.ts';
import type { Finding } from '../hardware/check.ts';

/** What is looked at. */
export interface StackSubject {
  /** Cards are not looked at for this: it has none. */
  readonly machine: Machine;
  readonly facts: StackFacts;
  readonly around: StackSurroundings;
  /** The stack as it should be; `null`: there is none, and nobody wants one yet. */
  readonly stack: RenderedStack | null;
  /** What is there of it; `null`: nobody could look, or there is none. */
  readonly present: StackPresent | null;
  readonly pools: readonly Pool[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Pure; nothing when all is well or nothing is known. */
export type StackCheck = (subject: StackSubject) => readonly Finding[];

/** For checks that have nothing to say without a stack. */
export function withStack(
  check: (stack: RenderedStack, subject: StackSubject) => readonly Finding[],
): StackCheck {
  return (subject) => (subject.stack === null ? [] : check(subject.stack, subject));
}

/** Whether containers of the stack run, so that it is meant to answer. */
export function isUp({ present }: Pick<StackSubject, 'present'>): boolean {
  return (present?.containers ?? []).some(({ state }) => state === 'running' || state === 'restarting');
}

/** Whether services have written to the data folder before; a first start that failed has left empty folders. */
export function hasRun({ data }: RenderedStack, { present }: Pick<StackSubject, 'present'>): boolean {
  return present !== null && present.answers?.data === data && Object.keys(present.started).length > 0;
}

export { shellWord } from '../../model/shell-word.ts';
export { imageName, tagOf, versionOf } from '../../model/stack/versions.ts';

export function fixBy(deed: FixDeed, target: string, summary: string): Fix {
  return { request: 'doctor.fix', deed, target, summary };
}

/** `3.1 GiB` */
export function gibibytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
