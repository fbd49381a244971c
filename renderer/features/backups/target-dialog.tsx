// A new target: its kind and place, tried before anything is kept, with a machine's key to compare and accept.
import { FlaskConical, Plus } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Outcome, Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { emptyPlace, readPlace, suggestedPlaceName } from '../../state/backup-target-form.ts';
import type { PlaceTexts } from '../../state/backup-target-form.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useTry } from '../../state/use-try.ts';
import { bytesWords } from '../../state/words.ts';
import { HostKeyNote, PlaceFields } from '../../ui/backup/place-fields.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Fields, FieldsToMend, focusField, TextField } from '../../ui/field.tsx';
import { More } from '../../ui/more.tsx';
import { NextStep } from '../../ui/next-step.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import styles from './backups.module.css';
import { t } from '../../language/strings.ts';

type Test = Output<'backup.test-target'>;

/** What the test has found, and what adding it would do then. */
interface Tested {
  readonly test: Test;
  readonly plan: Outcome | null;
}

function askTargets(client: CoreClient): Promise<Output<'backup.targets'>> {
  return client.call('backup.targets', { fresh: true });
}

function useTargetForm(taken: readonly string[]) {
  const [form, setForm] = useState<PlaceTexts>(emptyPlace);
  const [password, setPassword] = useState('');
  const [wasAsked, setAsked] = useState(false);
  const testing = useTry<Tested>();
  const adding = useTry<Outcome>();
  const name = form.texts['name'] ?? '';
  const read = readPlace(form, taken, name === '' ? suggestedPlaceName(form.kind, taken) : null);
  const input = (dryRun: boolean) =>
    read.target === null
      ? null
      : {
          ...{ target: read.target, secrets: read.secrets, dryRun },
          ...(password.trim() === '' ? {} : { password: password.trim() }),
        };
  return {
    ...{ form, password, setPassword, wasAsked, testing, adding, read },
    /** It works, or words were given that only adding it can try. */
    mayAdd: testing.value !== null && (testing.value.test.good || password.trim() !== ''),
    change: (next: PlaceTexts): void => {
      setForm(next);
      testing.forget();
      adding.forget();
      if (next.kind !== form.kind) setAsked(false);
    },
    test: (given: PlaceTexts = form): void => {
      setAsked(true);
      const { target, secrets } = readPlace(
        given,
        taken,
        name === '' ? suggestedPlaceName(given.kind, taken) : null,
      );
      if (target === null || testing.isTrying) return;
      void testing.tryIt(async (client) => {
        const test = await client.call('backup.test-target', { target, secrets });
        // What adding it would do is known only of a place that works.
        const plan = test.good
          ? await client.call('backup.add-target', { target, secrets, dryRun: true })
          : null;
        return { test, plan };
      });
    },
    add: async (): Promise<void> => {
      const given = input(false);
      if (given === null || adding.isTrying) return;
      await adding.tryIt((client) => client.call('backup.add-target', given));
    },
  };
}

type TargetForm = ReturnType<typeof useTargetForm>;

const stateLooks = {
  ready: { tone: 'success', sign: 'check', word: t('Works, backups are there') },
  new: { tone: 'success', sign: 'check', word: t('Works') },
  absent: { tone: 'waiting', sign: 'later', word: t('Not plugged in') },
  failing: { tone: 'failed', sign: 'cross', word: t('Does not work') },
} as const;

/** A key that nobody has accepted yet is no fault of the place. */
const waits = { tone: 'waiting', sign: 'warning', word: t('Compare its key') } as const;

function Found({ form }: { readonly form: TargetForm }) {
  const { testing, password, setPassword } = form;
  if (testing.error !== null) return <ErrorNote problem={testing.error} />;
  if (testing.isTrying) return <p className={styles.quiet}>{t('Trying it; nothing is written there…')}</p>;
  if (testing.value === null) return null;
  const { test, plan } = testing.value;
  // What the program said of a strange key says less than the key, which stands below.
  if (test.hostKeys.length > 0)
    return (
      <div className={styles.found}>
        <p>
          <Badge look={waits} /> {t('Nobody has accepted the key of this machine yet.')}
        </p>
      </div>
    );
  return (
    <div className={styles.found}>
      <p>
        <Badge look={stateLooks[test.state]} /> {test.sentence}{' '}
        {test.freeBytes !== null && t('{{free}} are free.', { free: bytesWords(test.freeBytes) })}
      </p>
      {test.next !== null && <NextStep text={test.next} />}
      {plan !== null && plan.message !== '' && <p className={styles.quiet}>{plan.message}</p>}
      {test.state === 'failing' && (
        <More summary={t('Backups with other words are there already')} isOpen={password !== ''}>
          <Fields>
            <TextField
              name="password"
              kind="secret"
              isWide
              label={t('Their twelve words')}
              help={t('With blanks between. They open what is there, and new backups join it.')}
              value={password}
              onChange={setPassword}
            />
          </Fields>
        </More>
      )}
    </div>
  );
}

