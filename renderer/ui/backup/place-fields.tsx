// The fields of a place for backups: its kind, what that kind asks for, and the key of a machine to compare and accept.
import { Check } from 'lucide-react';
import type { Output } from '../../../main/contract/contract.ts';
import { targetKinds } from '../../../main/model/backup/target.ts';
import type { TargetKind } from '../../../main/model/backup/target.ts';
import { targetKindWords } from '../../state/backups.ts';
import { fieldsOf } from '../../state/backup-target-form.ts';
import type { PlaceField, PlaceTexts } from '../../state/backup-target-form.ts';
import { Button } from '../button.tsx';
import { Copyable } from '../copyable.tsx';
import { FieldRows, Fields, SelectField, TickField } from '../field.tsx';
import { Presses } from '../presses.tsx';
import styles from './backup.module.css';
import { t } from '../../language/strings.ts';

type HostKeys = Output<'backup.test-target'>['hostKeys'];
type Disks = Output<'backup.targets'>['disks'];

interface PlaceFieldsProps {
  readonly form: PlaceTexts;
  /** By field; what nobody has asked for yet is not wrong yet. */
  readonly wrong: Readonly<Record<string, string>>;
  /** That are plugged in now. */
  readonly disks: Disks;
  /** False where the place is only read: nothing is backed up there. */
  readonly isKept: boolean;
  onChange(form: PlaceTexts): void;
}

interface DisksProps {
  readonly disks: Disks;
  readonly chosen: string;
  onChoose(label: string): void;
}

/** Disks to press, of those that are there; one that is not there now is typed. */
function PluggedIn({ disks, chosen, onChoose }: DisksProps) {
  if (disks.length === 0)
    return (
      <p className={styles.quiet}>
        {t('No disk with a label is plugged in now. Type the label of one that comes later.')}
      </p>
    );
  return (
    <Presses
      label={t('Disks that are plugged in')}
      options={disks.map(({ label, path }) => ({ value: label, title: path }))}
      pressed={[chosen]}
      onPress={onChoose}
    />
  );
}

const kindOptions = targetKinds.map((kind) => [kind, targetKindWords[kind]] as const);

function withoutHelp({ name, label, placeholder, kind, isWide }: PlaceField): PlaceField {
  return {
    ...{ name, label },
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(kind === undefined ? {} : { kind }),
    ...(isWide === undefined ? {} : { isWide }),
  };
}

export function PlaceFields({ form, wrong, disks, isKept, onChange }: PlaceFieldsProps) {
  const { kind, texts } = form;
  // What is only read needs no advice on keeping.
  const rows = fieldsOf(kind).map((row) => (isKept ? row : withoutHelp(row)));
  const change = (name: string, text: string): void =>
    // Another machine has another key.
    onChange({ kind, texts: { ...texts, ...(name === 'host' ? { hostKey: '' } : {}), [name]: text } });
  return (
    <>
      <Fields>
        <SelectField
          name="kind"
          label={t('Where')}
          value={kind}
          options={kindOptions}
          onChange={(value) => {
            const next = targetKinds.find((one) => one === value);
            if (next !== undefined) onChange({ kind: next satisfies TargetKind, texts });
          }}
        />
        <FieldRows rows={rows} texts={texts} wrong={wrong} onChange={change} />
      </Fields>
      {kind === 'usb' && (
        <PluggedIn disks={disks} chosen={texts['label'] ?? ''} onChoose={(label) => change('label', label)} />
      )}
      {kind === 'usb' && isKept && (
        <TickField
          name="onPlugIn"
          label={t('Back up as soon as it is plugged in')}
          help={t('It may lie in a drawer the rest of the time.')}
          isOn={texts['onPlugIn'] === 'yes'}
          onChange={(isOn) => change('onPlugIn', isOn ? 'yes' : '')}
        />
      )}
    </>
  );
}

interface HostKeyNoteProps {
  readonly keys: HostKeys;
  readonly host: string;
  onAccept(line: string): void;
}

/** Who takes it unseen may send every backup to somebody else. */
export function HostKeyNote({ keys, host, onAccept }: HostKeyNoteProps) {
  if (keys.length === 0) return null;
  return (
    <div className={styles.hostKeys}>
      <p>
        <strong>{t('Is it really {{host}}?', { host })}</strong>{' '}
        {t('It shows the key below. Compare it with what the machine itself shows for:')}{' '}
        <code>ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub</code>
      </p>
      <ul aria-label={t('Keys of the machine')}>
        {keys.map(({ line, fingerprint }) => (
          <li key={line}>
            <span className={styles.keyWords}>
              {line.split(' ')[0]} <Copyable text={fingerprint} what={t('the fingerprint')} />
            </span>
            <Button icon={Check} onClick={() => onAccept(line)}>
              {t('It is the same')}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
