// How far back charts look: the choice stands in the address.
import { t } from '../language/strings.ts';

export const rangeNames = ['hour', 'day', 'week', 'month'] as const;
export type RangeName = (typeof rangeNames)[number];

export interface Range {
  readonly words: string;
  readonly minutes: number;
  /** Steps that are drawn. Each is longer than 30 s, the slow pace of looking, or nobody would have looked in some. */
  readonly points: number;
}

export const ranges: Readonly<Record<RangeName, Range>> = {
  hour: { words: t('Last hour'), minutes: 60, points: 90 },
  day: { words: t('24 hours'), minutes: 1_440, points: 288 },
  week: { words: t('7 days'), minutes: 10_080, points: 336 },
  month: { words: t('30 days'), minutes: 43_200, points: 360 },
};

/** The range that an address names; the last hour where it names none. */
export function rangeOf({ range }: Readonly<Record<string, string>>): RangeName {
  return rangeNames.find((name) => name === range) ?? 'hour';
}
