// The sandbox: how to use it, and the ways to end it.
import { Square, Trash2 } from 'lucide-react';
import { useMemo } from 'react';
import type { CoreClient } from '../../client.ts';
import type { Output } from '../../../main/contract/contract.ts';
import { resetSandbox, startSandbox, stopSandbox } from '../../state/deeds.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useLab, useSnapshot } from '../../state/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Facts, Section } from '../../ui/page.tsx';
import { SandboxToken } from '../../ui/sandbox-token.tsx';
import styles from './overview.module.css';
import { t } from '../../language/strings.ts';

type Access = Output<'sandbox.access'>;

function AccessFacts({ access }: { readonly access: Access }) {
  const { url, username, token } = access;
  return (
    <Facts
      rows={[
        [t('Address'), url === null ? t('none') : <Copyable key="url" text={url} what={t('the address')} />],
        [t('User'), <Copyable key="user" text={username} what={t('the user')} />],
        [t('Token'), <SandboxToken key="token" token={token} />],
      ]}
    />
  );
}

export function SandboxCard() {
  const { deeds } = useLab();
  const url = useSnapshot(({ gitlab }) => gitlab.url);
  const state = useSnapshot(({ gitlab }) => gitlab.state);
  // Asked anew whenever the sandbox gets another address.
  const ask = useMemo(
    () => (url === null ? null : (client: CoreClient) => client.call('sandbox.access', {})),
    [url],
  );
  const { value: access, error } = useAnswer(ask);
  const isStopped = state === 'stopped';
  return (
    <Section title={t('Sandbox')}>
      <Card>
        <li className={styles.sandbox}>
          <p>
            {isStopped
              ? t('The sandbox is stopped; its projects and jobs are kept.')
              : t(
                  'A small stand-in for GitLab, on this machine only. Use it like any GitLab: with git, and by API.',
                )}
          </p>
          {access !== null && <AccessFacts access={access} />}
          {error !== null && <ErrorNote problem={error} />}
          <div className={styles.buttons}>
            {isStopped ? (
              <Button onClick={() => deeds.ask(startSandbox)}>{t('Start it again')}</Button>
            ) : (
              <Button icon={Square} onClick={() => deeds.ask(stopSandbox)}>
                {t('Stop, keep its data')}
              </Button>
            )}
            <Button look="grave" icon={Trash2} onClick={() => deeds.ask(resetSandbox)}>
              {t('Delete the sandbox')}
            </Button>
          </div>
        </li>
      </Card>
    </Section>
  );
}
