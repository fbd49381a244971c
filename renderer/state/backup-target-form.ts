// A place for backups as it is typed: its fields by kind, what is wrong with them, and the place that they make.
import type { Input } from '../../main/contract/contract.ts';
import { backupTargetSchema, targetNameSchema, targetSecrets } from '../../main/model/backup/target.ts';
import { noHostKey } from '../../main/model/backup/target.ts';
import type { BackupTarget, TargetKind } from '../../main/model/backup/target.ts';
import { t } from '../language/strings.ts';

export const placeFields = [
  ...['name', 'path', 'label', 'host', 'port', 'user', 'hostKey', 'endpoint', 'bucket', 'region'],
  ...['remote', 'onPlugIn', 'ssh-key', 'access-key-id', 'secret-access-key'],
] as const;

/** Texts by field; those that a kind does not ask for stand by until it is chosen again. */
export interface PlaceTexts {
  readonly kind: TargetKind;
  readonly texts: Readonly<Record<string, string>>;
}

export interface PlaceField {
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly placeholder?: string;
  readonly kind?: 'text' | 'secret' | 'secret-lines';
  readonly isWide?: boolean;
}

export const emptyPlace: PlaceTexts = { kind: 'folder', texts: {} };

const wide = { isWide: true } as const;

const fieldsOfKind: Readonly<Record<TargetKind, readonly PlaceField[]>> = {
  folder: [
    {
      ...{ ...wide, name: 'path', label: t('Folder'), placeholder: '/mnt/nas/lab' },
      help: t('On another disk than the data: a backup on the same one is lost with it.'),
    },
  ],
  usb: [
    { name: 'path', label: t('Folder on the disk'), placeholder: 'autogit-backup' },
    { name: 'label', label: t('Label of the disk'), placeholder: 'BACKUP', help: t('By which it is known.') },
  ],
  sftp: [
    { name: 'host', label: t('Machine'), placeholder: 'nas.home.arpa' },
    { name: 'port', label: t('Port'), placeholder: '22' },
    { name: 'user', label: t('User there'), placeholder: 'backup' },
    { ...wide, name: 'path', label: t('Folder there'), placeholder: '/lab' },
    {
      ...{ ...wide, name: 'ssh-key', label: t('Private key'), kind: 'secret-lines' },
      help: t(
        'A key without a passphrase that this user there accepts. It is kept among the secrets of this home.',
      ),
    },
  ],
  s3: [
    { ...wide, name: 'endpoint', label: t('Address of the service'), placeholder: 'https://s3.example.net' },
    { name: 'bucket', label: t('Bucket'), placeholder: 'lab-backups' },
    { name: 'region', label: t('Region'), placeholder: t('that of the service') },
    { ...wide, name: 'path', label: t('Folder in it'), placeholder: t('the bucket itself') },
    { name: 'access-key-id', label: t('Access key'), kind: 'secret' },
    { name: 'secret-access-key', label: t('Secret key'), kind: 'secret' },
  ],
  rclone: [
    {
      ...{ name: 'remote', label: t('Remote'), placeholder: 'drive' },
      help: t('As it is called in rclone’s own settings: rclone config'),
    },
    { name: 'path', label: t('Folder there'), placeholder: 'autogit-backup' },
  ],
};

/** The fields of a kind in their order, without its name and what is ticked. */
export function fieldsOf(kind: TargetKind): readonly PlaceField[] {
  return fieldsOfKind[kind];
}

function given({ kind, texts }: PlaceTexts, name: string): Readonly<Record<string, unknown>> {
  const text = (field: string): string => (texts[field] ?? '').trim();
  const orElse = (field: string): Readonly<Record<string, string>> =>
    text(field) === '' ? {} : { [field]: text(field) };
  switch (kind) {
    case 'folder':
      return { name, kind, path: text('path') };
    case 'usb':
      return {
        ...{ name, kind, label: text('label'), onPlugIn: text('onPlugIn') === 'yes' },
        ...orElse('path'),
      };
    case 'sftp':
      return {
        ...{ name, kind, host: text('host'), user: text('user'), path: text('path') },
        ...(text('port') === '' ? {} : { port: Number(text('port')) }),
        hostKey: text('hostKey') === '' ? noHostKey : text('hostKey'),
      };
    case 's3':
      return {
        ...{ name, kind, endpoint: text('endpoint'), bucket: text('bucket') },
        ...{ path: text('path'), region: text('region') },
      };
    case 'rclone':
      return { name, kind, remote: text('remote'), ...orElse('path') };
  }
}

