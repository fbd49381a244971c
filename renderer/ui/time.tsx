// A moment: how long ago, with the exact time on hover.
import { ago } from '../state/words.ts';

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** The time of day: `14:03:09`. */
export function clockTime(at: number): string {
  return clock.format(at);
}

interface TimeProps {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly now: number;
}

export function Time({ at, now }: TimeProps) {
  return (
    <time dateTime={new Date(at).toISOString()} title={exact.format(at)}>
      {ago(at, now)}
    </time>
  );
}
