// `changes` and `exists`: which path patterns hold for the commit.
// GitLab: lib/gitlab/ci/build/rules/rule/clause/changes.rb, exists.rb
import type { PathTest } from '../glob.ts';
import { compileGlob } from '../glob.ts';
import type { CompileContext } from '../pipeline-spec.ts';
import type { RegexBudget } from '../../untrusted-regex.ts';
import { createRegexBudget, RegexBudgetError } from '../../untrusted-regex.ts';

/** Beyond so many comparisons GitLab takes the clause to hold. */
const maxChangesComparisons = 50_000;
const maxExistsComparisons = 10_000;

export interface PathChecks {
  /** `compareTo` is a ref to compare with; `null` as the result: there is no such ref. */
  changesMatch(patterns: readonly string[], compareTo: string | null): boolean | null;
  existsMatch(patterns: readonly string[]): boolean;
  /** Paths of the tree that a pattern names. */
  findFiles(patterns: readonly string[]): readonly string[];
}

/** Many jobs share their patterns, so results are kept for the whole compilation. */
export function pathChecks(context: CompileContext): PathChecks {
  const budget = createRegexBudget();
  const tree = new Set(context.treePaths);
  const globs = (pattern: string): PathTest => patientTest(pattern, budget);
  const changed = memo((ref) => context.changedPathsSince?.(ref) ?? null);
  const results = new Map<string, boolean>();
  const remember = (key: readonly unknown[], compute: () => boolean): boolean => {
    const text = JSON.stringify(key);
    const result = results.get(text) ?? compute();
    results.set(text, result);
    return result;
  };
  return {
    changesMatch(patterns, compareTo) {
      const since = compareTo === null || context.changedPathsSince === undefined ? null : compareTo;
      const paths = since === null ? context.changedPaths : changed(since);
      if (paths === null) return since === null ? true : null;
      return remember(['changes', since, ...patterns], () =>
        anyChanged(paths, [...new Set(patterns)].map(globs)),
      );
    },
    existsMatch: (patterns) =>
      remember(['exists', ...patterns], () => anyExists(context.treePaths, tree, patterns, globs)),
    findFiles: (patterns) =>
      patterns.flatMap((pattern) =>
        pattern.includes('*') ? context.treePaths.filter(globs(pattern)) : tree.has(pattern) ? [pattern] : [],
      ),
  };
}

/** When the patterns of the file take too long, they count as matching. */
function patientTest(pattern: string, budget: RegexBudget): PathTest {
  const test = compileGlob(pattern, budget);
  return (path) => {
    try {
      return test(path);
    } catch (error) {
      if (error instanceof RegexBudgetError) return true;
      throw error;
    }
  };
}

function memo<Value>(compute: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, Value>();
  return (key) => {
    const value = known.has(key) ? known.get(key) : undefined;
    if (value !== undefined) return value;
    const computed = compute(key);
    known.set(key, computed);
    return computed;
  };
}

function anyChanged(paths: readonly string[], tests: readonly PathTest[]): boolean {
  if (paths.length * tests.length > maxChangesComparisons) return true;
  return paths.some((path) => tests.some((test) => test(path)));
}

function anyExists(
  paths: readonly string[],
  tree: ReadonlySet<string>,
  patterns: readonly string[],
  globs: (pattern: string) => PathTest,
): boolean {
  if (patterns.some((pattern) => tree.has(pattern))) return true;
  let comparisons = 0;
  return patterns
    .filter((pattern) => /[*?[{]/.test(pattern))
    .some((pattern) => {
      const test = globs(pattern);
      return paths.some((path) => {
        comparisons += 1;
        return comparisons > maxExistsComparisons || test(path);
      });
    });
}
