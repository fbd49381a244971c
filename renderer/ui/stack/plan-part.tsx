// A titled part of a plan.
import type { ReactNode } from 'react';
import styles from './plan.module.css';

export function PlanPart({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={styles.part} aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
