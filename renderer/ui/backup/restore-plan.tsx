// What a restore would do, like a difference: what is there now, and what is there afterwards.
import { ArrowRight } from 'lucide-react';
import {
  asksForSafety,
  awayWords,
  changeGroups,
  changeLooks,
  planSentence,
  safetyWords,
  versionWords,
} from '../../state/backup-restore.ts';
import type { ChangeGroup, RestorePlan } from '../../state/backup-restore.ts';
import { Badge } from '../badge.tsx';
import { TickField } from '../field.tsx';
import { IssueList } from '../issue-list.tsx';
import { Section } from '../page.tsx';
import { Steps } from '../steps.tsx';
import { exactTime } from '../time.tsx';
import styles from './backup.module.css';
import { t } from '../../language/strings.ts';

function Group({ group: { title, changes, summary } }: { readonly group: ChangeGroup }) {
  return (
    <li>
      <p className={styles.groupHead}>
        <strong>{title}</strong> <span className={styles.quiet}>{summary}</span>
      </p>
      <ul className={styles.changes} aria-label={title}>
        {changes.map(({ what, now, then, change }) => (
          <li key={`${what} ${now} ${then}`} data-change={change}>
            <Badge look={changeLooks[change]} quiet={change === 'same' || change === 'keep'} />
            <span className={styles.what}>{what}</span>
            {change === 'same' || change === 'keep' ? (
              <span className={styles.then}>{now === '' ? t('nothing') : now}</span>
            ) : (
              <span className={styles.then}>
                <span className={styles.old}>{now === '' ? t('nothing') : now}</span>
                <ArrowRight size={14} role="img" aria-label={t('becomes')} />
                <span className={styles.new}>{then === '' ? t('nothing') : then}</span>
              </span>
            )}
          </li>
        ))}
      </ul>
    </li>
  );
}

interface RestorePlanProps {
  readonly plan: RestorePlan;
  /** As it was asked for last. */
  readonly withoutSafety: boolean;
  /** Asks for the plan without a safety backup, or with one again. */
  onWithoutSafety(isOn: boolean): void;
}

export function RestorePlanView({ plan, withoutSafety, onWithoutSafety }: RestorePlanProps) {
  const { issues, steps, backup } = plan;
  const groups = changeGroups(plan);
  const told = [awayWords(plan), safetyWords(plan), versionWords(plan)].filter((words) => words !== null);
  return (
    <>
      <p className={styles.sentence} role="status">
        {planSentence(plan)}
      </p>
      {issues.length > 0 && <IssueList issues={issues} />}
      <ul className={styles.facts}>
        <li>
          {t('From the backup of {{moment}}, at {{place}}.', {
            moment: exactTime(backup.at),
            place: backup.target,
          })}
        </li>
        {told.map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      {asksForSafety(plan) && (
        <TickField
          name="without-safety"
          label={t('Restore without a safety backup')}
          help={t(
            'For when none can be made: the disk is full, or the GitLab that is there is broken. It costs the way back: should the restore fail, nothing can be put back, and what is there now is lost.',
          )}
          isOn={withoutSafety}
          onChange={onWithoutSafety}
        />
      )}
      {groups.length > 0 && (
        <Section title={t('What changes')}>
          <ul className={styles.groups}>
            {groups.map((group) => (
              <Group key={group.part} group={group} />
            ))}
          </ul>
        </Section>
      )}
      {steps.length > 0 && (
        <Section title={t('What is done, in this order')}>
          <Steps label={t('Steps of the restore')} steps={steps.map(({ words }) => words)} />
        </Section>
      )}
    </>
  );
}
