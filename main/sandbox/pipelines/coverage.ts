// Test coverage from a job's trace, as the `coverage` keyword asks.
import { compileRegex, createRegexBudget, lastCapture, RegexBudgetError } from '../untrusted-regex.ts';
import type { Regex, RegexBudget } from '../untrusted-regex.ts';

/** What runners put around a line's text: time and stream in front, colours anywhere. */
const decoration = /^\d{4}-\S+Z \d\d[OE][+ ]|\p{Cc}\[[\d;]*[A-Za-z]/gu;

/**
 * The last number that the expression (`/…/`) finds, in percent; `null` when there is none, or the expression is not
 * valid or too slow. https://docs.gitlab.com/ci/yaml/#coverage
 */
export function coverageIn(expression: string, trace: string): number | null {
  const budget = createRegexBudget();
  try {
    const regex = compileRegex(expression.replace(/^\/|\/$/g, ''), budget);
    return regex === null ? null : lastNumber(regex, trace, budget);
  } catch (error) {
    if (error instanceof RegexBudgetError) return null;
    throw error;
  }
}

/** GitLab: `extract_coverage` of lib/gitlab/ci/trace/stream.rb */
function lastNumber(regex: Regex, trace: string, budget: RegexBudget): number | null {
  for (const line of trace.split('\n').reverse()) {
    const found = lastCapture(regex, line.replace(decoration, ''), budget);
    const number = /\d+(?:\.\d+)?/.exec(found ?? '');
    if (number !== null) return Number(number[0]);
  }
  return null;
}
