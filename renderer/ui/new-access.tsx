// A new password and second factor, shown once: to copy, to scan, and to hand on.
import { useEffect } from 'react';
import type { NewAccess } from '../state/deeds.ts';
import { useLab } from '../state/use-live.ts';
import { Copyable } from './copyable.tsx';
import styles from './new-access.module.css';
import { QrCode } from './qr-code.tsx';
import { SignIcon } from './sign-icon.tsx';

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
      <QrCode rows={totp.qr} label="QR code for an application of one-time passwords" />
      <div className={styles.words}>
        <h3>One-time password</h3>
        <p>Scan it with an application such as Aegis, 2FAS or a password manager, or type the secret.</p>
        <Copyable text={totp.secret} what="the secret of the one-time password" look="command" />
        <Copyable
          text={totp.uri}
          shown="The same as an address"
          what="the address of the one-time password"
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
          <strong>This is shown only now.</strong> AutoGit keeps none of it. Hand it on before you close this;
          whoever loses it gets a new one.
        </span>
      </p>
      {password !== null && (
        <div className={styles.words}>
          <h3>Password</h3>
          <Copyable text={password} what="the password" look="command" />
        </div>
      )}
      {totp !== null && <Totp totp={totp} />}
    </>
  );
}
