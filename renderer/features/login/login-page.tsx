// Who asks? The page over HTTP shows nothing of the lab before it has seen the home's token.
import { KeyRound } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { SyntheticEvent } from 'react';
import { toCoreError } from '../../client.ts';
import type { CoreError } from '../../client.ts';
import { useLab } from '../../state/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { Command } from '../../ui/copyable.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Rich } from '../../ui/rich.tsx';
import styles from './login.module.css';
import { t } from '../../language/strings.ts';

interface LoginPageProps {
  /** What a link with a token in it was answered with. */
  readonly refusal: CoreError | null;
}

export function LoginPage({ refusal }: LoginPageProps) {
  const { live, session } = useLab();
  const [token, setToken] = useState('');
  const [error, setError] = useState(refusal);
  const [isAsking, setAsking] = useState(false);
  useEffect(() => {
    document.title = `${t('Sign in')} · AutoGit`;
  }, []);
  const enter = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (session === null || token.trim() === '') return;
    setAsking(true);
    session.enter(token.trim()).then(
      () => live.retry(),
      (reason: unknown) => {
        setError(toCoreError(reason));
        setAsking(false);
      },
    );
  };
  return (
    <main className={styles.page}>
      <form className={styles.form} onSubmit={enter}>
        <KeyRound size={28} strokeWidth={1.5} aria-hidden />
        <h1>{t('Sign in to AutoGit')}</h1>
        <p className={styles.quiet}>
          {t(
            "This page is open to whoever can read this home's files. On its machine, this prints a link that signs in:",
          )}
        </p>
        <Command line="autogit web" />
        <label className={styles.label}>
          <span>
            <Rich
              text={t('Or the token itself, from <path/> in the home folder')}
              parts={{ path: <code>run/http-token</code> }}
            />
          </span>
          <input
            type="password"
            name="token"
            autoComplete="current-password"
            autoFocus
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
        </label>
        {error !== null && <ErrorNote problem={error} />}
        <Button
          type="submit"
          look="primary"
          blockedBy={token.trim() === '' ? t('Give the token first') : isAsking ? t('Signing in') : null}
        >
          {isAsking ? t('Signing in…') : t('Sign in')}
        </Button>
      </form>
    </main>
  );
}
