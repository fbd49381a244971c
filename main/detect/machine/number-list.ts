// Lists of numbers as the kernel writes them: `0-3,8`.

/** At most so many: no machine has more threads. */
const most = 8192;

/** The numbers of such a list, a whole line; `null` for anything else. Never throws. */
export function parseNumberList(text: unknown): readonly number[] | null {
  if (typeof text !== 'string' || !/^\d{1,5}(?:-\d{1,5})?(?:,\d{1,5}(?:-\d{1,5})?)*\n$/.test(text))
    return null;
  const ranges = text
    .trim()
    .split(',')
    .map((range) => range.split('-').map(Number));
  if (ranges.flat().some((number) => number >= most)) return null;
  return [
    ...new Set(
      ranges.flatMap(([from = 0, to = from]) =>
        Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index),
      ),
    ),
  ];
}
