// What other settings of a pool would have done to the jobs of the last days, before anybody changes them.
import { useMemo, useState } from 'react';
import { History } from 'lucide-react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { simulatedRows } from '../../state/advice.ts';
import { poolFormFields, readForm, textsOf } from '../../state/pool-form.ts';
import { setPoolDeed } from '../../state/row-deeds.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useLab } from '../../state/use-live.ts';
import { duration } from '../../state/words.ts';
import { count, t } from '../../language/strings.ts';
import { Button } from '../../ui/button.tsx';
import { Command } from '../../ui/copyable.tsx';
import { Fields, SelectField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import { PoolField } from './pool-field.tsx';
import styles from './pools.module.css';

type Answer = Output<'pool.simulate'>;

/** Those that change how long jobs wait. */
const asked: readonly string[] = ['max', 'min', 'idleTime'];
const askedFields = poolFormFields.filter(({ name }) => asked.includes(name));
const spans = [1, 3, 7, 14, 30] as const;

function Comparison({ answer }: { readonly answer: Answer }) {
  const { sentence, recorded, jobs, enough, changed } = answer;
  if (jobs === 0) return <p role="status">{sentence}</p>;
  return (
    <>
      <p role="status">
        <strong>{sentence}</strong>
        {!enough && (
          <>
            {' '}
            {count(
              jobs,
              'So few ({{n}} job) that the figures say little.',
              'So few ({{n}} jobs) that the figures say little.',
            )}
          </>
        )}
      </p>
      <table className={styles.compared}>
        <thead>
          <tr>
            <td />
            <th scope="col">{t('As it is')}</th>
            {changed !== null && <th scope="col">{t('If changed')}</th>}
          </tr>
        </thead>
        <tbody>
          {simulatedRows(answer).map(({ words, now, then }) => (
            <tr key={words}>
              <th scope="row">{words}</th>
              <td>{now}</td>
              {then !== null && <td data-changed={then !== now || undefined}>{then}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.quiet}>
        {t(
          'Both are replays of {{jobs}}. In truth half of them waited {{half}} at most, and 95 % of them {{most}}.',
          {
            jobs: count(jobs, '{{n}} job', '{{n}} jobs'),
            half: duration(recorded.waitP50),
            most: duration(recorded.waitP95),
          },
        )}
      </p>
    </>
  );
}

interface SpanProps {
  readonly days: number;
  onChange(days: number): void;
}

/** How far back jobs are replayed. */
function Span({ days, onChange }: SpanProps) {
  return (
    <SelectField
      name="days"
      label={t('Jobs of the last')}
      value={String(days)}
      options={spans.map((span) => [String(span), count(span, '{{n}} day', '{{n}} days')] as const)}
      onChange={(value) => onChange(Number(value))}
    />
  );
}

interface WhatIfProps {
  readonly settings: Output<'pool.show'>['settings'];
}

export function PoolWhatIf({ settings }: WhatIfProps) {
  const { deeds } = useLab();
  const before = useMemo(() => textsOf(settings), [settings]);
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [days, setDays] = useState(7);
  const [ask, setAsk] = useState<((client: CoreClient) => Promise<Answer>) | null>(null);
  const { value, error, isAsking } = useAnswer(ask);
  const { name } = settings;
  const { change, options, errors } = readForm({ ...before, ...typed }, before);
  const isWrong = Object.keys(errors).length > 0;
  const replay = (): void => {
    if (isWrong) return;
    setAsk(() => (client: CoreClient) => client.call('pool.simulate', { pool: name, days, ...change }));
  };
  return (
    <Section title={t('What if')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          replay();
        }}
      >
        <Fields>
          {askedFields.map((field) => (
            <PoolField
              key={field.name}
              field={field}
              text={typed[field.name] ?? before[field.name] ?? ''}
              isBrief
              isChanged={false}
              error={errors[field.name]}
              onChange={(text) => setTyped((now) => ({ ...now, [field.name]: text }))}
            />
          ))}
          <Span days={days} onChange={setDays} />
          <div className={styles.replay}>
            <Button type="submit" icon={History} blockedBy={isAsking ? t('It is being worked out') : null}>
              {isAsking ? t('Replaying the jobs…') : t('Replay them')}
            </Button>
            {options !== '' && !isWrong && (
              <Button onClick={() => deeds.ask(setPoolDeed(name, change, options))}>{t('Set it so')}</Button>
            )}
          </div>
        </Fields>
      </form>
      {error !== null && <ErrorNote problem={error} />}
      {value !== null && <Comparison answer={value} />}
      <Command line={`autogit pool simulate --pool ${name}${options} --days ${days}`} />
    </Section>
  );
}
