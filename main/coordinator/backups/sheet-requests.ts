// The recovery sheet: the words that open every backup, where they are, and how to restore without AutoGit.
import type { Output, ParsedInput } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import { backupPasswordName, placeOf, targetSecretName } from '../../model/backup/target.ts';
import type { BackupTarget } from '../../model/backup/target.ts';
import { toOutcome } from '../outcome.ts';
import type { RequestContext } from '../requests.ts';
import type { BackupGround } from './backup-ground.ts';
import { ownPassword } from './backup-places.ts';

type Context = Pick<RequestContext, 'backups' | 'clock' | 'store' | 'door'>;

/** Asked at least, so that a sheet that nobody has looked at is not confirmed. */
const leastWords = 2;

/** `backup.sheet`. Whoever is shown it stands in the audit. */
export async function showSheet(_: unknown, context: Context): Promise<Output<'backup.sheet'>> {
  const { ground, memory } = context.backups.parts();
  const words = ground.secrets.get(backupPasswordName)?.split(' ') ?? null;
  const targets = ground.wanted().targets.map((target) => ({
    ...{ name: target.name, kind: target.kind, place: placeOf(target) },
  }));
  if (words !== null)
    context.store.audit({
      at: context.clock.now(),
      door: context.door,
      request: 'backup.sheet',
      outcome: 'shown',
    });
  const text = words === null ? '' : qrText(words, targets);
  return {
    words,
    qr: words === null ? [] : [...ground.renderQr(text)],
    ...{ home: ground.home, machine: ground.machine, targets },
    withoutAutogit: words === null ? [] : [...withoutAutogit(ground)],
    keptAt: memory.read().sheetKeptAt,
  };
}

/** Plain text: any reader shows it, and `backup restore` asks for the words alone. */
function qrText(words: readonly string[], targets: readonly { readonly place: string }[]): string {
  // A code of more than a few hundred characters is hard to read from paper.
  const places = targets.map(({ place }) => place).join('\n');
  return `AutoGit backup\n${words.join(' ')}\n${places}`.slice(0, 400);
}

function withoutAutogit(ground: Pick<BackupGround, 'wanted' | 'secrets'>): readonly string[] {
  const { targets } = ground.wanted();
  const lines = targets.flatMap((target) => {
    const hasOwn = ground.secrets.get(targetSecretName(target.name, ownPassword)) !== null;
    return [
      `# ${target.name}${hasOwn ? ': with the password that its repository had before' : ''}`,
      ...keysOf(target),
      `restic -r ${quoted(repositoryOf(target))} snapshots --tag autogit`,
      `restic -r ${quoted(repositoryOf(target))} restore latest --tag autogit --target ./restored`,
    ];
  });
  return [
    'Install restic (https://restic.net), then give the twelve words with blanks between them as its password:',
    ...lines,
  ];
}

/** As restic names it, https://restic.readthedocs.io/en/stable/030_preparing_a_new_repo.html */
function repositoryOf(target: BackupTarget): string {
  switch (target.kind) {
    case 'folder':
      return target.path;
    case 'usb':
      return `/media/${target.label}/${target.path}`;
    case 'sftp':
      return `sftp://${target.user}@${target.host}:${target.port}/${target.path}`;
    case 's3':
      return `s3:${[target.endpoint.replace(/\/$/, ''), target.bucket, target.path].filter((part) => part !== '').join('/')}`;
    case 'rclone':
      return `rclone:${target.remote}:${target.path}`;
  }
}

function keysOf({ kind }: BackupTarget): readonly string[] {
  switch (kind) {
    case 's3':
      return ['export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…'];
    case 'folder':
    case 'usb':
    case 'sftp':
    case 'rclone':
      return [];
  }
}

/** For a POSIX shell, which is where a person pastes it. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `backup.sheet-kept`. Rejects with `backup.sheet-none`, `backup.sheet-wrong`. */
export async function keepSheet(
  { words, dryRun }: ParsedInput<'backup.sheet-kept'>,
  { backups, clock }: Context,
): Promise<Output<'backup.sheet-kept'>> {
  const { ground, memory } = backups.parts();
  const password = ground.secrets.get(backupPasswordName)?.split(' ');
  if (password === undefined)
    throw new AutoGitError({
      key: 'backup.sheet-none',
      message: 'There is no recovery sheet yet: its words are made with the first target.',
      next: 'Add a target: autogit backup add-target',
    });
  const given = Object.entries(words);
  const wrong = given.filter(([number, word]) => password[Number(number) - 1] !== ground.words.normal(word));
  if (given.length < leastWords || wrong.length > 0)
    throw sheetWrong(
      given.length,
      wrong.map(([number]) => number),
    );
  if (dryRun) return toOutcome([], true, 'The recovery sheet would be confirmed as kept.');
  memory.change((before) => ({ ...before, sheetKeptAt: clock.now() }));
  ground.onChange();
  return toOutcome([], false, 'Good: the recovery sheet is kept.', 'Keep it away from this machine.');
}

function sheetWrong(given: number, wrong: readonly string[]): AutoGitError {
  const message =
    wrong.length === 0
      ? `At least ${leastWords} words are asked for; ${given} ${given === 1 ? 'was' : 'were'} given.`
      : `Word ${wrong.join(' and word ')} of the sheet is another one.`;
  return new AutoGitError({
    key: 'backup.sheet-wrong',
    message,
    next: 'Look at the sheet again: autogit backup sheet. Count the words from 1, row by row.',
  });
}
