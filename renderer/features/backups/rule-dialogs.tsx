// Forms for the rules of backups: each says at once what is meant, and asks for a plan before anything is changed.
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { changeKeepDeed, changeRuleDeed, setScheduleDeed } from '../../state/backup-deeds.ts';
import {
  keepFields,
  keepLabels,
  keepSentence,
  keepTexts,
  numberRules,
  readKeep,
  scheduleNameError,
  timeRules,
  usualTimes,
} from '../../state/backup-rules.ts';
import type { BackupSchedule, Keep, NumberRule, TimeRule } from '../../state/backup-rules.ts';
import { useAnswer } from '../../state/use-answer.ts';
import type { Asked } from '../../state/use-answer.ts';
import { useAsking } from '../../state/use-deed.ts';
import { useSettled } from '../../state/use-settled.ts';
import { capital } from '../../state/words.ts';
import { Fields, TextField, TickField } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { Presses } from '../../ui/presses.tsx';
import { exactTime } from '../../ui/time.tsx';
import styles from './backups.module.css';
import { WouldGoBy } from './would-go.tsx';
import { t } from '../../language/strings.ts';

/** As the core reads it, in whatever language the page is. */
const usualTime = 'daily at 02:00';

type Preview = Output<'backup.preview-when'>;

/** What a time means, as it is typed. */
function usePreview(when: string): Asked<Preview> & { readonly isOfNow: boolean } {
  const settled = useSettled(when);
  const ask = useMemo(
    () =>
      settled.trim() === ''
        ? null
        : (client: CoreClient) => client.call('backup.preview-when', { when: settled.trim() }),
    [settled],
  );
  const asked = useAnswer(ask);
  return { ...asked, isOfNow: settled === when && !asked.isAsking };
}

interface WhenFieldProps {
  readonly when: string;
  readonly preview: ReturnType<typeof usePreview>;
  onChange(when: string): void;
}

/** Typed or pressed, with what it means and when it comes next. */
function WhenField({ when, preview, onChange }: WhenFieldProps) {
  const { value, error } = preview;
  const problem = when.trim() === '' ? t('It needs a time.') : (value?.problem ?? error?.message);
  return (
    <>
      <Fields>
        <TextField
          name="when"
          label={t('When')}
          isWide
          isFirst
          placeholder={usualTime}
          help={t('In words, or as five fields of cron.')}
          value={when}
          error={problem ?? undefined}
          onChange={onChange}
        />
      </Fields>
      <Presses
        label={t('Usual times')}
        options={usualTimes.map((value) => ({ value }))}
        pressed={[when]}
        onPress={onChange}
      />
      <div role="status" className={styles.preview}>
        {value !== null && value.problem === null && when.trim() !== '' && (
          <>
            <strong>{capital(value.words)}</strong>
            {value.nextRuns.length > 0 && (
              <ol aria-label={t('Next times')}>
                {value.nextRuns.slice(0, 5).map((at) => (
                  <li key={at}>{exactTime(at)}</li>
                ))}
              </ol>
            )}
          </>
        )}
      </div>
    </>
  );
}

interface TargetTicksProps {
  readonly all: readonly string[];
  readonly chosen: readonly string[];
  onChange(chosen: readonly string[]): void;
}

function TargetTicks({ all, chosen, onChange }: TargetTicksProps) {
  if (all.length < 2) return null;
  return (
    <fieldset className={styles.ticks}>
      <legend>{t('To these targets; none: to every one')}</legend>
      {all.map((name) => (
        <TickField
          key={name}
          name={`to-${name}`}
          label={name}
          isOn={chosen.includes(name)}
          onChange={(isOn) => onChange(all.filter((one) => (one === name ? isOn : chosen.includes(one))))}
        />
      ))}
    </fieldset>
  );
}

interface ScheduleDialogProps {
  /** `null`: a new one. */
  readonly schedule: BackupSchedule | null;
  readonly taken: readonly string[];
  readonly targets: readonly string[];
  onClose(): void;
}

