// One thing after the other is tried of a sign-in; what depends on one that failed is not tried.
import { problemOf } from '../../errors.ts';
import type { SignInStep } from '../../model/stack/sign-in-test.ts';

/** What was found; `next`: what to do about it, only where it is not good. */
export type Finding =
  | { readonly state: 'good'; readonly message: string }
  | { readonly state: 'warning' | 'bad' | 'skipped'; readonly message: string; readonly next: string | null };

export function good(message: string): Finding {
  return { state: 'good', message };
}

export function bad(message: string, next: string): Finding {
  return { state: 'bad', message, next };
}

export function skipped(message: string, next: string | null = null): Finding {
  return { state: 'skipped', message, next };
}

export interface Trial {
  readonly key: string;
  readonly label: string;
  /** Keys of trials without which this one says nothing. */
  readonly after?: readonly string[];
  readonly run: () => Promise<Finding>;
}

/** In their order. Never rejects: what is thrown becomes what was found. */
export async function tryAll(trials: readonly Trial[]): Promise<readonly SignInStep[]> {
  const steps: SignInStep[] = [];
  for (const { key, label, after = [], run } of trials) {
    const hindrance = steps.find(
      (step) => after.includes(step.key) && ['bad', 'skipped'].includes(step.state),
    );
    const found =
      hindrance === undefined ? await runIt(run) : skipped(`Not tried, because of: ${hindrance.label}.`);
    steps.push({ key, label, next: null, ...found });
  }
  return steps;
}

async function runIt(run: () => Promise<Finding>): Promise<Finding> {
  try {
    return await run();
  } catch (error) {
    const { message, next } = problemOf(error);
    return bad(message, next);
  }
}

/** A text of somebody else in a sentence of ours. */
export function quoted(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return `"${line.length > 200 ? `${line.slice(0, 199)}…` : line}"`;
}

/** What a text says as JSON; `null`: it says none. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
