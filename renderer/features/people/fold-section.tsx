// A part of the page that is opened by whoever needs it.
import { useId } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/page.tsx';
import styles from './sign-in.module.css';
import { t } from '../../language/strings.ts';

interface FoldSectionProps {
  readonly title: string;
  /** On the button that opens it. */
  readonly opens: string;
  readonly isOpen: boolean;
  /** What it is for, while it is closed. */
  readonly about: string;
  readonly children: ReactNode;
  onTurn(isOpen: boolean): void;
}

export function FoldSection({ title, opens, isOpen, about, children, onTurn }: FoldSectionProps) {
  const id = useId();
  return (
    <Section
      title={title}
      side={
        <Button aria-expanded={isOpen} aria-controls={id} onClick={() => onTurn(!isOpen)}>
          {isOpen ? t('Close') : opens}
        </Button>
      }
    >
      <div id={id} className={styles.fold}>
        {isOpen ? children : <p className={styles.quiet}>{about}</p>}
      </div>
    </Section>
  );
}
