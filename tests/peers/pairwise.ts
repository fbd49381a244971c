// Cases in which every two choices of different questions meet at least once.

interface Pair {
  readonly first: number;
  readonly one: number;
  readonly second: number;
  readonly other: number;
}

function pairsOf(counts: readonly number[]): readonly Pair[] {
  const choices = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
  return counts.flatMap((count, first) =>
    counts.flatMap((others, second) =>
      second <= first
        ? []
        : choices(count).flatMap((one) => choices(others).map((other) => ({ first, one, second, other }))),
    ),
  );
}

function holds(row: readonly (number | undefined)[], { first, one, second, other }: Pair): boolean {
  return row[first] === one && row[second] === other;
}

/**
 * Rows of indices, one for each question, which has `counts[i]` choices. Greedy: a row begins with a pair that is missing,
 * and takes for each further question the choice with which most of the missing pairs are met.
 */
export function pairwise(counts: readonly number[]): readonly (readonly number[])[] {
  let missing = pairsOf(counts);
  const rows: (readonly number[])[] = [];
  for (let seed = missing[0]; seed !== undefined; seed = missing[0]) {
    const row: (number | undefined)[] = counts.map(() => undefined);
    row[seed.first] = seed.one;
    row[seed.second] = seed.other;
    counts.forEach((count, question) => {
      row[question] ??= bestChoice(row, question, count, missing);
    });
    const whole = row.map((choice) => choice ?? 0);
    missing = missing.filter((pair) => !holds(whole, pair));
    rows.push(whole);
  }
  return rows;
}

function bestChoice(
  row: readonly (number | undefined)[],
  question: number,
  count: number,
  missing: readonly Pair[],
): number {
  const scores = Array.from({ length: count }, (_, choice) => {
    const tried = row.with(question, choice);
    return missing.filter((pair) => holds(tried, pair)).length;
  });
  return scores.indexOf(Math.max(...scores));
}
