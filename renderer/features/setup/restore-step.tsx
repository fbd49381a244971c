// A lab brought back from a backup: the place, the twelve words, the backup, its plan, and doing it. Nothing of it is kept in the draft.
import { History, ListChecks, Search } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import type { RestoreWish } from '../../state/backup-restore.ts';
import { isOver } from '../../state/backup-run.ts';
import { emptyPlace, readPlace } from '../../state/backup-target-form.ts';
import type { PlaceTexts } from '../../state/backup-target-form.ts';
import { noWords, passwordOf } from '../../state/backup-words.ts';
import type { TypedWords } from '../../state/backup-words.ts';
import { backupsOf, countsWords, gitlabWords, proofLooks } from '../../state/backups.ts';
import type { Backup } from '../../state/backups.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { isGoing, useBackupRun } from '../../state/use-backup-run.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { useRestorePlan } from '../../state/use-restore-plan.ts';
import type { Planning } from '../../state/use-restore-plan.ts';
import { useTry } from '../../state/use-try.ts';
import type { Tried } from '../../state/use-try.ts';
import { bytesWords } from '../../state/words.ts';
import { HostKeyNote, PlaceFields } from '../../ui/backup/place-fields.tsx';
import { AgreeToRestore, Restoring } from '../../ui/backup/restore-run.tsx';
import { WordsFields } from '../../ui/backup/words-fields.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { FieldsToMend, focusField } from '../../ui/field.tsx';
import { EmptyState, ErrorNote } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import { exactTime } from '../../ui/time.tsx';
import type { StepProps } from './setup-page.tsx';
import styles from './setup.module.css';
import { StepFrame } from './step-frame.tsx';
import { t } from '../../language/strings.ts';

/** By which the place is called while it is no target yet. */
const placeName = 'restore';

type HostKeys = Output<'backup.test-target'>['hostKeys'];

/** What was found, with what opens it: here as long as this step is open, and nowhere else. */
interface Found {
  readonly backups: readonly Backup[];
  readonly from: Pick<RestoreWish, 'place' | 'secrets' | 'password'>;
  /** Of a machine whose key nobody has accepted yet. */
  readonly hostKeys: HostKeys;
}

interface Form {
  readonly place: PlaceTexts;
  readonly words: TypedWords;
}

function askTargets(client: CoreClient): Promise<Output<'backup.targets'>> {
  return client.call('backup.targets', { fresh: true });
}

/** A machine's key is compared before anything is sent to it. */
async function find(client: CoreClient, form: Form): Promise<Found> {
  const { target: place, secrets } = readPlace(form.place, [], placeName);
  const password = passwordOf(form.words);
  if (place === null || password === null) return { backups: [], from: {}, hostKeys: [] };
  const from = { place, secrets, password };
  const { hostKeys } = await client.call('backup.test-target', { target: place, secrets });
  if (hostKeys.length > 0) return { backups: [], from, hostKeys };
  const { backups } = await client.call('backup.find', from);
  return { backups: backupsOf(backups), from, hostKeys: [] };
}

interface SearchFormProps {
  readonly form: Form;
  readonly finding: Tried<Found>;
  onChange(form: Form): void;
}

function LookButton({ isLooking, wrong }: { readonly isLooking: boolean; readonly wrong: number }) {
  return (
    <div className={styles.ways}>
      <Button
        look="primary"
        type="submit"
        icon={Search}
        blockedBy={isLooking ? t('It is being looked at') : null}
      >
        {isLooking ? t('Looking…') : t('Look for backups')}
      </Button>
      <FieldsToMend wrong={wrong} />
    </div>
  );
}

