// What can be wrong with a repository and its place, read from restic's exit code and words, as errors with a key.
import { AutoGitError, messageOf } from '../../errors.ts';
import { placeOf } from '../../model/backup/target.ts';
import type { BackupTarget } from '../../model/backup/target.ts';

/** The oldest that is worked with: the first with repositories that are compressed. https://restic.net/blog/2022-08-25/restic-0.14.0-released/ */
export const floor = { major: 0, minor: 14 } as const;

const install =
  'Install restic 0.14 or newer (package restic), set AUTOGIT_RESTIC to its path, or let the container engine run it: then its image is pulled.';

/** `tried` says what was looked for and how that went. */
export function resticMissing(tried: string): AutoGitError {
  return new AutoGitError({
    key: 'backup.restic-missing',
    message: `restic cannot be run on this machine: ${tried}.`,
    next: install,
  });
}

export function resticOld(program: string, version: string): AutoGitError {
  return new AutoGitError({
    key: 'backup.restic-old',
    message: `${program} is restic ${version}; backups need ${floor.major}.${floor.minor} or newer.`,
    next: install,
    fields: { program, version },
  });
}

/** A disk that is not plugged in, a share that is not mounted. */
export function targetAbsent(target: BackupTarget): AutoGitError {
  const what =
    target.kind === 'usb'
      ? `The disk ${target.label} is not plugged in, or not mounted.`
      : `${placeOf(target)} is not there: a disk or share that should be there is not mounted.`;
  return targetProblem('backup.target-absent', target, what);
}

/** A place without the keys that it asks for. */
export function keysAbsent(target: BackupTarget, names: readonly string[]): AutoGitError {
  return targetProblem(
    'backup.target-refused',
    target,
    `The backup target ${target.name} has no ${names.join(' and no ')} among the secrets.`,
  );
}

/** A program that restic needs for a kind of place. */
export function helperMissing(target: BackupTarget, program: string): AutoGitError {
  return targetProblem(
    'backup.helper-missing',
    target,
    `The backup target ${target.name} needs ${program}, which the image of restic does not have.`,
  );
}

/** The disk of this machine is full, not the target's. */
export function noSpaceHere(target: BackupTarget, into: string, words: string): AutoGitError {
  return targetProblem(
    'backup.no-space',
    target,
    `There is not enough space at ${into} for what is restored from ${target.name}: ${words}`,
  );
}

/** A field that cannot be handed to ssh as it is. */
export function strangeField(target: BackupTarget, what: string): AutoGitError {
  return targetProblem(
    'backup.restic-failed',
    target,
    `${what} cannot be used: it has quotes or backslashes.`,
  );
}

/** A folder that has a repository's data, but not what describes it. */
export function configGone(target: BackupTarget): AutoGitError {
  return targetProblem(
    'backup.repository-damaged',
    target,
    `${placeOf(target)} has the data of a repository, but its file \`config\` is gone.`,
  );
}

/** Something of this machine has refused to look at a folder or to make it. */
export function folderRefused(deed: string, target: BackupTarget, error: unknown): AutoGitError {
  const words = messageOf(error);
  const key = meaningOf(null, words) ?? 'backup.restic-failed';
  return targetProblem(key, target, `AutoGit could not ${deed} ${placeOf(target)}: ${words}`);
}

/** Another machine has done something that is yet to come. */
export function clockOff(target: BackupTarget, host: string, aheadMs: number): AutoGitError {
  const minutes = Math.round(aheadMs / 60_000);
  return targetProblem(
    'backup.clock',
    target,
    `${host} works with the repository at ${placeOf(target)}, and by its clock it is ${minutes} minutes later than here: one of the two clocks is wrong.`,
  );
}

/** Some files of what should be backed up could not be read. */
export function sourceUnreadable(target: BackupTarget, stderr: string): AutoGitError {
  return targetProblem(
    'backup.source-unreadable',
    target,
    `restic could not read all that is to be backed up to ${target.name}: ${lastWords(stderr)}`,
  );
}

