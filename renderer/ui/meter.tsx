// How full something is: a bar from nothing to all of it, hatched where nobody knows.
import styles from './meter.module.css';

interface MeterProps {
  /** What is measured, for those who do not see the bar. */
  readonly label: string;
  /** The same in words: `9.8 of 17.1 GB`. */
  readonly words: string;
  /** From 0 to 1; `null`: not known. */
  readonly share: number | null;
}

/** More than this in use is nearly all. */
const nearlyAll = 0.95;

export function Meter({ label, words, share }: MeterProps) {
  const given = share === null ? null : Math.min(1, Math.max(0, share));
  return (
    <div
      className={styles.meter}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={given === null ? 0 : Math.round(given * 100)}
      aria-valuetext={words}
      data-unknown={given === null || undefined}
      data-full={(given !== null && given > nearlyAll) || undefined}
    >
      {given !== null && (
        <svg width="100%" height="100%" aria-hidden>
          <rect width={`${(given * 100).toFixed(1)}%`} height="100%" />
        </svg>
      )}
    </div>
  );
}
