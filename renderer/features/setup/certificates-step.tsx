// The third decision: how browsers and git know the lab. Each way with what it needs, and tried before it is taken.
import { FlaskConical } from 'lucide-react';
import { useRef } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { triable } from '../../state/setup-answers.ts';
import { textOf, valueAt } from '../../state/stack-draft.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useTry } from '../../state/use-try.ts';
import { ProviderHelp } from '../../ui/access/provider-help.tsx';
import { Button } from '../../ui/button.tsx';
import { FieldsToMend } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { AskedFields } from './asked-fields.tsx';
import type { InstallProps } from './install-steps.tsx';
import { SecretFields } from './secret-fields.tsx';
import type { AskedSecret } from './secret-fields.tsx';
import styles from './setup.module.css';
import { StepFrame } from './step-frame.tsx';
import { TriedChecks } from './tried-checks.tsx';
import { goOnButton, useGoOn } from './use-go-on.ts';
import { t } from '../../language/strings.ts';

type Providers = Output<'certificate.providers'>;
type Provider = Providers['providers'][number];
type Check = Output<'certificate.check'>;

const fields = [
  'tls.mode',
  'tls.certificate',
  'tls.key',
  'tls.email',
  'tls.provider',
  'tls.options.',
  'tls.staging',
] as const;

/** What each way needs, said before it is chosen for good. */
const needs: Readonly<Record<string, readonly string[]>> = {
  'local-ca': [
    t('Nothing: it works at once, without the internet and with any name.'),
    t('Each device is told once to trust the lab. At the end a page with a QR code says how.'),
  ],
  own: [
    t('Two PEM files on this machine: the certificate with its chain, and its key.'),
    t('A certificate for every name of the lab, best with a wildcard. You bring the next one in time.'),
  ],
  'acme-dns': [
    t('A domain of yours, and a token of whoever keeps its records.'),
    t('Nothing has to be reachable from outside. Every device trusts it by itself.'),
  ],
  'acme-http': [
    t('A domain of yours whose names lead to this machine from the internet.'),
    t('Port 80 of this machine, reachable from outside. Every device trusts it by itself.'),
  ],
};

function askProviders(client: CoreClient): Promise<Providers> {
  return client.call('certificate.providers', {});
}

function secretsOf(provider: Provider | undefined): readonly AskedSecret[] {
  return (provider?.fields ?? []).flatMap(({ secret, label, required }) =>
    secret === null
      ? []
      : [{ secret, label: required ? label : t('{{label}} (if there is one)', { label }) }],
  );
}

interface TestProps {
  readonly install: InstallProps['install'];
  readonly secrets: readonly AskedSecret[];
}

/** Looks whether it would work; what was typed of secrets stays, as it is wanted for going on. */
function Test({ install, secrets }: TestProps) {
  const test = useTry<Check>();
  const { tls, domain } = triable(install.given);
  const typed = Object.fromEntries(
    secrets.flatMap(({ secret }) => {
      const text = install.secrets[secret] ?? '';
      return text === '' ? [] : [[secret, text] as const];
    }),
  );
  const start = (): void => {
    if (tls === undefined || test.isTrying) return;
    const input = {
      ...{ tls, domain: domain ?? `${install.lab}.home.arpa` },
      ...(Object.keys(typed).length === 0 ? {} : { secrets: typed }),
    };
    void test.tryIt((client) => client.call('certificate.check', input));
  };
  const blockedBy = test.isTrying
    ? t('It is being tried')
    : tls === undefined
      ? t('Some of what this way needs is missing still')
      : null;
  return (
    <>
      <div>
        <Button icon={FlaskConical} blockedBy={blockedBy} onClick={start}>
          {test.isTrying ? t('Testing…') : t('Test this way')}
        </Button>
      </div>
      <TriedChecks
        {...{ isTrying: test.isTrying, error: test.error }}
        sentence={test.value?.sentence ?? null}
        checks={test.value?.checks ?? []}
      />
    </>
  );
}

export function CertificatesStep({ isArrival, install, setup, next }: InstallProps) {
  const element = useRef<HTMLDivElement>(null);
  const providers = useAnswer(askProviders);
  const mode = textOf(valueAt(install.answers, 'tls.mode')) || 'local-ca';
  const chosen = valueAt(install.answers, 'tls.provider');
  const provider =
    mode === 'acme-dns' ? providers.value?.providers.find(({ id }) => id === chosen) : undefined;
  const secrets = secretsOf(provider);
  const names = secrets.map(({ secret }) => secret);
  const going = useGoOn({ install, fields, secrets: names, element, next });
  return (
    <StepFrame
      isArrival={isArrival}
      step="certificates"
      setup={setup}
      on={goOnButton(going, t('Next'))}
      onNext={going.goOn}
    >
      <div ref={element} className={styles.stack}>
        <AskedFields install={install} fields={['tls.mode']} wasAsked={going.wasAsked} />
        <div className={styles.box}>
          <h2>{t('What it needs')}</h2>
          <ul className={styles.bullets}>
            {(needs[mode] ?? []).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
        <AskedFields install={install} fields={fields.slice(1)} wasAsked={going.wasAsked} />
        {mode === 'acme-dns' && providers.error !== null && <ErrorNote problem={providers.error} />}
        {provider !== undefined && <ProviderHelp provider={provider} />}
        <SecretFields install={install} secrets={secrets} />
        <Test key={mode} install={install} secrets={secrets} />
        {going.wasAsked && <FieldsToMend wrong={going.wrong} />}
        {going.error !== null && <ErrorNote problem={going.error} />}
      </div>
    </StepFrame>
  );
}
