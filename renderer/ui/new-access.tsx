// A new password and second factor, shown once: to copy, to scan, and to hand on.
import { useEffect } from 'react';
import type { NewAccess } from '../state/deeds.ts';
import { useLab } from '../state/use-live.ts';
import { Copyable } from './copyable.tsx';
import styles from './new-access.module.css';
import { QrCode } from './qr-code.tsx';
import { SignIcon } from './sign-icon.tsx';
import { t } from '../language/strings.ts';

/** Asks before the browser leaves what cannot be shown again. The desktop's window would only stay without a word. */
function useStay(): void {
  const { session } = useLab();
  useEffect(() => {
    if (session === null) return;
    const stay = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', stay);
    return () => window.removeEventListener('beforeunload', stay);
  }, [session]);
}

function Totp({ totp }: { readonly totp: NonNullable<NewAccess['totp']> }) {
  return (
    <div className={styles.totp}>
      <QrCode rows={totp.qr} label={t('QR code for an application of one-time passwords')} />
      <div className={styles.words}>
        <h3>{t('One-time password')}</h3>
        <p>
          {t('Scan it with an application such as Aegis, 2FAS or a password manager, or type the secret.')}
        </p>
        <Copyable text={totp.secret} what={t('the secret of the one-time password')} look="command" />
        <Copyable
          text={totp.uri}
          shown={t('The same as an address')}
          what={t('the address of the one-time password')}
        />
      </div>
    </div>
  );
}

export function NewAccessNote({ access: { password, totp } }: { readonly access: NewAccess }) {
  useStay();
  return (
    <>
      <p className={styles.once}>
        <SignIcon sign="warning" size={16} />
        <span>
          <strong>{t('This is shown only now.')}</strong>{' '}
          {t('AutoGit keeps none of it. Hand it on before you close this; whoever loses it gets a new one.')}
        </span>
      </p>
      {password !== null && (
        <div className={styles.words}>
          <h3>{t('Password')}</h3>
          <Copyable text={password} what={t('the password')} look="command" />
        </div>
      )}
      {totp !== null && <Totp totp={totp} />}
    </>
  );
}
