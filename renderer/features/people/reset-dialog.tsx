// What a person gets anew: a password, a second factor, or both.
import { useState } from 'react';
import { resetPersonDeed } from '../../state/people-deeds.ts';
import type { Reset } from '../../state/people-deeds.ts';
import { useLab } from '../../state/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TickField } from '../../ui/field.tsx';
import styles from './people.module.css';
import { t } from '../../language/strings.ts';

interface ResetDialogProps {
  readonly name: string;
  onClose(): void;
}

export function ResetDialog({ name, onClose }: ResetDialogProps) {
  const { deeds } = useLab();
  const [reset, setReset] = useState<Reset>({ password: true, factors: false, totp: false });
  const isNothing = !reset.password && !reset.factors && !reset.totp;
  const ask = (): void => {
    onClose();
    deeds.ask(resetPersonDeed(name, reset));
  };
  return (
    <Dialog
      title={t('New access for {{name}}', { name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button look="primary" blockedBy={isNothing ? t('Choose what is new') : null} onClick={ask}>
            {t('Show what changes')}
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <TickField
          name="password"
          label={t('A new password')}
          help={t('The present one opens nothing from then on. The new one is shown once.')}
          isOn={reset.password}
          onChange={(password) => setReset({ ...reset, password })}
        />
        <TickField
          name="factors"
          label={t('End their second factors')}
          help={t('For somebody who has lost a telephone or key: one-time password and passkeys end.')}
          isOn={reset.factors}
          onChange={(factors) => setReset({ ...reset, factors })}
        />
        <TickField
          name="totp"
          label={t('A new one-time password')}
          help={t('Its secret is shown once, as a QR code.')}
          isOn={reset.totp}
          onChange={(totp) => setReset({ ...reset, totp })}
        />
      </div>
    </Dialog>
  );
}
