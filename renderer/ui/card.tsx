// A quiet box around rows that belong together.
import type { ReactNode } from 'react';
import styles from './card.module.css';

export function Card({ children }: { readonly children: ReactNode }) {
  return <ul className={styles.card}>{children}</ul>;
}
