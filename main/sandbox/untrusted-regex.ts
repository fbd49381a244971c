// Regular expressions of users, as GitLab's UntrustedRegexp: RE2, whose time is linear in the text, within a limit.
// GitLab: lib/gitlab/untrusted_regexp.rb, lib/gitlab/untrusted_regexp/ruby_syntax.rb
import { RE2JS, RE2JSException } from 're2js';

/** A compiled expression. */
export type Regex = RE2JS;

/** Time left for a set of expressions, and those of them that are compiled. `null`: not valid. */
export interface RegexBudget {
  /** Of the processor: nothing else tells what an expression costs, and a busy machine changes nothing. */
  microseconds: number;
  readonly compiled: Map<string, Regex | null>;
}

/** Many times what the expressions of a real CI file take. */
const microsecondsPerFile = 500_000;

/** A fresh budget, for one CI file, one log or one request. */
export const createRegexBudget = (microseconds = microsecondsPerFile): RegexBudget => ({
  microseconds,
  compiled: new Map(),
});

/** The budget is used up. */
export class RegexBudgetError extends Error {}

/** One expression may not use up much more than is left: compiling and matching cannot be interrupted. */
const maxSourceLength = 10_000;
const maxCostlySourceLength = 500;
const maxMatchSteps = 5_000_000;

/** Classes beyond ASCII take up to a millisecond for each of their characters, when case is ignored. */
const maybeCostly = /[^\0-\x7f]|\\[pPx]/;

/** Compiles RE2 syntax; `null` when it is none or too long. @throws RegexBudgetError */
export function compileRegex(source: string, budget: RegexBudget): Regex | null {
  const known = budget.compiled.get(source);
  if (known !== undefined) return known;
  const limit = maybeCostly.test(source) ? maxCostlySourceLength : maxSourceLength;
  const regex = source.length > limit ? null : spend(budget, () => compiled(source));
  budget.compiled.set(source, regex);
  return regex;
}

function compiled(source: string): Regex | null {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    if (error instanceof RE2JSException) return null;
    throw error;
  }
}

// In Ruby `^` and `$` are the ends of a line.
const delimited = /^\/(.*)\/([ismU]*)$/m;

/** Looks like an expression; whether it is one is another question. */
export const isDelimitedRegex = (text: string): boolean => delimited.test(text);

/** An expression written as `/source/flags`, or `null`. @throws RegexBudgetError */
export function compileDelimitedRegex(text: string, budget: RegexBudget): Regex | null {
  const match = delimited.exec(text);
  if (match === null) return null;
  const [, source = '', flags = ''] = match;
  return compileRegex(flags === '' ? source : `(?${flags})${source}`, budget);
}

/** Whether the expression matches anywhere in the text. @throws RegexBudgetError */
export function matchesRegex(regex: Regex, text: string, budget: RegexBudget): boolean {
  return spendOn(regex, text, budget, () => regex.test(text));
}

/** What the last group captured in the last match, or all of that match without groups; `null`: no match. @throws RegexBudgetError */
export function lastCapture(regex: Regex, text: string, budget: RegexBudget): string | null {
  const last = spendOn(regex, text, budget, () => [...regex.matchAll(text)].at(-1));
  return last?.at(-1) ?? null;
}

function spendOn<Result>(regex: Regex, text: string, budget: RegexBudget, match: () => Result): Result {
  if (regex.programSize() * text.length > maxMatchSteps) throw tooSlow();
  return spend(budget, match);
}

function spend<Result>(budget: RegexBudget, work: () => Result): Result {
  if (budget.microseconds <= 0) throw tooSlow();
  const start = process.cpuUsage();
  try {
    return work();
  } finally {
    const { user, system } = process.cpuUsage(start);
    budget.microseconds -= user + system;
  }
}

const tooSlow = (): RegexBudgetError =>
  new RegexBudgetError('The regular expressions take too long to match');
