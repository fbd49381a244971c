// Signing in: who is asked, for which programs, whether it works, and other ways that can be tried before they are taken.
import { FlaskConical, LogIn } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { testLook } from '../../state/access-tones.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useAfterDeeds } from '../../state/use-deed.ts';
import { useSeenNow } from '../../state/use-live.ts';
import { useTry } from '../../state/use-try.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { CheckList } from '../../ui/check-list.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { More } from '../../ui/more.tsx';
import { EmptyState, ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Facts, Page, Section } from '../../ui/page.tsx';
import { Rich } from '../../ui/rich.tsx';
import { Time } from '../../ui/time.tsx';
import { DirectoryTest } from './directory-test.tsx';
import { OtherProviders } from './other-providers.tsx';
import spoken from '../../ui/spoken.module.css';
import styles from './sign-in.module.css';
import { t } from '../../language/strings.ts';

type SignInState = Output<'sso.show'>;
type Client = SignInState['clients'][number];

function askSignIn(client: CoreClient): Promise<SignInState> {
  return client.call('sso.show', {});
}

const howWords: Readonly<Record<Client['how'], string>> = {
  oidc: t('asks by itself (OpenID Connect)'),
  forward: t('Traefik asks before it lets anybody through'),
};

interface ClientRowProps {
  readonly client: Client;
  readonly isTesting: boolean;
  onTest(): void;
}

function ClientRow({ client, isTesting, onTest }: ClientRowProps) {
  const now = useSeenNow();
  const { title, how, url, redirect, last } = client;
  return (
    <li className={styles.client} aria-label={title}>
      <div className={styles.head}>
        <h3>{title}</h3>
        <Badge look={testLook(last)} />
        {last !== null && (
          <span className={styles.quiet}>
            <Rich text={t('tried <time/>')} parts={{ time: <Time at={last.at} now={now} /> }} />
          </span>
        )}
        <div className={styles.side}>
          <Button
            icon={FlaskConical}
            aria-label={t('Test now: {{program}}', { program: title })}
            blockedBy={isTesting ? t('A test is going on') : null}
            onClick={onTest}
          >
            {t('Test now')}
          </Button>
        </div>
      </div>
      <Facts
        rows={[
          [t('Address'), <Copyable key="url" text={url} what={t('the address')} />],
          [t('Signs in'), howWords[how]],
          ...(redirect === null
            ? []
            : [
                [
                  t('Redirect'),
                  <Copyable key="redirect" text={redirect} what={t('the redirect address')} />,
                ] as const,
              ]),
        ]}
      />
      {last !== null && last.steps.length > 0 && (
        <More summary={t('What was tried')} isOpen={!last.good}>
          <CheckList label={t('Steps of {{program}}', { program: title })} checks={last.steps} />
        </More>
      )}
    </li>
  );
}

interface ClientsProps {
  readonly state: SignInState;
  readonly isTesting: boolean;
  onTest(client: string): void;
}

function Clients({ state, isTesting, onTest }: ClientsProps) {
  const { kind, clients, issuer } = state;
  if (kind === 'none') {
    return (
      <EmptyState icon={LogIn} title={t('No stack, so nothing to sign in to')} command="autogit stack up">
        {t('Bring up the stack, and each program of it stands here with the last test of its sign-in.')}
      </EmptyState>
    );
  }
  if (clients.length === 0) {
    return (
      <EmptyState
        icon={LogIn}
        title={t('No program signs people in by one login')}
        command="autogit stack questions"
      >
        {kind === 'off'
          ? t('One login is off: GitLab asks for its own passwords. It is an answer of the stack, sso.')
          : t('Programs appear here as soon as the stack has them.')}
      </EmptyState>
    );
  }
  return (
    <Section
      title={t('Programs')}
      side={
        issuer !== null && (
          <span className={styles.quiet}>
            {t('Who answers:')} <Copyable text={issuer} what={t('the issuer')} />
          </span>
        )
      }
    >
      <Card>
        {clients.map((client) => (
          <ClientRow key={client.id} client={client} isTesting={isTesting} onTest={() => onTest(client.id)} />
        ))}
      </Card>
      <Command line="autogit sso test" />
    </Section>
  );
}

export function SignIn({ tabs }: { readonly tabs: ReactNode }) {
  const { value: state, error, again } = useAnswer(askSignIn);
  useAfterDeeds(again);
  const test = useTry<Output<'sso.test'>>();
  const start = (client: string | null): void => {
    const input = client === null ? {} : { client };
    // Each test stands with its client then, with its date.
    void test.tryIt((core) => core.call('sso.test', input)).then(again);
  };
  const failed = state === null && error !== null ? t('How people sign in cannot be told.') : null;
  const hasClients = (state?.clients.length ?? 0) > 0;
  return (
    <Page
      name={t('Sign-in')}
      sentence={state?.sentence ?? failed}
      actions={
        hasClients && (
          <Button
            look="primary"
            icon={FlaskConical}
            blockedBy={test.isTrying ? t('A test is going on') : null}
            onClick={() => start(null)}
          >
            {test.isTrying ? t('Testing…') : t('Test every sign-in')}
          </Button>
        )
      }
    >
      {tabs}
      {error !== null && (
        <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />
      )}
      {test.error !== null && <ErrorNote problem={test.error} />}
      <p role="status" className={spoken.spoken}>
        {test.value === null
          ? ''
          : test.value.good
            ? t('Every sign-in works.')
            : t('A sign-in does not work.')}
      </p>
      {state === null ? (
        error === null && <Skeleton what={t('how people sign in')} rows={6} />
      ) : (
        <Clients state={state} isTesting={test.isTrying} onTest={start} />
      )}
      <OtherProviders />
      <DirectoryTest />
    </Page>
  );
}
