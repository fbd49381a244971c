// A moment: how long ago, with the exact time on hover.
import { dateFormat } from '../language/locale.ts';
import { ago, ahead } from '../state/words.ts';

const exact = dateFormat({ dateStyle: 'medium', timeStyle: 'medium' });
const day = dateFormat({ dateStyle: 'medium' });
const clock = dateFormat({ timeStyle: 'medium' });

/** The moment to the second: `6 Jan 2026, 14:03:09`. */
export function exactTime(at: number): string {
  return exact.format(at);
}

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

/** A day to come or gone by, and how far away it is: `12 Feb 2027, in 62 d`. */
export function Day({ at, now }: TimeProps) {
  return (
    <time dateTime={new Date(at).toISOString()} title={exact.format(at)}>
      {day.format(at)}, {at > now ? ahead(at, now) : ago(at, now)}
    </time>
  );
}
