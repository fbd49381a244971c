// The word that somebody probably meant.

/** How many single-letter slips (insert, drop, replace, swap neighbours) lie between two words. */
function slips(from: string, to: string): number {
  let older: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const row: number[] = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(
        Math.min(
          (previous[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (previous[j - 1] ?? 0) + cost,
          swapped ? (older[j - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    older = previous;
    previous = row;
  }
  return previous[to.length] ?? 0;
}

/** The candidate closest to `word`, or `null` when none is close enough to suggest. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const typed = word.slice(0, 64).toLowerCase();
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: slips(typed, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best === undefined) return null;
  const close = best.distance <= Math.max(1, Math.floor(Math.max(typed.length, best.candidate.length) / 3));
  const begun = typed.length >= 2 && best.candidate.toLowerCase().startsWith(typed);
  if (close || begun) return best.candidate;
  return candidates.find((candidate) => typed.length >= 2 && candidate.startsWith(typed)) ?? null;
}
