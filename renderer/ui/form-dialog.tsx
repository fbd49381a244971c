// A form that asks for a plan: nothing is done before that was shown, and what is wrong is led to.
import { useRef } from 'react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { FieldsToMend, focusField } from './field.tsx';
import styles from './form-dialog.module.css';
import { t } from '../language/strings.ts';

interface FormDialogProps {
  readonly title: string;
  /** Names of fields with something wrong, in their order. */
  readonly wrong: readonly string[];
  /** Somebody has asked, so that it is said what is wrong. */
  readonly wasAsked: boolean;
  /** Why there is nothing to ask for. */
  readonly blockedBy?: string | null;
  readonly children: ReactNode;
  /** Shows what changes, as soon as nothing is wrong. */
  onAsk(): void;
  onClose(): void;
}

export function FormDialog(props: FormDialogProps) {
  const { title, wrong, wasAsked, blockedBy = null, children, onAsk, onClose } = props;
  const form = useRef<HTMLFormElement>(null);
  const askOrShow = (): void => {
    onAsk();
    focusField(form.current, wrong[0]);
  };
  return (
    <Dialog
      title={title}
      isWide
      onClose={onClose}
      actions={
        <>
          <FieldsToMend wrong={wasAsked ? wrong.length : 0} />
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button look="primary" blockedBy={blockedBy} onClick={askOrShow}>
            {t('Show what changes')}
          </Button>
        </>
      }
    >
      <form
        ref={form}
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          askOrShow();
        }}
      >
        {children}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
