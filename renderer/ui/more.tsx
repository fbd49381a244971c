// What few people need, folded away below a line that says what it is.
import type { ReactNode } from 'react';
import styles from './more.module.css';

interface MoreProps {
  readonly summary: ReactNode;
  /** Opened by itself, where it says what is wrong. */
  readonly isOpen?: boolean;
  readonly children: ReactNode;
}

export function More({ summary, isOpen = false, children }: MoreProps) {
  return (
    <details className={styles.more} open={isOpen || undefined}>
      <summary>{summary}</summary>
      {children}
    </details>
  );
}
