// What another provider of OpenID Connect asks for: steps and addresses to enter there, and what it gives in return.
import type { Output } from '../../../main/contract/contract.ts';
import type { OidcTexts } from '../../state/sign-in-form.ts';
import { Copyable } from '../copyable.tsx';
import { FieldRows, Fields } from '../field.tsx';
import { Facts } from '../page.tsx';
import { Steps } from '../steps.tsx';
import { t } from '../../language/strings.ts';

export type OidcProviders = Output<'sso.providers'>;
type Provider = OidcProviders['providers'][number];

interface OidcStepsProps {
  readonly providers: OidcProviders;
  readonly provider: Provider;
}

/** What is done at the provider first. */
export function OidcSteps({ providers, provider }: OidcStepsProps) {
  const { redirect, logout } = providers;
  const after = <Copyable text={logout ?? ''} what={t('the address after signing out')} />;
  return (
    <>
      <Steps label={t('Steps at {{provider}}', { provider: provider.title })} steps={provider.steps} />
      <Facts
        isRoomy
        rows={[
          [
            t('Redirect address'),
            redirect === null ? (
              t('known as soon as there is a stack')
            ) : (
              <Copyable key="redirect" text={redirect} what={t('the redirect address')} />
            ),
          ],
          ...(logout === null ? [] : [[t('After signing out'), after] as const]),
          [t('Its issuer looks like'), <code key="issuer">{provider.issuer}</code>],
          ...(provider.groups === null ? [] : [[t('Groups'), provider.groups] as const]),
        ]}
      />
    </>
  );
}

interface OidcFieldsProps {
  readonly provider: Provider | null;
  readonly texts: OidcTexts;
  /** By field, once somebody has asked. */
  readonly wrong: Readonly<Record<string, string>>;
  change(change: Partial<OidcTexts>): void;
}

/** What the provider has given. */
export function OidcFields({ provider, texts, wrong, change }: OidcFieldsProps) {
  return (
    <Fields>
      <FieldRows
        {...{ texts, wrong }}
        rows={[
          { name: 'issuer', label: t('Issuer'), isWide: true, placeholder: provider?.issuer },
          { name: 'clientId', label: t('Client id') },
          {
            ...{ name: 'secret', kind: 'secret', label: t('Client secret') },
            help: t('For the test alone: forgotten with its answer.'),
          },
        ]}
        onChange={(name, text) => change({ [name]: text })}
      />
    </Fields>
  );
}
