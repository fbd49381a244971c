// Another way to certificates, tried before anything is changed.
import { FlaskConical } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { emptyWay, hasSecrets, readWay, withoutSecrets } from '../../state/certificate-form.ts';
import type { Provider, ReadWay, WayTexts } from '../../state/certificate-form.ts';
import type { TlsMode } from '../../state/certificates.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useTry } from '../../state/use-try.ts';
import { WayFields } from '../../ui/access/way-fields.tsx';
import { WayModes } from '../../ui/access/way-modes.tsx';
import { Button } from '../../ui/button.tsx';
import { CheckList } from '../../ui/check-list.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { Fields, FieldsToMend, focusField, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import { ChangeButton } from '../../ui/stack/change-button.tsx';
import styles from './certificates.module.css';
import { t } from '../../language/strings.ts';

type Answer = Output<'certificate.check'>;
type Providers = Output<'certificate.providers'>;

function askProviders(client: CoreClient): Promise<Providers> {
  return client.call('certificate.providers', {});
}

/** What is typed. Secrets end with the test that has used them, with another provider, and with the form. */
function useWayForm(present: TlsMode | null, providers: readonly Provider[]) {
  const [texts, setTexts] = useState<WayTexts>({ ...emptyWay, mode: present ?? 'local-ca' });
  const [wasAsked, setWasAsked] = useState(false);
  const [wasForgotten, setForgotten] = useState(false);
  const test = useTry<Answer>();
  const provider = providers.find(({ id }) => id === texts.provider) ?? null;
  const way = readWay(texts, texts.mode === 'acme-dns' ? provider : null);
  return {
    ...{ texts, provider, way, test, wasForgotten, wasAsked },
    change: (change: Partial<WayTexts>) => {
      setTexts((now) => {
        const isOther = change.mode !== undefined || change.provider !== undefined;
        return { ...(isOther ? withoutSecrets(now, provider) : now), ...change };
      });
      setForgotten(false);
      if (change.mode === undefined && change.provider === undefined) return;
      setWasAsked(false);
      test.forget();
    },
    start: () => {
      setWasAsked(true);
      const { input } = way;
      if (input === null || test.isTrying) return;
      setForgotten(hasSecrets(texts, provider));
      setTexts(withoutSecrets(texts, provider));
      setWasAsked(false);
      void test.tryIt((client) => client.call('certificate.check', input));
    },
  };
}

/** How the stack is given this way. No secret stands in any of it. */
function Afterwards({ way, isPasted }: { readonly way: ReadWay; readonly isPasted: boolean }) {
  return (
    <Section title={t('To change to it')}>
      {!isPasted && <ChangeButton answers={way.given}>{t('Change the stack to this way')}</ChangeButton>}
      {way.secrets.length > 0 && (
        <>
          <p className={styles.quiet}>
            {t('Give the stack its secrets; each asks for its value, and shows none:')}
          </p>
          {way.secrets.map((line) => (
            <Command key={line} line={line} />
          ))}
        </>
      )}
      <p className={styles.quiet}>{t('In the file of your answers:')}</p>
      <div className={styles.answers}>
        <pre>{way.answers}</pre>
        <Copyable text={way.answers} shown={t('Copy it')} what={t('this part of the answers')} />
      </div>
      <p className={styles.quiet}>{t('Then, after a look at its plan:')}</p>
      <Command line="autogit stack up --answers lab.yaml" />
    </Section>
  );
}

/** Checks in words; nothing while nobody has asked. */
function Result({ form }: { readonly form: ReturnType<typeof useWayForm> }) {
  const { test, wasForgotten } = form;
  return (
    <div role="status" className={styles.result}>
      {test.isTrying && <p className={styles.quiet}>{t('Trying it; nothing is changed…')}</p>}
      {test.error !== null && <ErrorNote problem={test.error} />}
      {test.value !== null && (
        <>
          <h2 className={styles.sentence}>{test.value.sentence}</h2>
          {test.value.checks.length > 0 && (
            <CheckList label={t('What was checked')} checks={test.value.checks} />
          )}
        </>
      )}
      {wasForgotten && !test.isTrying && (
        <p className={styles.quiet}>
          {t('What was secret is forgotten: it is wanted again for another test.')}
        </p>
      )}
    </div>
  );
}

export function OtherWay({ mode }: { readonly mode: TlsMode | null }) {
  const { value, error } = useAnswer(askProviders);
  const form = useWayForm(mode, value?.providers ?? []);
  const element = useRef<HTMLFormElement>(null);
  const { texts, provider, way, test, wasAsked, change, start } = form;
  const wrong = wasAsked ? way.errors : {};
  return (
    <form
      ref={element}
      className={styles.way}
      aria-label={t('Try another way')}
      onSubmit={(event) => {
        event.preventDefault();
        start();
        focusField(element.current, Object.keys(way.errors)[0]);
      }}
    >
      <p className={styles.quiet}>
        {t('Nothing is changed and nothing is asked for: the test only looks whether this way would work.')}
      </p>
      <WayModes mode={texts.mode} present={mode} onChange={(next) => change({ mode: next })} />
      {error !== null && texts.mode === 'acme-dns' && <ErrorNote problem={error} />}
      <WayFields {...{ texts, provider, wrong, change }} providers={value?.providers ?? []} />
      <Fields>
        <TextField
          name="domain"
          label={t('Domain')}
          placeholder={t('that of the stack')}
          help={t('Certificates are for this domain and all names in it.')}
          value={texts.domain}
          error={way.errors['domain']}
          onChange={(domain) => change({ domain })}
        />
      </Fields>
      <div className={styles.buttons}>
        <Button
          look="primary"
          type="submit"
          icon={FlaskConical}
          blockedBy={test.isTrying ? t('It is being tried') : null}
        >
          {test.isTrying ? t('Testing…') : t('Test this way')}
        </Button>
        <FieldsToMend wrong={Object.keys(wrong).length} />
      </div>
      <Result form={form} />
      <Command line={way.check} />
      <Afterwards way={way} isPasted={texts.mode === 'own' && texts.ownFrom === 'pasted'} />
    </form>
  );
}
