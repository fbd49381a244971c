// Words for those who hear the page, which nobody sees.
import type { ReactNode } from 'react';
import styles from './spoken.module.css';

export function Spoken({ children }: { readonly children: ReactNode }) {
  return <span className={styles.spoken}>{children}</span>;
}
