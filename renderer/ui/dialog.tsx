// A question that has to be answered before anything else; Escape says no.
import { X } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { IconButton } from './button.tsx';
import styles from './dialog.module.css';
import { t } from '../language/strings.ts';

interface DialogProps {
  readonly title: string;
  /** For forms, which need more room than a question. */
  readonly isWide?: boolean;
  /** `null`: only its buttons close it, neither Escape nor anything else by accident. */
  readonly onClose: (() => void) | null;
  readonly children: ReactNode;
  /** The buttons, the one that goes on last. */
  readonly actions: ReactNode;
}

/** Of two Escapes in a row browsers let nobody refuse the second, unless the key itself came to nothing. */
function useStayOpen(isHeld: boolean): void {
  useEffect(() => {
    if (!isHeld) return;
    const refuse = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') event.preventDefault();
    };
    document.addEventListener('keydown', refuse, true);
    return () => document.removeEventListener('keydown', refuse, true);
  }, [isHeld]);
}

export function Dialog({ title, isWide = false, onClose, children, actions }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before the next event: no key may fall between a dialog that goes and the one that takes its place.
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      // The browser gives the focus back by itself only while the dialog is still in the page.
      if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
    };
  }, []);
  useStayOpen(onClose === null);
  return (
    <dialog
      ref={dialog}
      className={`${styles.dialog} ${isWide ? styles.wide : ''}`}
      aria-label={title}
      onClose={() => (onClose === null ? dialog.current?.showModal() : onClose())}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
    >
      <header className={styles.head}>
        <h2>{title}</h2>
        {onClose !== null && <IconButton icon={X} label={t('Close (Escape)')} onClick={onClose} />}
      </header>
      <div className={styles.body}>{children}</div>
      <footer className={styles.actions}>{actions}</footer>
    </dialog>
  );
}
