// Who signs in and how: the first person, one sign-in for everything, and people of a directory, tried before.
import { useRef } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import { triable } from '../../state/setup-answers.ts';
import { valueAt } from '../../state/stack-draft.ts';
import { useTry } from '../../state/use-try.ts';
import { listed } from '../../state/words.ts';
import { count, t } from '../../language/strings.ts';
import { FieldsToMend } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { AskedFields } from './asked-fields.tsx';
import type { InstallProps } from './install-steps.tsx';
import { SecretFields } from './secret-fields.tsx';
import type { AskedSecret } from './secret-fields.tsx';
import styles from './setup.module.css';
import { StepFrame } from './step-frame.tsx';
import { TestButton } from './test-button.tsx';
import { TriedChecks } from './tried-checks.tsx';
import { goOnButton, useGoOn } from './use-go-on.ts';

type Install = InstallProps['install'];
type Directory = Output<'directory.test'>;
type Oidc = Output<'sso.check'>;
type Way = 'file' | 'ldap' | 'oidc' | 'off';

const fields = ['admin.', 'sso', 'directory.', 'oidc.'] as const;

const secretsOf: Readonly<Record<Way, readonly AskedSecret[]>> = {
  file: [],
  off: [],
  ldap: [{ secret: 'directory-password', label: t('Password of who searches the directory') }],
  oidc: [{ secret: 'oidc-client-secret', label: t('Client secret that the provider has given') }],
};

function wayOf({ answers }: Install): Way {
  const sso = valueAt(answers, 'sso') ?? 'authelia';
  if (sso === 'off' || sso === 'oidc') return sso;
  return valueAt(answers, 'directory.kind') === 'ldap' ? 'ldap' : 'file';
}

/** What happens on the first day, so that nobody is surprised. */
const hints: Readonly<Record<Way, string>> = {
  file: t(
    'The first person gets a password that is shown to you at the end. A second factor is set up then, too: a one-time password by a QR code, or a passkey in Authelia under Settings.',
  ),
  ldap: t(
    'People sign in with the password that they have. The directory is only read; each sets up a second factor at the first sign-in.',
  ),
  oidc: t(
    'People sign in at that provider. The first password of GitLab’s root is shown to you at the end, for emergencies.',
  ),
  off: t(
    'Everybody has an account of GitLab alone. The first password of its root is shown to you at the end.',
  ),
};

function typedOf(install: Install, secret: string): string {
  return install.secrets[secret] ?? '';
}

/** More are counted. */
const mostNamed = 5;

function foundWords(people: Directory['people']): string | null {
  if (people.length === 0) return null;
  const found = {
    people: count(people.length, '{{n}} person', '{{n}} people'),
    names: listed(people.slice(0, mostNamed).map(({ name }) => name)),
  };
  return people.length > mostNamed
    ? t('{{people}} found: {{names}} and others.', found)
    : t('{{people}} found: {{names}}.', found);
}

function DirectoryTest({ install }: { readonly install: Install }) {
  const test = useTry<Directory>();
  const { directory } = triable(install.given);
  const isReady = directory?.kind === 'ldap';
  const start = (): void => {
    if (!isReady || test.isTrying) return;
    const password = typedOf(install, 'directory-password');
    const input = { directory, ...(password === '' ? {} : { password }) };
    void test.tryIt((client) => client.call('directory.test', input));
  };
  const found = foundWords(test.value?.people ?? []);
  return (
    <>
      <TestButton
        words={t('Test this directory')}
        isTrying={test.isTrying}
        lacks={isReady ? null : t('Address, beginning and who searches are needed first')}
        onTest={start}
      />
      <TriedChecks
        {...{ isTrying: test.isTrying, error: test.error, sentence: found }}
        checks={test.value?.steps ?? []}
      />
    </>
  );
}

function ProviderTest({ install }: { readonly install: Install }) {
  const test = useTry<Oidc>();
  const { oidc } = triable(install.given);
  const start = (): void => {
    if (oidc === undefined || test.isTrying) return;
    const secret = typedOf(install, 'oidc-client-secret');
    const input = { oidc, ...(secret === '' ? {} : { secret }) };
    void test.tryIt((client) => client.call('sso.check', input));
  };
  return (
    <>
      <TestButton
        words={t('Test this provider')}
        isTrying={test.isTrying}
        lacks={oidc === undefined ? t('Its issuer and client id are needed first') : null}
        onTest={start}
      />
      <TriedChecks
        {...{ isTrying: test.isTrying, error: test.error, sentence: null }}
        checks={test.value?.steps ?? []}
      />
    </>
  );
}

export function PeopleStep({ isArrival, install, setup, next }: InstallProps) {
  const element = useRef<HTMLDivElement>(null);
  const way = wayOf(install);
  const secrets = secretsOf[way];
  const names = secrets.map(({ secret }) => secret);
  const going = useGoOn({ install, fields, secrets: names, element, next });
  return (
    <StepFrame
      isArrival={isArrival}
      step="people"
      setup={setup}
      on={goOnButton(going, t('Next: the plan'))}
      onNext={going.goOn}
    >
      <div ref={element} className={styles.stack}>
        <AskedFields install={install} fields={['admin.']} wasAsked={going.wasAsked} />
        <AskedFields install={install} fields={['sso', 'directory.kind']} wasAsked={going.wasAsked} />
        <p className={styles.box}>{hints[way]}</p>
        {way === 'ldap' && (
          <AskedFields
            install={install}
            wasAsked={going.wasAsked}
            fields={[
              'directory.implementation',
              'directory.address',
              'directory.startTls',
              'directory.plain',
              'directory.baseDn',
              'directory.user',
              'directory.ca',
              'directory.usersFilter',
              'directory.groupsFilter',
            ]}
          />
        )}
        {way === 'oidc' && <AskedFields install={install} fields={['oidc.']} wasAsked={going.wasAsked} />}
        <SecretFields install={install} secrets={secrets} />
        {way === 'ldap' && <DirectoryTest install={install} />}
        {way === 'oidc' && <ProviderTest install={install} />}
        {going.wasAsked && <FieldsToMend wrong={going.wrong} />}
        {going.error !== null && <ErrorNote problem={going.error} />}
      </div>
    </StepFrame>
  );
}
