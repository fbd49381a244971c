// A text of somebody else's length: its beginning, and all of it for who opens it, in a part that scrolls.
import styles from './long-text.module.css';

interface LongTextProps {
  readonly text: string;
  /** What it is, for those who do not see it: `Branch`. */
  readonly what: string;
}

/** Characters that are shown at once; more are folded. */
const shownLength = 120;

export function isLong(text: string): boolean {
  return text.length > shownLength;
}

export function LongText({ text, what }: LongTextProps) {
  if (!isLong(text)) return <bdi>{text}</bdi>;
  // By code points: half of a pair would be shown as a box.
  const beginning = Array.from(text.slice(0, shownLength)).slice(0, -1).join('');
  return (
    <details>
      <summary className={styles.beginning}>
        <bdi>{beginning}…</bdi>
      </summary>
      <div className={styles.all} role="group" tabIndex={0} aria-label={what}>
        <bdi>{text}</bdi>
      </div>
    </details>
  );
}