export interface ReadPlace {
  /** `null`: something is wrong. */
  readonly target: BackupTarget | null;
  /** Only those that this kind needs and that were typed. */
  readonly secrets: NonNullable<Input<'backup.test-target'>['secrets']>;
  /** By field, a sentence. */
  readonly errors: Readonly<Record<string, string>>;
}

const wrongWords: Readonly<Record<string, string>> = {
  name: t('Small letters, digits and -, up to 40.'),
  path: t('A path, and for a folder here one that begins with /.'),
  label: t('The label of the disk, without blanks.'),
  host: t('A name or an address, without blanks.'),
  port: t('A number from 1 to 65535.'),
  user: t('The name of a user there.'),
  hostKey: t('A line like ssh-ed25519 AAAA…'),
  endpoint: t('An address that begins with https:// or http://.'),
  bucket: t('The name of the bucket.'),
  region: t('The name of a region.'),
  remote: t('The name of a remote.'),
};

function nameError(name: string, taken: readonly string[]): string | null {
  if (name === '') return t('It needs a name.');
  if (!targetNameSchema.safeParse(name).success) return wrongWords['name'] ?? '';
  return taken.includes(name) ? t('There is a place of this name already.') : null;
}

/** `taken`: names of places that there are. `needsSecrets`: false where the ones that are kept will do. */
export function readPlace(
  form: PlaceTexts,
  taken: readonly string[],
  fallbackName: string | null = null,
): ReadPlace {
  const { kind, texts } = form;
  const name = fallbackName ?? (texts['name'] ?? '').trim();
  const read = backupTargetSchema.safeParse(given(form, name));
  const named = nameError(name, taken);
  const missing = targetSecrets[kind].filter((one) => (texts[one] ?? '') === '');
  const errors = Object.fromEntries([
    ...(named === null ? [] : [['name', named] as const]),
    ...(read.error?.issues ?? []).flatMap(({ path: [field] }) =>
      typeof field !== 'string' || field === 'name'
        ? []
        : [[field, wrongWords[field] ?? t('It cannot be right.')] as const],
    ),
    ...missing.map((one) => [one, t('It is needed to get in.')] as const),
  ]);
  return {
    target: Object.keys(errors).length === 0 && read.success ? read.data : null,
    secrets: Object.fromEntries(
      targetSecrets[kind].flatMap((one) => {
        const text = texts[one] ?? '';
        // A pasted key may have lost its last line break, without which it is none.
        return text === '' ? [] : [[one, one === 'ssh-key' ? `${text.trim()}\n` : text.trim()] as const];
      }),
    ),
    errors,
  };
}

/** Without what is secret, as it is left once it was used. */
export function withoutPlaceSecrets(form: PlaceTexts): PlaceTexts {
  const secret = new Set(Object.values(targetSecrets).flat());
  return {
    ...form,
    texts: Object.fromEntries(Object.entries(form.texts).filter(([name]) => !secret.has(name))),
  };
}

/** A name for a place of which nobody has chosen one: the kind, and a number where it is taken. */
export function suggestedPlaceName(kind: TargetKind, taken: readonly string[]): string {
  const base = { folder: 'folder', usb: 'usb', sftp: 'nas', s3: 's3', rclone: 'rclone' }[kind];
  const names = [base, ...Array.from({ length: 30 }, (_, index) => `${base}-${index + 2}`)];
  return names.find((name) => !taken.includes(name)) ?? base;
}

/** Whether the host has shown its key and somebody has accepted it. */
export function hasHostKey({ kind, texts }: PlaceTexts): boolean {
  return kind !== 'sftp' || (texts['hostKey'] ?? '') !== '';
}
