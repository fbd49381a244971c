// What a page says instead of its content: nothing is there yet, it is loading, or it went wrong.
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Problem } from '../state/problem.ts';
import { Command, Copyable } from './copyable.tsx';
import { NextStep } from './next-step.tsx';
import { Spoken } from './spoken.tsx';
import styles from './notes.module.css';
import { SignIcon } from './sign-icon.tsx';
import { t } from '../language/strings.ts';

interface EmptyStateProps {
  readonly icon: LucideIcon;
  readonly title: string;
  /** What belongs here. */
  readonly children: ReactNode;
  readonly action?: ReactNode;
  readonly command?: string;
}

/** Teaches: what belongs here, one button, one command. */
export function EmptyState({ icon: Icon, title, children, action, command }: EmptyStateProps) {
  return (
    <div className={styles.empty}>
      <Icon size={28} strokeWidth={1.5} aria-hidden />
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
      {command !== undefined && <Command line={command} />}
    </div>
  );
}

/** Rows in the shape of those that will come. */
export function Skeleton({ rows = 6, what }: { readonly rows?: number; readonly what: string }) {
  return (
    <div className={styles.skeleton} role="status">
      <Spoken>{t('Reading {{what}}', { what })}</Spoken>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={styles.bone} aria-hidden />
      ))}
    </div>
  );
}

interface ErrorNoteProps {
  readonly problem: Problem;
  readonly action?: ReactNode;
}

/** What happened, what to do now, and the key to look it up by. */
export function ErrorNote({ problem, action }: ErrorNoteProps) {
  return (
    <div className={styles.error} role="alert">
      <SignIcon sign="cross" size={16} />
      <div>
        <p className={styles.message}>{problem.message}</p>
        <NextStep text={problem.next} />
        <div className={styles.key}>
          <Copyable text={problem.key} what={t('the key of this error')} />
          {action}
        </div>
      </div>
    </div>
  );
}