/** It did not come to an end in time; its own last words say what it waited for. */
export function resticSilent(
  deed: string,
  target: BackupTarget,
  seconds: number,
  stderr: string,
): AutoGitError {
  const words = lastWords(stderr);
  const known = meaningOf(null, stderr);
  const key = known === null || known === 'backup.no-repository' ? 'backup.target-unreachable' : known;
  const said = words === '' ? '' : `; restic said: ${words}`;
  return targetProblem(
    key,
    target,
    `restic could not ${deed} at ${placeOf(target)} within ${seconds} seconds${said}.`,
  );
}

/** restic has ended with an error. `deed` completes "restic could not …". */
export function resticFailed(
  deed: string,
  target: BackupTarget,
  end: { readonly code: number | null; readonly stderr: string; readonly why?: string },
): AutoGitError {
  const words = lastWords(end.stderr) || end.why || `it ended with code ${end.code ?? 'none'}`;
  const key = meaningOf(end.code, end.stderr) ?? 'backup.restic-failed';
  return targetProblem(key, target, `restic could not ${deed} at ${placeOf(target)}: ${words}`);
}

type FailureKey = keyof typeof nexts;

function targetProblem(key: FailureKey, target: BackupTarget, message: string): AutoGitError {
  const retry =
    key === 'backup.target-unreachable' || key === 'backup.locked' || key === 'backup.target-absent';
  return new AutoGitError({ key, message, next: nexts[key], fields: { target: target.name }, retry });
}

/** What to do, by key. */
const nexts = {
  'backup.password-wrong':
    'Type the twelve words of the recovery sheet that belongs to this repository: the password of another home does not open it.',
  'backup.no-repository':
    'If backups were kept there before, something else is mounted or the folder was moved: bring it back. Otherwise add the target again, which makes a repository.',
  'backup.target-unreachable':
    'Check that the machine or service is on and that its name, address and port are right; it is tried again by itself.',
  'backup.target-absent': 'Plug the disk in or mount the share, then try again; nothing is lost.',
  'backup.target-read-only':
    'Mount it so that it can be written (a disk with errors is made read-only by the system: check it); backups that are there can be restored all the same.',
  'backup.target-full':
    'Free space there, keep fewer backups (`autogit backup prune --dry-run` shows what would go), or add another target.',
  'backup.target-permission':
    'Let the user that AutoGit runs as read and write there: owner and mode of the folder and of all that is in it.',
  'backup.target-refused':
    'Check the keys of this target and what they may do there: read, write, list and delete; then set them again.',
  'backup.host-key':
    'If the machine was set up anew, look at the keys that it shows now (`autogit backup test-target`), compare them at the machine itself, and put the right one in the target. Otherwise somebody stands between: send nothing there.',
  'backup.repository-newer': 'Install a newer restic, or let the container engine run the pinned one.',
  'backup.repository-damaged':
    'Restore what is still whole (`autogit backup drill` says what is), keep the repository as it is for looking, and begin a new one at another place.',
  'backup.locked':
    'Wait until the other machine or program is through. If it was switched off in the middle, its lock is no longer minded after 30 minutes.',
  'backup.clock':
    "Set this machine's clock right (`timedatectl set-ntp true`), and the other one's; then try again.",
  'backup.helper-missing':
    'Install it (packages openssh-client and rclone); for rclone, restic has to be installed as well, as its image has none.',
  'backup.source-unreadable':
    'Look at the disk of this machine: a file that AutoGit itself has written can no longer be read. The backup was not kept.',
  'backup.no-space': 'Free space on the disk of the home folder, then try again.',
  'backup.restic-failed': "restic's words say what it did not like; try again when that is mended.",
} as const;

/** https://restic.readthedocs.io/en/v0.18.1/075_scripting.html#exit-codes; older ones than 0.17 know 0, 1 and 3 alone. */
const codes: ReadonlyMap<number, FailureKey> = new Map([
  [10, 'backup.no-repository'],
  [11, 'backup.locked'],
  [12, 'backup.password-wrong'],
]);

/**
 * Words of restic, of what it starts, of Linux and of S3 services; the first that fits counts.
 */
