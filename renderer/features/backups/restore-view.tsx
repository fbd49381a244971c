// The way back from one backup: what of it, to where, the plan like a difference, and the restore as it goes on.
import { ArrowLeft, ListChecks } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import {
  choiceErrors,
  firstChoice,
  kindLooks,
  restoreCommand,
  restoreKinds,
  wishOf,
} from '../../state/backup-restore.ts';
import type { RestoreChoice } from '../../state/backup-restore.ts';
import { partAbout, partWords } from '../../state/backups.ts';
import type { Backup } from '../../state/backups.ts';
import { formatRoute } from '../../state/route.ts';
import { useBackupRun } from '../../state/use-backup-run.ts';
import { useRestorePlan } from '../../state/use-restore-plan.ts';
import type { Planning } from '../../state/use-restore-plan.ts';
import { useTry } from '../../state/use-try.ts';
import { AgreeToRestore, Restoring } from '../../ui/backup/restore-run.tsx';
import { Button } from '../../ui/button.tsx';
import { Command } from '../../ui/copyable.tsx';
import { Fields, FieldsToMend, focusField, SelectField, TextField, TickField } from '../../ui/field.tsx';
import { EmptyState, ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Page } from '../../ui/page.tsx';
import { exactTime } from '../../ui/time.tsx';
import styles from './backups.module.css';
import type { BackupsView } from './use-backups.ts';
import { t } from '../../language/strings.ts';

interface ChoiceProps {
  readonly backup: Backup;
  readonly choice: RestoreChoice;
  readonly wrong: Readonly<Record<string, string>>;
  change(change: Partial<RestoreChoice>): void;
}

