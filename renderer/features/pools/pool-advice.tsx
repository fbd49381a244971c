// What the measured use of its jobs says about a pool's limits: shown, and applied only when somebody says so.
import { useMemo } from 'react';
import { Check } from 'lucide-react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { adviceWords, usageWords } from '../../state/advice.ts';
import { applyAdviceDeed } from '../../state/row-deeds.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useRepeat } from '../../state/use-repeat.ts';
import { useLab } from '../../state/use-live.ts';
import { count, t } from '../../language/strings.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import styles from './pools.module.css';

/** Use is measured while jobs run; advice changes slowly. Milliseconds. */
const readMs = 30_000;

type Advice = Output<'pool.advice'>[number];

function Usage({ advice }: { readonly advice: Advice }) {
  if (advice.usage.length === 0) return null;
  return (
    <details className={styles.more}>
      <summary>{count(advice.usage.length, 'What {{n}} job name used', 'What {{n}} job names used')}</summary>
      <ul className={styles.jobs}>
        {advice.usage.map((usage) => (
          <li key={`${usage.project} ${usage.job}`}>
            {usage.job}{' '}
            <span className={styles.quiet}>{t('of {{project}}', { project: usage.project })}</span>
            <p className={styles.quiet}>{usageWords(usage)}</p>
          </li>
        ))}
      </ul>
    </details>
  );
}

export function PoolAdvice({ name }: { readonly name: string }) {
  const { deeds } = useLab();
  const ask = useMemo(() => (client: CoreClient) => client.call('pool.advice', { name }), [name]);
  const { value, error, again } = useAnswer(ask);
  useRepeat(again, readMs);
  const advice = value?.find(({ pool }) => pool === name) ?? null;
  if (advice === null) return error === null ? null : <ErrorNote problem={error} />;
  return (
    <Section
      title={t('Advice')}
      side={
        advice.items.length > 0 && (
          <Button icon={Check} onClick={() => deeds.ask(applyAdviceDeed(name))}>
            {t('Apply it')}
          </Button>
        )
      }
    >
      {advice.items.length === 0 ? (
        <p className={styles.quiet}>{advice.sentence}</p>
      ) : (
        <ul className={styles.jobs}>
          {advice.items.map((item) => (
            <li key={item.setting}>
              <strong>{adviceWords(item)}</strong>
              <p>{item.sentence}</p>
            </li>
          ))}
        </ul>
      )}
      <Usage advice={advice} />
    </Section>
  );
}