const meanings: readonly { readonly key: FailureKey; readonly words: RegExp }[] = [
  { key: 'backup.password-wrong', words: /wrong password or no key found/i },
  {
    key: 'backup.repository-newer',
    words:
      /repository version \d+ too high|unsupported repository version|only supports? repository version/i,
  },
  { key: 'backup.locked', words: /already locked|unable to create lock in backend: repository is/i },
  {
    key: 'backup.host-key',
    words:
      /host key verification failed|remote host identification has changed|no \S+ host key is known|no matching host key type/i,
  },
  { key: 'backup.helper-missing', words: /exec: "[^"]*(?:ssh|rclone)[^"]*": |fork\/exec \S*(?:ssh|rclone)/i },
  {
    key: 'backup.clock',
    words:
      /RequestTimeTooSkewed|difference between the request'?s? time and the (?:server'?s?|current) time|certificate has expired or is not yet valid: current time \S+ is before/i,
  },
  {
    key: 'backup.target-refused',
    words:
      /permission denied \((?:publickey|password|keyboard|gssapi)|load key .*(?:invalid format|error in libcrypto|incorrect passphrase)|too many authentication failures|InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied|access denied|access key id you provided|the request signature we calculated|invalid credentials|40[13] (?:unauthorized|forbidden)|unexpected HTTP response \(40[13]\)/i,
  },
  {
    key: 'backup.target-full',
    words:
      /no space left on device|disk quota exceeded|quota ?exceeded|insufficient ?storage|XMinioStorageFull|storage (?:limit|quota)|507 |file too large/i,
  },
  { key: 'backup.target-read-only', words: /read-only file ?system|SSH_FX_WRITE_PROTECT/i },
  {
    key: 'backup.target-permission',
    words: /permission denied|operation not permitted|SSH_FX_PERMISSION_DENIED/i,
  },
  {
    key: 'backup.target-absent',
    words:
      /input\/output error|no such device|transport endpoint is not connected|stale (?:nfs )?file handle|host is down/i,
  },
  {
    key: 'backup.target-unreachable',
    words:
      /connection refused|connection reset|connection timed out|connection closed|connection lost|no route to host|network is unreachable|no such host|could not resolve hostname|name resolution|name or service not known|i\/o timeout|handshake (?:timeout|failure)|context deadline exceeded|server misbehaving|broken pipe|ssh command exited|unexpected EOF|: EOF|SlowDown|please reduce your request rate|50[0234] |service unavailable|internal (?:server )?error|we encountered an internal error|didn't find section in config file|unexpected HTTP response|x509:|tls: /i,
  },
  {
    key: 'backup.no-repository',
    words:
      /is there a repository at the following location|repository does not exist|unable to open config file/i,
  },
  {
    key: 'backup.repository-damaged',
    words:
      /ciphertext verification failed|invalid data returned|wrong data returned|hash is invalid|returned invalid hash|is damaged|not found in index|LoadIndex returned errors|packs from index missing|index is not complete|repository contains errors|file size does not match|unexpected file size|decompress\w* (?:blob )?\S* ?failed|not found in repository|could not load snapshot|StreamPack: .*no such file|pack [0-9a-f]{8,}:? does not exist/i,
  },
];

/** By its code, then by the words of its end, and only then by those of attempts that it has repeated. `null`: nobody knows them. */
export function meaningOf(code: number | null, stderr: string): FailureKey | null {
  const byCode = code === null ? undefined : codes.get(code);
  const final = stderr.split('\n').filter((line) => !/returned error, retrying after/i.test(line));
  return byCode ?? meaningIn(final.join('\n')) ?? meaningIn(stderr);
}

function meaningIn(text: string): FailureKey | null {
  return meanings.find(({ words }) => words.test(text))?.key ?? null;
}

const mostLines = 3;
const mostCharacters = 600;

/** What it said last, in a line; what it says of its own use is left out. */
export function lastWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => plainLine(line).trim())
    .filter(
      (line) =>
        line !== '' && !/^(?:the `unlock` command|is there a repository at|\/|s3:|sftp:|rclone:)/i.test(line),
    );
  return lines.slice(-mostLines).join('; ').slice(-mostCharacters);
}

/** With `--json` newer ones write errors as documents. https://restic.readthedocs.io/en/v0.18.1/075_scripting.html#exit-errors */
export function plainLine(line: string): string {
  if (!line.startsWith('{')) return line.replace(/^Fatal: /, '');
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
  return message === undefined ? line : unquote(message).replace(/^Fatal: /, '');
}

function unquote(text: string): string {
  return text.replace(/\\n/g, '; ').replace(/\\(["\\/])/g, '$1');
}
