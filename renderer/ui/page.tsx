// The frame of a page: its state in one sentence, the one primary action in the same corner, then the content.
import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { IconButton } from './button.tsx';
import styles from './page.module.css';
import { t } from '../language/strings.ts';

interface PageProps {
  /** Its name, above the sentence and in the window's title. */
  readonly name: string;
  /** `null` while nothing is known. */
  readonly sentence: string | null;
  readonly actions?: ReactNode;
  /** The content scrolls by itself, as lists do. */
  readonly isList?: boolean;
  readonly children: ReactNode;
}

export function Page({ name, sentence, actions, isList = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${name} · AutoGit`;
  }, [name]);
  return (
    <div className={`${styles.page} ${isList ? styles.list : ''}`}>
      <header className={styles.header}>
        <div>
          <p className={styles.name}>{name}</p>
          <h1 className={styles.sentence}>{sentence ?? t('Reading the state of the lab…')}</h1>
        </div>
        <div className={styles.actions}>{actions}</div>
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly side?: ReactNode;
  readonly children: ReactNode;
}

/** A titled part of a page. */
export function Section({ title, side, children }: SectionProps) {
  return (
    <section className={styles.section} aria-label={title}>
      <div className={styles.sectionHead}>
        <h2>{title}</h2>
        {side}
      </div>
      {children}
    </section>
  );
}

/** Takes the rest of the page: a list, with room beside it for a panel. */
export function ListArea({ children }: { readonly children: ReactNode }) {
  return <div className={styles.area}>{children}</div>;
}

interface PanelProps {
  readonly title: ReactNode;
  readonly label: string;
  onClose(): void;
  readonly children: ReactNode;
}

/** Details beside a list, so that the list stays. Escape closes it. */
export function Panel({ title, label, onClose, children }: PanelProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Where the panel takes the list's place, the focus was in what is hidden now.
    if (document.activeElement === document.body) heading.current?.focus();
  }, [label]);
  useEffect(() => {
    const close = (event: KeyboardEvent): void => {
      if (
        event.key === 'Escape' &&
        !event.defaultPrevented &&
        document.querySelector('dialog[open], [role=dialog][data-open]') === null
      )
        onClose();
    };
    document.addEventListener('keydown', close);
    return () => document.removeEventListener('keydown', close);
  }, [onClose]);
  return (
    <aside className={styles.panel} aria-label={label}>
      <header className={styles.panelHead}>
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <IconButton icon={X} label={t('Close (Escape)')} onClick={onClose} />
      </header>
      {children}
    </aside>
  );
}

interface PanelBodyProps {
  /** Has the panel for itself; else a log stands below. */
  readonly isAll?: boolean;
  readonly children: ReactNode;
}

/** What a panel says: above its log, or on the whole of it. */
export function PanelBody({ isAll = false, children }: PanelBodyProps) {
  return (
    <div className={styles.panelBody} data-all={isAll || undefined}>
      {children}
    </div>
  );
}

/** What can be done with it, and the same on the command line. */
export function PanelFoot({ children }: { readonly children: ReactNode }) {
  return <div className={styles.panelFoot}>{children}</div>;
}

interface FactsProps {
  /** Its names are long. */
  readonly isRoomy?: boolean;
  readonly rows: readonly (readonly [string, ReactNode])[];
}

/** Names and values. */
export function Facts({ rows, isRoomy = false }: FactsProps) {
  return (
    <dl className={styles.facts} data-roomy={isRoomy || undefined}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
