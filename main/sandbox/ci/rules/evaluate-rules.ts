// Which rule of a list applies. GitLab: lib/gitlab/ci/build/rules.rb
import type { RuleConfig } from '../config/config.ts';
import { expandExisting } from '../variables.ts';
import type { Evaluation } from './expression.ts';
import { isTruthful } from './expression.ts';
import type { PathChecks } from './path-checks.ts';

export type RulesResult =
  | { readonly kind: 'matched'; readonly rule: RuleConfig; readonly index: number }
  | { readonly kind: 'none' }
  /** A rule cannot be evaluated; GitLab's message. */
  | { readonly kind: 'failed'; readonly message: string };

/** The first rule whose conditions all hold. The values are the job's variables, references expanded. */
export function evaluateRules(
  rules: readonly RuleConfig[],
  evaluation: Evaluation,
  paths: PathChecks,
): RulesResult {
  for (const [index, rule] of rules.entries()) {
    const holds = ruleHolds(rule, evaluation, paths);
    if (holds === null) return { kind: 'failed', message: 'rules:changes:compare_to is not a valid ref' };
    if (holds) return { kind: 'matched', rule, index };
  }
  return { kind: 'none' };
}

function ruleHolds(rule: RuleConfig, evaluation: Evaluation, paths: PathChecks): boolean | null {
  const { condition, changes, exists } = rule;
  const expandAll = (patterns: readonly string[]): readonly string[] =>
    patterns.map((pattern) => expandExisting(pattern, evaluation.values));
  if (condition !== undefined && !isTruthful(condition, evaluation)) return false;
  if (changes !== undefined) {
    const compareTo =
      changes.compareTo === null ? null : expandExisting(changes.compareTo, evaluation.values);
    const match = paths.changesMatch(expandAll(changes.paths), compareTo);
    if (match !== true) return match;
  }
  return exists === undefined || paths.existsMatch(expandAll(exists));
}
