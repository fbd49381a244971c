// Another provider of OpenID Connect instead of Authelia: what to enter there, and whether it would do.
import { FlaskConical } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { emptyOidc, readOidc } from '../../state/sign-in-form.ts';
import type { OidcTexts } from '../../state/sign-in-form.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useTry } from '../../state/use-try.ts';
import { OidcFields, OidcSteps } from '../../ui/access/oidc-fields.tsx';
import type { OidcProviders } from '../../ui/access/oidc-fields.tsx';
import { Button } from '../../ui/button.tsx';
import { CheckList } from '../../ui/check-list.tsx';
import { Command } from '../../ui/copyable.tsx';
import { Fields, focusField, SelectField } from '../../ui/field.tsx';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { ChangeButton } from '../../ui/stack/change-button.tsx';
import { FoldSection } from './fold-section.tsx';
import styles from './sign-in.module.css';
import { t } from '../../language/strings.ts';

function askProviders(client: CoreClient): Promise<OidcProviders> {
  return client.call('sso.providers', {});
}

/** What is typed, without the secret once it was used. */
function useOidcForm(first: string) {
  const [texts, setTexts] = useState<OidcTexts>({ ...emptyOidc, provider: first });
  const [wasAsked, setWasAsked] = useState(false);
  const test = useTry<Output<'sso.check'>>();
  const { input, errors, line } = readOidc(texts);
  return {
    ...{ texts, input, line, test },
    change: (change: Partial<OidcTexts>) => setTexts((now) => ({ ...now, ...change })),
    wrong: wasAsked ? errors : {},
    first: Object.keys(errors)[0],
    start: () => {
      setWasAsked(true);
      if (input === null || test.isTrying) return;
      setTexts((now) => ({ ...now, secret: '' }));
      void test.tryIt((client) => client.call('sso.check', input));
    },
  };
}

function OidcForm({ providers }: { readonly providers: OidcProviders }) {
  const { texts, input, line, test, change, wrong, first, start } = useOidcForm(
    providers.providers[0]?.id ?? 'other',
  );
  const form = useRef<HTMLFormElement>(null);
  const options = providers.providers.map(({ id, title }) => [id, title] as const);
  const provider = providers.providers.find(({ id }) => id === texts.provider) ?? null;
  return (
    <form
      ref={form}
      className={styles.form}
      aria-label={t('Try another provider')}
      onSubmit={(event) => {
        event.preventDefault();
        start();
        focusField(form.current, first);
      }}
    >
      <Fields>
        <SelectField
          name="provider"
          label={t('Provider')}
          value={texts.provider}
          options={options}
          onChange={(value) => {
            test.forget();
            change({ provider: value, secret: '' });
          }}
        />
      </Fields>
      {provider !== null && <OidcSteps providers={providers} provider={provider} />}
      <OidcFields provider={provider} {...{ texts, wrong, change }} />
      <div className={styles.buttons}>
        <Button type="submit" icon={FlaskConical} blockedBy={test.isTrying ? t('It is being tried') : null}>
          {test.isTrying ? t('Trying…') : t('Test this provider')}
        </Button>
      </div>
      {test.error !== null && <ErrorNote problem={test.error} />}
      {test.value !== null && <CheckList label={t('What the provider said')} checks={test.value.steps} />}
      <Command line={line} />
      <ChangeButton answers={input === null ? null : { sso: 'oidc', oidc: input.oidc }}>
        {t('Let it sign people in')}
      </ChangeButton>
    </form>
  );
}

/** Opened by whoever wants it: Authelia needs none of this. */
export function OtherProviders() {
  const [isOpen, setOpen] = useState(false);
  const { value, error } = useAnswer(isOpen ? askProviders : null);
  return (
    <FoldSection
      title={t('Another provider')}
      opens="Keycloak, Okta, authentik, Google…"
      about={t('People that another provider knows already can sign in with it instead of Authelia.')}
      isOpen={isOpen}
      onTurn={setOpen}
    >
      {error !== null && <ErrorNote problem={error} />}
      {value === null && error === null && <Skeleton what={t('what providers ask for')} rows={4} />}
      {value !== null && <OidcForm providers={value} />}
    </FoldSection>
  );
}