interface TargetDialogProps {
  readonly taken: readonly string[];
  onAdded(): void;
  onClose(): void;
}

interface ActionsProps {
  readonly form: TargetForm;
  readonly wrong: number;
  onTest(): void;
  onAdd(): void;
  onClose(): void;
}

/** The one that goes on is the test, and then what it has shown to work. */
function Actions({ form, wrong, onTest, onAdd, onClose }: ActionsProps) {
  const { testing, adding } = form;
  return (
    <>
      <FieldsToMend wrong={wrong} />
      <Button onClick={onClose}>{t('Cancel')}</Button>
      {form.mayAdd ? (
        <Button
          look="primary"
          icon={Plus}
          blockedBy={adding.isTrying ? t('It is being added') : null}
          onClick={onAdd}
        >
          {adding.isTrying ? t('Adding it…') : t('Add it')}
        </Button>
      ) : (
        <Button
          look="primary"
          icon={FlaskConical}
          blockedBy={testing.isTrying ? t('It is being tried') : null}
          onClick={onTest}
        >
          {testing.isTrying ? t('Testing…') : t('Test this place')}
        </Button>
      )}
    </>
  );
}

/** What was found stands below the form, and perhaps out of sight. */
function useSight(answer: unknown) {
  const result = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (answer !== null) result.current?.closest('form')?.scrollIntoView({ block: 'end' });
  }, [answer]);
  return result;
}

interface FormFieldsProps {
  readonly form: TargetForm;
  readonly taken: readonly string[];
  readonly wrong: Readonly<Record<string, string>>;
}

function FormFields({ form, taken, wrong }: FormFieldsProps) {
  const disks = useAnswer(askTargets);
  return (
    <>
      <p className={styles.quiet}>
        {t(
          'Everything that leaves this machine is encrypted before. A copy in the same house survives a broken disk; one elsewhere survives the house.',
        )}
      </p>
      <PlaceFields
        form={form.form}
        wrong={wrong}
        disks={disks.value?.disks ?? []}
        isKept
        onChange={form.change}
      />
      <Fields>
        <TextField
          name="name"
          label={t('Name')}
          placeholder={suggestedPlaceName(form.form.kind, taken)}
          help={t('By which it is called here and on the command line.')}
          value={form.form.texts['name'] ?? ''}
          error={wrong['name']}
          onChange={(name) => form.change({ ...form.form, texts: { ...form.form.texts, name } })}
        />
      </Fields>
    </>
  );
}

/** Secrets stand in it while it is open and nowhere else in the page: they go with it. */
export function TargetDialog({ taken, onAdded, onClose }: TargetDialogProps) {
  const form = useTargetForm(taken);
  const element = useRef<HTMLFormElement>(null);
  const { read, testing, adding, wasAsked } = form;
  const result = useSight(testing.value ?? testing.error ?? adding.error);
  const wrong = wasAsked ? read.errors : {};
  const { add, mayAdd } = form;
  const addIt = (): void => {
    void add();
  };
  const isAdded = adding.value !== null;
  useEffect(() => {
    // The form goes with all that was typed into it.
    if (isAdded) onAdded();
  }, [isAdded, onAdded]);
  const testIt = (): void => {
    form.test();
    focusField(element.current, Object.keys(read.errors)[0]);
  };
  return (
    <Dialog
      title={t('Add a target')}
      isWide
      onClose={onClose}
      actions={
        <Actions {...{ form, onClose }} wrong={Object.keys(wrong).length} onTest={testIt} onAdd={addIt} />
      }
    >
      <form
        ref={element}
        className={styles.stack}
        aria-label={t('Add a target')}
        onSubmit={(event) => {
          event.preventDefault();
          if (mayAdd) addIt();
          else testIt();
        }}
      >
        <FormFields form={form} taken={taken} wrong={wrong} />
        <div ref={result} role="status" className={styles.stack}>
          <Found form={form} />
        </div>
        <HostKeyNote
          keys={testing.value?.test.hostKeys ?? []}
          host={form.form.texts['host'] ?? ''}
          onAccept={(hostKey) => {
            const next = { ...form.form, texts: { ...form.form.texts, hostKey } };
            form.change(next);
            form.test(next);
          }}
        />
        {adding.error !== null && <ErrorNote problem={adding.error} />}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
