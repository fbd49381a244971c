// Another provider of OpenID Connect instead of Authelia: what to enter there, and whether it would do.
import { FlaskConical } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { emptyOidc, readOidc } from '../../state/sign-in-form.ts';
import type { OidcTexts } from '../../state/sign-in-form.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useTry } from '../../state/use-try.ts';
import { Button } from '../../ui/button.tsx';
import { CheckList } from '../../ui/check-list.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { Fields, SelectField, TextField } from '../../ui/field.tsx';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Facts, Section } from '../../ui/page.tsx';
import styles from './sign-in.module.css';

type Providers = Output<'sso.providers'>;
type Provider = Providers['providers'][number];

function askProviders(client: CoreClient): Promise<Providers> {
  return client.call('sso.providers', {});
}

function Entered({ providers, provider }: { readonly providers: Providers; readonly provider: Provider }) {
  const { redirect, logout } = providers;
  return (
    <>
      <ol className={styles.steps} aria-label={`Steps at ${provider.title}`}>
        {provider.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <Facts
        isRoomy
        rows={[
          [
            'Redirect address',
            redirect === null ? (
              'known as soon as there is a stack'
            ) : (
              <Copyable key="redirect" text={redirect} what="the redirect address" />
            ),
          ],
          ...(logout === null
            ? []
            : [
                [
                  'After signing out',
                  <Copyable key="logout" text={logout} what="the address after signing out" />,
                ] as const,
              ]),
          ['Its issuer looks like', <code key="issuer">{provider.issuer}</code>],
          ...(provider.groups === null ? [] : [['Groups', provider.groups] as const]),
        ]}
      />
    </>
  );
}

/** What is typed, without the secret once it was used. */
function useOidcForm(first: string) {
  const [texts, setTexts] = useState<OidcTexts>({ ...emptyOidc, provider: first });
  const [wasAsked, setWasAsked] = useState(false);
  const test = useTry<Output<'sso.check'>>();
  const { input, errors, line } = readOidc(texts);
  return {
    ...{ texts, line, test },
    change: (change: Partial<OidcTexts>) => setTexts((now) => ({ ...now, ...change })),
    wrong: wasAsked ? errors : {},
    first: Object.keys(errors)[0] ?? null,
    start: () => {
      setWasAsked(true);
      if (input === null || test.isTrying) return;
      setTexts((now) => ({ ...now, secret: '' }));
      void test.tryIt((client) => client.call('sso.check', input));
    },
  };
}

interface OidcFieldsProps {
  readonly provider: Provider | null;
  readonly texts: OidcTexts;
  readonly wrong: Readonly<Record<string, string>>;
  change(change: Partial<OidcTexts>): void;
}

function OidcFields({ provider, texts, wrong, change }: OidcFieldsProps) {
  return (
    <Fields>
      <TextField
        isWide
        name="issuer"
        label="Issuer"
        placeholder={provider?.issuer}
        value={texts.issuer}
        error={wrong['issuer']}
        onChange={(issuer) => change({ issuer })}
      />
      <TextField
        name="clientId"
        label="Client id"
        value={texts.clientId}
        error={wrong['clientId']}
        onChange={(clientId) => change({ clientId })}
      />
      <TextField
        name="secret"
        kind="secret"
        label="Client secret"
        help="For the test alone: forgotten with its answer."
        value={texts.secret}
        onChange={(secret) => change({ secret })}
      />
    </Fields>
  );
}

function OidcForm({ providers }: { readonly providers: Providers }) {
  const { texts, line, test, change, wrong, first, start } = useOidcForm(
    providers.providers[0]?.id ?? 'other',
  );
  const form = useRef<HTMLFormElement>(null);
  const options = providers.providers.map(({ id, title }) => [id, title] as const);
  const provider = providers.providers.find(({ id }) => id === texts.provider) ?? null;
  return (
    <form
      ref={form}
      className={styles.form}
      aria-label="Try another provider"
      onSubmit={(event) => {
        event.preventDefault();
        start();
        if (first !== null) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
      }}
    >
      <Fields>
        <SelectField
          name="provider"
          label="Provider"
          value={texts.provider}
          options={options}
          onChange={(value) => {
            test.forget();
            change({ provider: value, secret: '' });
          }}
        />
      </Fields>
      {provider !== null && <Entered providers={providers} provider={provider} />}
      <OidcFields provider={provider} {...{ texts, wrong, change }} />
      <div className={styles.buttons}>
        <Button type="submit" icon={FlaskConical} blockedBy={test.isTrying ? 'It is being tried' : null}>
          {test.isTrying ? 'Trying…' : 'Test this provider'}
        </Button>
      </div>
      {test.error !== null && <ErrorNote problem={test.error} />}
      {test.value !== null && <CheckList label="What the provider said" checks={test.value.steps} />}
      <Command line={line} />
    </form>
  );
}

/** Opened by whoever wants it: Authelia needs none of this. */
export function OtherProviders() {
  const [isOpen, setOpen] = useState(false);
  const { value, error } = useAnswer(isOpen ? askProviders : null);
  const id = useId();
  return (
    <Section
      title="Another provider"
      side={
        <Button aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Close' : 'Keycloak, Okta, authentik, Google…'}
        </Button>
      }
    >
      <div id={id} className={styles.fold}>
        {!isOpen && (
          <p className={styles.quiet}>
            People that another provider knows already can sign in with it instead of Authelia.
          </p>
        )}
        {isOpen && error !== null && <ErrorNote problem={error} />}
        {isOpen && value === null && error === null && <Skeleton what="what providers ask for" rows={4} />}
        {isOpen && value !== null && <OidcForm providers={value} />}
      </div>
    </Section>
  );
}
