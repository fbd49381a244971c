// The first person: who it is, and how they get in. A password is shown when somebody asks for it, and not before.
import { Eye, QrCode } from 'lucide-react';
import type { CoreClient } from '../../client.ts';
import type { Output } from '../../../main/contract/contract.ts';
import { resetPersonDeed } from '../../state/people-deeds.ts';
import type { Possessions } from '../../state/setup-sheet.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useLab } from '../../state/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Facts, Section } from '../../ui/page.tsx';
import { SandboxToken } from '../../ui/sandbox-token.tsx';
import styles from './setup.module.css';
import { t } from '../../language/strings.ts';

type Access = Output<'sandbox.access'>;

function askAccess(client: CoreClient): Promise<Access> {
  return client.call('sandbox.access', {});
}

function SandboxPerson() {
  const { value, error } = useAnswer(askAccess);
  if (error !== null) return <ErrorNote problem={error} />;
  if (value === null) return null;
  const { username, token } = value;
  return (
    <Facts
      isRoomy
      rows={[
        [t('User'), <Copyable key="user" text={username} what={t('the user')} />],
        [t('Token'), <SandboxToken key="token" token={token} />],
      ]}
    />
  );
}

interface FirstPersonProps {
  readonly have: Possessions;
  show(): void;
}

function LabPerson({ have: { status, secrets }, show }: FirstPersonProps) {
  const { deeds } = useLab();
  const answers = status?.answers ?? null;
  const name = answers?.admin.username ?? 'admin';
  const hasPeople = answers?.sso === 'authelia' && answers.directory.kind === 'file';
  return (
    <>
      <Facts
        isRoomy
        rows={[
          [t('First person'), <Copyable key="name" text={name} what={t('the name')} />],
          ...secrets.map(
            ({ label, value }) =>
              [label, <Copyable key={label} text={value} what={t('the password')} />] as const,
          ),
        ]}
      />
      <div className={styles.ways}>
        {secrets.length === 0 && (
          <Button icon={Eye} onClick={show}>
            {t('Show the first passwords')}
          </Button>
        )}
        {hasPeople && (
          <Button
            icon={QrCode}
            onClick={() => deeds.ask(resetPersonDeed(name, { password: false, factors: false, totp: true }))}
          >
            {t('Set up a one-time password')}
          </Button>
        )}
      </div>
      <p className={styles.quiet}>
        {t('Change the password at the first sign-in.')}{' '}
        {hasPeople && t('A passkey is added in Authelia, under Settings.')}
      </p>
      {secrets.length === 0 && <Command line="autogit stack secret gitlab-root-password" />}
    </>
  );
}

export function FirstPerson({ have, show }: FirstPersonProps) {
  return (
    <Section title={t('Signing in')}>
      <div className={styles.box}>
        {have.status !== null ? (
          <LabPerson have={have} show={show} />
        ) : have.kind === 'sandbox' ? (
          <SandboxPerson />
        ) : (
          <p>{t("As before: AutoGit has changed nobody's access to that GitLab.")}</p>
        )}
      </div>
    </Section>
  );
}