function Kinds({ choice, change }: Pick<ChoiceProps, 'choice' | 'change'>) {
  return (
    <fieldset className={styles.kinds}>
      <legend>{t('What to restore')}</legend>
      {restoreKinds.map((kind) => (
        <label key={kind}>
          <input type="radio" name="kind" checked={choice.kind === kind} onChange={() => change({ kind })} />
          <span>
            <strong>{kindLooks[kind].title}</strong>
            <span className={styles.quiet}>{kindLooks[kind].about}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Parts({ backup, choice, wrong, change }: ChoiceProps) {
  return (
    <fieldset className={styles.ticks}>
      <legend>{t('Parts')}</legend>
      {backup.parts.map((part) => (
        <TickField
          key={part}
          name={`part-${part}`}
          label={partWords[part]}
          help={partAbout[part]}
          isOn={choice.parts.includes(part)}
          onChange={(isOn) =>
            change({
              parts: backup.parts.filter((one) => (one === part ? isOn : choice.parts.includes(one))),
            })
          }
        />
      ))}
      {wrong['parts'] !== undefined && <p className={styles.wrong}>{wrong['parts']}</p>}
    </fieldset>
  );
}

function ChoiceFields(props: ChoiceProps) {
  const { backup, choice, wrong, change } = props;
  const { kind } = choice;
  const isToFolder = kind === 'project' || kind === 'look';
  return (
    <>
      <Kinds choice={choice} change={change} />
      {kind === 'parts' && <Parts {...props} />}
      <Fields>
        {kind === 'project' && (
          <TextField
            name="project"
            label={t('Project')}
            placeholder="home/website"
            help={t('Its path in GitLab, as its address has it.')}
            value={choice.project}
            error={wrong['project']}
            onChange={(project) => change({ project })}
          />
        )}
        {isToFolder && (
          <TextField
            name="to"
            label={t('New folder')}
            placeholder="/tmp/look"
            help={t('On this machine; it must not be there yet.')}
            value={choice.to}
            error={wrong['to']}
            onChange={(to) => change({ to })}
          />
        )}
        {backup.targets.length > 1 && (
          <SelectField
            name="target"
            label={t('From')}
            value={choice.target}
            options={[
              ['', t('The first that answers')],
              ...backup.targets.map((name) => [name, name] as const),
            ]}
            onChange={(target) => change({ target })}
          />
        )}
      </Fields>
    </>
  );
}

interface FormProps {
  readonly backup: Backup;
  readonly choice: RestoreChoice;
  readonly planning: Planning;
  readonly isBusy: boolean;
  onChange(choice: RestoreChoice): void;
}

function ChoiceForm({ backup, choice, planning, isBusy, onChange }: FormProps) {
  const [wasAsked, setAsked] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const errors = choiceErrors(choice);
  const shown = wasAsked ? errors : {};
  const wish = wishOf(backup.id, choice);
  const ask = (): void => {
    setAsked(true);
    focusField(form.current, Object.keys(errors)[0]);
    if (Object.keys(errors).length === 0) planning.ask(wish);
  };
  return (
    <form
      ref={form}
      className={styles.narrow}
      aria-label={t('What to restore')}
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <ChoiceFields
        {...{ backup, choice, wrong: shown }}
        change={(change) => onChange({ ...choice, ...change })}
      />
      {planning.error !== null && <ErrorNote problem={planning.error} />}
      <div className={styles.buttons}>
        <Button
          look="primary"
          type="submit"
          icon={ListChecks}
          blockedBy={
            isBusy
              ? t('A run goes on; one at a time')
              : planning.isTrying
                ? t('The plan is being made')
                : null
          }
        >
          {planning.isTrying ? t('Looking what it would replace…') : t('Show what changes')}
        </Button>
        <FieldsToMend wrong={Object.keys(shown).length} />
      </div>
      <p className={styles.quiet}>
        {t('Nothing is changed before you have seen the plan and agreed to it.')}
      </p>
      <Command line={`${restoreCommand(wish)} --dry-run`} />
    </form>
  );
}

function RestoreSteps({ backup, view }: { readonly backup: Backup; readonly view: BackupsView }) {
  const [choice, setChoice] = useState(firstChoice);
  const planning = useRestorePlan();
  const beginning = useTry<Output<'backup.restore'>>();
  const run = beginning.value?.run ?? null;
  const isGoing = view.isBusy && view.followed.progress?.verb === 'restore';
  // Begun before this page was loaded; it stays in sight when it has ended.
  const [wasSeen, setSeen] = useState(false);
  if (isGoing && !wasSeen) setSeen(true);
  const isFollowed = run !== null || isGoing || wasSeen;
  const followed = useBackupRun(isFollowed, 'restore', run);
  const plan = planning.planned?.plan ?? null;
  if (isFollowed) return <Restoring followed={followed} plan={plan} isProject={choice.kind === 'project'} />;
  if (planning.planned !== null)
    return (
      <AgreeToRestore
        plan={planning.planned.plan}
        wish={{ ...wishOf(backup.id, choice), withoutSafety: planning.planned.withoutSafety }}
        planning={planning}
        beginning={beginning}
        onBack={() => {
          planning.forget();
          beginning.forget();
        }}
      />
    );
  return <ChoiceForm {...{ backup, choice, planning, isBusy: view.isBusy }} onChange={setChoice} />;
}

/** At an address of its own, so that it is there again after the page was loaded anew. */
export function RestoreView({ id, view }: { readonly id: string; readonly view: BackupsView }) {
  const { backups, list } = view;
  const backup = backups?.find((one) => one.id === id) ?? null;
  const sentence =
    backup === null ? null : t('Restore the backup of {{moment}}', { moment: exactTime(backup.at) });
  return (
    <Page
      name={t('Backups')}
      sentence={sentence ?? (backups === null ? null : t('There is no such backup.'))}
    >
      <a className={styles.backLink} href={formatRoute({ page: 'backups', id })}>
        <ArrowLeft size={16} aria-hidden /> {t('Back to the backup')}
      </a>
      {list.error !== null && (
        <ErrorNote problem={list.error} action={<Button onClick={list.again}>{t('Ask again')}</Button>} />
      )}
      {backup !== null ? (
        <div className={styles.narrow}>
          <RestoreSteps backup={backup} view={view} />
        </div>
      ) : backups === null ? (
        list.error === null && <Skeleton what={t('the backup')} rows={5} />
      ) : (
        <EmptyState icon={ListChecks} title={t('No target lists it')} command="autogit backup list">
          {t('What no rule keeps is removed when room is made. Choose another one.')}
        </EmptyState>
      )}
    </Page>
  );
}