function SearchForm({ form, finding, onChange }: SearchFormProps) {
  const [wasAsked, setAsked] = useState(false);
  const element = useRef<HTMLFormElement>(null);
  const disks = useAnswer(askTargets);
  const { errors } = readPlace(form.place, [], placeName);
  const isMissing = passwordOf(form.words) === null;
  const wrong = wasAsked ? errors : {};
  const look = (given: Form = form): void => {
    setAsked(true);
    const first = Object.keys(errors)[0];
    const word = given.words.findIndex((one) => one === '');
    focusField(element.current, first ?? (isMissing ? `word-${word === -1 ? 1 : word + 1}` : undefined));
    if (first === undefined && !isMissing && !finding.isTrying)
      void finding.tryIt((client) => find(client, given));
  };
  const host = form.place.texts['host'] ?? '';
  return (
    <form
      ref={element}
      className={styles.stack}
      aria-label={t('Where the backups are')}
      onSubmit={(event) => {
        event.preventDefault();
        look();
      }}
    >
      <PlaceFields
        form={form.place}
        wrong={wrong}
        disks={disks.value?.disks ?? []}
        isKept={false}
        onChange={(place) => onChange({ ...form, place })}
      />
      <WordsFields
        words={form.words}
        refusal={finding.error?.message ?? null}
        onChange={(words) => onChange({ ...form, words })}
      />
      {finding.error !== null && <ErrorNote problem={finding.error} />}
      <HostKeyNote
        keys={finding.value?.hostKeys ?? []}
        host={host}
        onAccept={(hostKey) => {
          const next = { ...form, place: { ...form.place, texts: { ...form.place.texts, hostKey } } };
          onChange(next);
          look(next);
        }}
      />
      <LookButton
        isLooking={finding.isTrying}
        wrong={Object.keys(wrong).length + (wasAsked && isMissing ? 1 : 0)}
      />
      <p className={styles.quiet}>{t('Nothing is changed by looking, neither here nor there.')}</p>
    </form>
  );
}

/** More are found on the Backups page, once the lab is back. */
const mostShown = 12;

interface ChooseProps {
  readonly found: Found;
  readonly planning: Planning;
  readonly chosen: string | null;
  onChoose(id: string): void;
  onBack(): void;
}

interface BackupCardProps {
  readonly backup: Backup;
  readonly isChosen: boolean;
  onChoose(): void;
}

function BackupCard({ backup, isChosen, onChoose }: BackupCardProps) {
  const { at, machine, counts, bytes, proof } = backup;
  const words = [machine, gitlabWords(backup), countsWords(counts)].filter((one) => one !== '');
  return (
    <label className={styles.card}>
      <input type="radio" name="backup" checked={isChosen} onChange={onChoose} />
      <History size={20} strokeWidth={1.75} aria-hidden />
      <span>
        <strong>{exactTime(at)}</strong>
        <span className={styles.about}>{words.join(', ')}</span>
        <span className={styles.needs}>
          {bytes === null ? '' : `${bytesWords(bytes)} `}
          <Badge look={proofLooks[proof]} quiet />
        </span>
      </span>
    </label>
  );
}

function NothingThere({ onBack }: Pick<ChooseProps, 'onBack'>) {
  return (
    <>
      <EmptyState icon={History} title={t('No backup of AutoGit is there')}>
        {t(
          'The place answers and the words open it, but there is no backup of a lab in it. Look at another folder.',
        )}
      </EmptyState>
      <div className={styles.ways}>
        <Button onClick={onBack}>{t('Back to the place')}</Button>
      </div>
    </>
  );
}