export function ScheduleDialog({ schedule, taken, targets: all, onClose }: ScheduleDialogProps) {
  const [name, setName] = useState(schedule?.name ?? '');
  const [when, setWhen] = useState(schedule?.when ?? usualTime);
  const [targets, setTargets] = useState<readonly string[]>(schedule?.targets ?? []);
  const preview = usePreview(when);
  const { wasAsked, ask } = useAsking(onClose);
  const nameError = schedule === null ? scheduleNameError(name.trim(), taken) : null;
  const isGood = preview.isOfNow && preview.value?.problem === null && preview.error === null;
  const wrong = [...(nameError === null ? [] : ['name']), ...(isGood ? [] : ['when'])];
  return (
    <FormDialog
      title={schedule === null ? t('Add a schedule') : t('Change schedule {{name}}', { name: schedule.name })}
      wrong={wrong}
      wasAsked={wasAsked && (nameError !== null || (preview.isOfNow && !isGood))}
      onAsk={() =>
        ask(
          wrong.length > 0
            ? null
            : setScheduleDeed(name.trim(), { when: when.trim(), targets }, schedule === null),
        )
      }
      onClose={onClose}
    >
      {schedule === null && (
        <Fields>
          <TextField
            name="name"
            label={t('Name')}
            placeholder="weekly"
            value={name}
            error={wasAsked || name !== '' ? (nameError ?? undefined) : undefined}
            onChange={setName}
          />
        </Fields>
      )}
      <WhenField when={when} preview={preview} onChange={setWhen} />
      <TargetTicks all={all} chosen={targets} onChange={setTargets} />
    </FormDialog>
  );
}

interface WhenDialogProps {
  readonly rule: TimeRule;
  readonly when: string;
  onClose(): void;
}

export function WhenDialog({ rule, when: present, onClose }: WhenDialogProps) {
  const [when, setWhen] = useState(present);
  const preview = usePreview(when);
  const { wasAsked, ask } = useAsking(onClose);
  const { words, change } = timeRules.find(({ path }) => path === rule) ?? { words: rule, change: rule };
  const isGood = preview.isOfNow && preview.value?.problem === null && preview.error === null;
  return (
    <FormDialog
      title={t('When: {{rule}}', { rule: words })}
      wrong={isGood ? [] : ['when']}
      wasAsked={wasAsked && preview.isOfNow && !isGood}
      blockedBy={when.trim() === present ? t('It is so already') : null}
      onAsk={() => ask(isGood ? changeRuleDeed(rule, change, when.trim()) : null)}
      onClose={onClose}
    >
      <WhenField when={when} preview={preview} onChange={setWhen} />
    </FormDialog>
  );
}

interface NumberDialogProps {
  readonly rule: NumberRule;
  readonly value: number;
  onClose(): void;
}

export function NumberDialog({ rule, value, onClose }: NumberDialogProps) {
  const [text, setText] = useState(String(value));
  const { wasAsked, ask } = useAsking(onClose);
  const { label, change, help } = numberRules.find(({ path }) => path === rule) ?? {
    ...{ label: rule, change: rule, help: '' },
  };
  const isGood = /^\d{1,8}$/.test(text.trim());
  return (
    <FormDialog
      title={label}
      wrong={isGood ? [] : ['number']}
      wasAsked={wasAsked}
      blockedBy={text.trim() === String(value) ? t('It is so already') : null}
      onAsk={() => ask(isGood ? changeRuleDeed(rule, change, Number(text)) : null)}
      onClose={onClose}
    >
      <Fields>
        <TextField
          name="number"
          label={label}
          help={help}
          isFirst
          value={text}
          error={isGood ? undefined : t('A whole number, from 0 on.')}
          onChange={setText}
        />
      </Fields>
    </FormDialog>
  );
}

interface KeepDialogProps {
  readonly keep: Keep;
  onClose(): void;
}

export function KeepDialog({ keep: present, onClose }: KeepDialogProps) {
  const [texts, setTexts] = useState(() => keepTexts(present));
  const { wasAsked, ask } = useAsking(onClose);
  const { keep, errors } = readKeep(texts);
  const deed = keep === null ? null : changeKeepDeed(present, keep);
  const fields: ReactNode = keepFields.map((field) => (
    <TextField
      key={field}
      name={field}
      label={keepLabels[field]}
      value={texts[field]}
      error={errors[field]}
      onChange={(text) => setTexts((now) => ({ ...now, [field]: text }))}
    />
  ));
  return (
    <FormDialog
      title={t('How long backups are kept')}
      wrong={Object.keys(errors)}
      wasAsked={wasAsked}
      blockedBy={keep !== null && deed === null ? t('It is so already') : null}
      onAsk={() => ask(deed)}
      onClose={onClose}
    >
      <p className={styles.quiet}>
        {t(
          'A backup stays as long as one of these keeps it; 0 is none. Nothing goes at once: what no rule keeps goes when room is made the next time.',
        )}
      </p>
      <Fields>{fields}</Fields>
      <p role="status">{keep === null ? '' : keepSentence(keep)}</p>
      {keep !== null && <WouldGoBy texts={texts} />}
    </FormDialog>
  );
}
