// When backups are made, how long they are kept, how it is seen that they still restore, and what they may take.
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { CoreClient } from '../../client.ts';
import { changeRuleDeed, removeScheduleDeed, setScheduleDeed } from '../../state/backup-deeds.ts';
import {
  keepSentence,
  numberOf,
  numberRules,
  numberWords,
  rulesOf,
  targetsWords,
  timeRules,
} from '../../state/backup-rules.ts';
import type { BackupSchedule, BackupSettings, NumberRule, TimeRule } from '../../state/backup-rules.ts';
import type { BackupsShown } from '../../state/backups.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useAfterDeeds } from '../../state/use-deed.ts';
import { useLab, useSeenNow, useSnapshot } from '../../state/use-live.ts';
import { ahead, capital } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { EmptyState, ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import { Switch } from '../../ui/switch.tsx';
import { exactTime } from '../../ui/time.tsx';
import styles from './backups.module.css';
import { KeepDialog, NumberDialog, ScheduleDialog, WhenDialog } from './rule-dialogs.tsx';
import { WouldGo } from './would-go.tsx';
import { t } from '../../language/strings.ts';

async function askRules(client: CoreClient): Promise<BackupSettings> {
  return rulesOf((await client.call('settings.show', {})).settings);
}

/** What is open over the rules. */
type Open =
  | { readonly what: 'schedule'; readonly schedule: BackupSchedule | null }
  | { readonly what: 'when'; readonly rule: TimeRule }
  | { readonly what: 'number'; readonly rule: NumberRule }
  | { readonly what: 'keep' };

interface PartProps {
  readonly rules: BackupSettings;
  readonly shown: BackupsShown;
  onOpen(open: Open): void;
}

function NextOf({ at }: { readonly at: number | null }) {
  const now = useSeenNow();
  if (at === null) return <span className={styles.quiet}>{t('no next time')}</span>;
  return (
    <time className={styles.quiet} dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {t('next {{howSoon}}', { howSoon: ahead(at, now) })}
    </time>
  );
}

interface ScheduleProps extends Omit<PartProps, 'rules'> {
  readonly schedule: BackupSchedule;
}

function Schedule({ schedule, shown, onOpen }: ScheduleProps) {
  const { deeds } = useLab();
  const { name, when, on } = schedule;
  const next = shown.next.find((one) => one.schedule === name);
  return (
    <li className={styles.rule} aria-label={name}>
      <Switch
        label={name}
        help={`${capital(next?.words ?? when)}, ${targetsWords(schedule)}`}
        isOn={on}
        onTurn={(isOn) => deeds.ask(setScheduleDeed(name, { on: isOn }, false))}
      />
      {on ? <NextOf at={next?.at ?? null} /> : <span className={styles.quiet}>{t('off')}</span>}
      <div className={styles.buttons}>
        <IconButton
          icon={Pencil}
          label={t('Change {{name}}', { name })}
          onClick={() => onOpen({ what: 'schedule', schedule })}
        />
        <IconButton
          icon={Trash2}
          label={t('Remove {{name}}', { name })}
          onClick={() => deeds.ask(removeScheduleDeed(name))}
        />
      </div>
    </li>
  );
}

function Schedules({ rules, shown, onOpen }: PartProps) {
  const { schedules } = rules;
  return (
    <Section
      title={t('Schedules')}
      side={
        <Button icon={Plus} onClick={() => onOpen({ what: 'schedule', schedule: null })}>
          {t('Add a schedule')}
        </Button>
      }
    >
      {schedules.length === 0 ? (
        <EmptyState
          icon={Plus}
          title={t('No schedule')}
          command={'autogit backup schedule nightly "daily at 02:00"'}
        >
          {t('Backups are made only when somebody asks for one.')}
        </EmptyState>
      ) : (
        <ul className={styles.rows} aria-label={t('Schedules')}>
          {schedules.map((schedule) => (
            <Schedule key={schedule.name} {...{ schedule, shown, onOpen }} />
          ))}
        </ul>
      )}
      <p className={styles.quiet}>
        {rules.timezone === null
          ? t('Times are of this machine.')
          : t('Times are of {{timezone}}.', { timezone: rules.timezone })}{' '}
        {t('One that was missed, as by a machine that slept, is made up for once.')}
      </p>
    </Section>
  );
}

function Kept({ rules, onOpen }: PartProps) {
  return (
    <Section
      title={t('How long they are kept')}
      side={
        <Button icon={Pencil} onClick={() => onOpen({ what: 'keep' })}>
          {t('Change')}
        </Button>
      }
    >
      <p>{keepSentence(rules.keep)}</p>
      <WouldGo />
    </Section>
  );
}

function LookedAt({ rules, shown, onOpen }: PartProps) {
  return (
    <Section title={t('Checks, proofs and room')}>
      <ul className={styles.rows}>
        {timeRules.map(({ path, words, about }) => {
          const next = shown.next.find(({ verb }) => verb === path);
          return (
            <li key={path} className={styles.rule}>
              <div>
                <strong>{words}</strong>
                <p className={styles.quiet}>
                  {capital(next?.words ?? rules[path])}. {about}
                </p>
              </div>
              <NextOf at={next?.at ?? null} />
              <IconButton
                icon={Pencil}
                label={t('Change when: {{rule}}', { rule: words })}
                onClick={() => onOpen({ what: 'when', rule: path })}
              />
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

const switches = [
  [
    'waitForJobs',
    t('Wait until no job runs'),
    t('For six hours at most; then the backup is made beside them.'),
  ],
  ['beforeUpgrades', t('Back up before upgrades'), t('Before a service of the stack is upgraded.')],
] as const;

function Limits({ rules, onOpen }: PartProps) {
  const { deeds } = useLab();
  return (
    <Section title={t('What they may take')}>
      <ul className={styles.rows}>
        {switches.map(([path, label, help]) => (
          <li key={path}>
            <Switch
              label={label}
              help={help}
              isOn={rules[path]}
              onTurn={(isOn) =>
                deeds.ask(changeRuleDeed(path, t('Change {{setting}}', { setting: label }), isOn))
              }
            />
          </li>
        ))}
        {numberRules.map(({ path, label, help }) => (
          <li key={path} className={styles.rule}>
            <div>
              <strong>{label}</strong>
              <p className={styles.quiet}>{help}</p>
            </div>
            <span className={styles.number}>{numberWords(path, numberOf(rules, path))}</span>
            <IconButton
              icon={Pencil}
              label={t('Change: {{rule}}', { rule: label })}
              onClick={() => onOpen({ what: 'number', rule: path })}
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function OpenDialog({
  open,
  rules,
  shown,
  onClose,
}: Omit<PartProps, 'onOpen'> & { readonly open: Open; onClose(): void }) {
  switch (open.what) {
    case 'schedule':
      return (
        <ScheduleDialog
          schedule={open.schedule}
          taken={rules.schedules.map(({ name }) => name)}
          targets={shown.targets.map(({ name }) => name)}
          onClose={onClose}
        />
      );
    case 'when':
      return <WhenDialog rule={open.rule} when={rules[open.rule]} onClose={onClose} />;
    case 'number':
      return <NumberDialog rule={open.rule} value={numberOf(rules, open.rule)} onClose={onClose} />;
    case 'keep':
      return <KeepDialog keep={rules.keep} onClose={onClose} />;
  }
}

/** The rules, asked anew whenever something of backups has changed. */
function useRules() {
  const asked = useAnswer(askRules);
  const { again } = asked;
  useAfterDeeds(again);
  const version = useSnapshot(({ backups }) => backups?.version ?? 0);
  const seen = useRef(version);
  useEffect(() => {
    if (seen.current === version) return;
    seen.current = version;
    again();
  }, [version, again]);
  return asked;
}

export function Rules({ shown }: { readonly shown: BackupsShown }) {
  const { value: rules, error, again } = useRules();
  const [open, setOpen] = useState<Open | null>(null);
  const close = useCallback(() => setOpen(null), []);
  if (rules === null)
    return error === null ? (
      <Skeleton what={t('the schedules')} rows={6} />
    ) : (
      <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />
    );
  const part = { rules, shown, onOpen: setOpen };
  return (
    <>
      {error !== null && (
        <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />
      )}
      {open !== null && <OpenDialog {...{ open, rules, shown }} onClose={close} />}
      {shown.targets.length === 0 && (
        <p className={styles.inline}>
          <Badge look={{ tone: 'waiting', sign: 'warning', word: t('No target') }} />{' '}
          {t('There is no place for backups yet: nothing is made until there is one.')}
        </p>
      )}
      <div className={styles.columns}>
        <div className={styles.stack}>
          <Schedules {...part} />
          <Kept {...part} />
        </div>
        <div className={styles.stack}>
          <LookedAt {...part} />
          <Limits {...part} />
        </div>
      </div>
    </>
  );
}