function ChooseBackup({ found, planning, chosen, onChoose, onBack }: ChooseProps) {
  const { backups, from } = found;
  const own = backups.filter(({ proof }) => proof !== 'foreign');
  const id = chosen ?? own[0]?.id ?? null;
  if (id === null) return <NothingThere onBack={onBack} />;
  const plan = (): void => planning.ask({ ...from, backup: id });
  return (
    <form
      className={styles.stack}
      aria-label={t('Which backup')}
      onSubmit={(event) => {
        event.preventDefault();
        plan();
      }}
    >
      <fieldset className={styles.cards}>
        <legend>{t('Which backup')}</legend>
        {own.slice(0, mostShown).map((backup) => (
          <BackupCard
            key={backup.id}
            backup={backup}
            isChosen={backup.id === id}
            onChoose={() => onChoose(backup.id)}
          />
        ))}
      </fieldset>
      {own.length > mostShown && (
        <p className={styles.quiet}>
          {t('These are the newest {{shown}} of {{all}}.', { shown: mostShown, all: own.length })}
        </p>
      )}
      {planning.error !== null && <ErrorNote problem={planning.error} />}
      <div className={styles.ways}>
        <Button onClick={onBack}>{t('Back to the place')}</Button>
        <Button
          look="primary"
          type="submit"
          icon={ListChecks}
          blockedBy={planning.isTrying ? t('The plan is being made') : null}
        >
          {planning.isTrying ? t('Looking what it takes…') : t('Show the plan')}
        </Button>
      </div>
    </form>
  );
}

/** From the place to the plan. What was typed goes as soon as the restore has begun. */
function useRestore() {
  const [form, setForm] = useState<Form>({ place: emptyPlace, words: noWords });
  const [chosen, setChosen] = useState<string | null>(null);
  const finding = useTry<Found>();
  const planning = useRestorePlan();
  const beginning = useTry<Output<'backup.restore'>>();
  const running = useSnapshot(({ backups }) => backups?.running?.verb ?? null);
  const run = beginning.value?.run ?? null;
  const followed = useBackupRun(true, 'restore', `${run ?? ''} ${running ?? ''}`);
  const [hasSeen, setSeen] = useState(false);
  if (!hasSeen && (run !== null || isGoing(followed))) {
    setSeen(true);
    setForm({ place: emptyPlace, words: noWords });
    finding.forget();
  }
  return { form, setForm, chosen, setChosen, finding, planning, beginning, followed, hasSeen };
}

type Restore = ReturnType<typeof useRestore>;

function Content({ restore }: { readonly restore: Restore }) {
  const { form, setForm, chosen, setChosen, finding, planning, beginning, followed, hasSeen } = restore;
  if (hasSeen) return <Restoring followed={followed} plan={planning.planned?.plan ?? null} />;
  const found = finding.value;
  if (found === null || found.hostKeys.length > 0)
    return <SearchForm {...{ form, finding }} onChange={setForm} />;
  const { planned } = planning;
  if (planned === null)
    return (
      <ChooseBackup
        {...{ found, planning, chosen }}
        onChoose={setChosen}
        onBack={() => {
          finding.forget();
          planning.forget();
        }}
      />
    );
  return (
    <Section title={t('The plan')}>
      <AgreeToRestore
        plan={planned.plan}
        wish={{ ...found.from, backup: planned.plan.backup.id, withoutSafety: planned.withoutSafety }}
        planning={planning}
        beginning={beginning}
        onBack={() => {
          planning.forget();
          beginning.forget();
        }}
      />
    </Section>
  );
}

/** Of this step no answer is kept, and what was begun needs no page. */
function keptWords({ hasSeen, followed: { progress } }: Restore): string | null {
  if (!hasSeen) return t('The place and the words are not kept: whoever leaves this page types them again.');
  if (progress !== null && isOver(progress)) return null;
  return t('The restore goes on without this page: you can leave it, and come back to it.');
}

export function RestoreStep({ isArrival, setup, next }: StepProps) {
  const restore = useRestore();
  const { progress } = restore.followed;
  const isDone = restore.hasSeen && progress !== null && isOver(progress) && progress.outcome === 'done';
  return (
    <StepFrame
      isArrival={isArrival}
      hasForms
      step="restore"
      setup={setup}
      hasBack={!restore.hasSeen || (progress !== null && isOver(progress))}
      on={isDone ? { words: t('Next') } : null}
      kept={keptWords(restore)}
      onNext={next}
    >
      <Content restore={restore} />
    </StepFrame>
  );
}
