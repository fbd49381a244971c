// The stack's secrets by name; a value is asked for by a press, shown to one person, and gone with the page.
import { Eye, EyeOff, KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { secretWords } from '../../state/stack.ts';
import type { StackSecret } from '../../state/stack.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useTry } from '../../state/use-try.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { TextField } from '../../ui/field.tsx';
import { EmptyState, ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import styles from './stack.module.css';
import { t } from '../../language/strings.ts';

type Secrets = Output<'stack.secret'>;

function askSecrets(client: CoreClient): Promise<Secrets> {
  return client.call('stack.secret', {});
}

interface GiveProps {
  readonly secret: StackSecret;
  onGiven(): void;
}

/** For one that only the person has: another value. */
function Give({ secret: { name, label, isSet }, onGiven }: GiveProps) {
  const [value, setValue] = useState('');
  const giving = useTry<unknown>();
  const give = (): void => {
    if (value === '' || giving.isTrying) return;
    setValue('');
    void giving.tryIt(async (client) => {
      const answer = await client.call('stack.set-secret', { name, value });
      onGiven();
      return answer;
    });
  };
  return (
    <form
      aria-label={
        isSet
          ? t('Another value: {{secret}}', { secret: label })
          : t('Its value: {{secret}}', { secret: label })
      }
      onSubmit={(event) => {
        event.preventDefault();
        give();
      }}
    >
      <div className={styles.ask}>
        <TextField
          name={`give.${name}`}
          kind="secret"
          label={isSet ? t('Another value') : t('Its value')}
          value={value}
          onChange={setValue}
        />
        <Button type="submit" icon={KeyRound} blockedBy={value === '' ? t('Type it first') : null}>
          {t('Keep it')}
        </Button>
      </div>
      <p role="status" className={styles.quiet}>
        {giving.value !== null && t('It is kept. Services get it when the set-up is applied again.')}
      </p>
      {giving.error !== null && <ErrorNote problem={giving.error} />}
    </form>
  );
}

function SecretRow({ secret, onGiven }: GiveProps) {
  const { name, label, kind, isSet } = secret;
  const asking = useTry<Secrets>();
  const { value, error, isTrying } = asking;
  const isShown = value !== null;
  const show = (): void => void asking.tryIt((client) => client.call('stack.secret', { name }));
  return (
    <li className={styles.secret} aria-label={label}>
      <div className={styles.words}>
        <strong>{label}</strong>
        <p className={styles.quiet}>
          <code>{name}</code>{' '}
          {isSet
            ? secretWords(secret)
            : t('{{kindOfSecret}}; it has no value yet', { kindOfSecret: secretWords(secret) })}
        </p>
      </div>
      {isSet && (
        <Button
          icon={isShown ? EyeOff : Eye}
          aria-label={
            isShown ? t('Hide: {{secret}}', { secret: label }) : t('Show: {{secret}}', { secret: label })
          }
          blockedBy={isTrying ? t('It is being read') : null}
          onClick={isShown ? asking.forget : show}
        >
          {isShown ? t('Hide') : t('Show')}
        </Button>
      )}
      <div className={styles.value}>
        {value !== null && value.value !== null && (
          <Copyable text={value.value} what={t('the value of {{name}}', { name })} look="command" />
        )}
        {error !== null && <ErrorNote problem={error} />}
        {kind === 'asked' && <Give secret={secret} onGiven={onGiven} />}
      </div>
    </li>
  );
}

export function StackSecrets() {
  const { value, error, again } = useAnswer(askSecrets);
  return (
    <Section title={t('Secrets')} side={<Command line="autogit stack secret" />}>
      <div className={styles.narrow}>
        <p className={styles.quiet}>
          {t('A value is read only when you ask for it, and leaves this page with it.')}
        </p>
        {error !== null && (
          <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />
        )}
        {value === null && error === null && <Skeleton what={t('secrets')} rows={3} />}
        {value !== null && value.secrets.length === 0 && (
          <EmptyState icon={KeyRound} title={t('No secrets')}>
            {t('The stack has made none yet; they come with its first start.')}
          </EmptyState>
        )}
        {value !== null && value.secrets.length > 0 && (
          <Card>
            {value.secrets.map((secret) => (
              <SecretRow key={secret.name} secret={secret} onGiven={again} />
            ))}
          </Card>
        )}
      </div>
    </Section>
  );
}
