// Durations as people write them in CI files: `1h 30m`, `90 minutes`, `3 weeks and 2 days`, `3600`.
// GitLab reads them with ChronicDuration: https://gitlab.com/gitlab-org/ruby/gems/gitlab-chronic-duration

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

const units: ReadonlyMap<string, number> = new Map(
  (
    [
      [1, ['second', 'seconds', 'secs', 'sec', 's']],
      [minute, ['minute', 'minutes', 'mins', 'min', 'm']],
      [hour, ['hour', 'hours', 'hrs', 'hr', 'h']],
      [day, ['day', 'days', 'dy', 'd']],
      [7 * day, ['week', 'weeks', 'wks', 'wk', 'w']],
      [30 * day, ['month', 'months', 'mos', 'mo']],
      [365.25 * day, ['year', 'years', 'yrs', 'yr', 'y']],
    ] as const
  ).flatMap(([seconds, names]) => names.map((name) => [name, seconds] as const)),
);

const joiners: ReadonlySet<string> = new Set(['and', 'with', 'plus']);
const maxLength = 200;

/** Seconds, or `null` when the text is no duration or is zero. Numbers without a unit are seconds. */
export function parseDuration(text: string): number | null {
  if (text.length > maxLength) return null;
  const clock = /^\s*(\d+(?::[0-5]?\d){1,2})\s*$/.exec(text);
  const seconds = clock === null ? sumOfWords(text.toLowerCase()) : clockSeconds(clock[1] ?? '');
  return seconds === null || seconds <= 0 ? null : Math.round(seconds);
}

/** `1:30` is a minute and a half, `1:00:00` an hour. */
function clockSeconds(clock: string): number {
  return clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

function sumOfWords(text: string): number | null {
  const words = text.match(/\d+(?:\.\d+)?|[^\d\s,]+/g) ?? [];
  let sum = 0;
  let pending: number | null = null;
  for (const word of words) {
    const unit = units.get(word);
    if (/^\d/.test(word)) {
      sum += pending ?? 0;
      pending = Number(word);
    } else if (unit !== undefined) {
      sum += (pending ?? 0) * unit;
      pending = null;
    } else if (!joiners.has(word)) return null;
  }
  return sum + (pending ?? 0);
}
