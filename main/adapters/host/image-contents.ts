// What the sandbox image holds besides node and our programs: lists and small files, no logic.

/** Where the engine's image has our programs. */
export const programPaths = {
  sandbox: '/opt/autogit/sandbox.mjs',
  runner: '/opt/autogit/runner.mjs',
  gateway: '/opt/autogit/gateway.mjs',
  backup: '/opt/autogit/backup.mjs',
} as const;

/** Without these there is no sandbox. */
export const requiredCommands = ['sh', 'git'] as const;

/** What scripts of CI jobs expect; a machine that lacks one makes an image without it. */
export const optionalCommands = [
  ...[
    'bash',
    'cat',
    'ls',
    'cp',
    'mv',
    'rm',
    'mkdir',
    'rmdir',
    'ln',
    'chmod',
    'chown',
    'chgrp',
    'install',
    'dd',
  ],
  ...[
    'sleep',
    'date',
    'env',
    'printenv',
    'id',
    'whoami',
    'groups',
    'uname',
    'hostname',
    'arch',
    'nproc',
    'tty',
  ],
  ...[
    'head',
    'tail',
    'sort',
    'uniq',
    'wc',
    'tr',
    'cut',
    'paste',
    'join',
    'comm',
    'seq',
    'tee',
    'split',
    'fold',
  ],
  ...[
    'nl',
    'tac',
    'shuf',
    'expand',
    'od',
    'test',
    '[',
    'true',
    'false',
    'yes',
    'printf',
    'echo',
    'expr',
    'pwd',
  ],
  ...[
    'stat',
    'du',
    'df',
    'sync',
    'setpriv',
    'truncate',
    'mktemp',
    'mkfifo',
    'touch',
    'timeout',
    'nice',
    'nohup',
    'kill',
  ],
  ...['sha1sum', 'sha256sum', 'sha512sum', 'md5sum', 'cksum', 'base64', 'base32', 'numfmt'],
  ...['basename', 'dirname', 'readlink', 'realpath', 'link', 'unlink'],
  ...['grep', 'egrep', 'fgrep', 'sed', 'awk', 'mawk', 'find', 'xargs', 'diff', 'cmp', 'which', 'ps', 'pgrep'],
  ...['tar', 'gzip', 'gunzip', 'zcat', 'bzip2', 'xz', 'zip', 'unzip', 'curl', 'wget', 'openssl', 'jq'],
] as const;

/**
 * Git's programs that are not the `git` binary itself, in its exec path: serving and cloning over HTTP, and
 * submodules. https://git-scm.com/docs/git#Documentation/git.txt---exec-pathpath
 */
export const gitPrograms = [
  ...[
    'git',
    'git-http-backend',
    'git-remote-http',
    'git-remote-https',
    'git-upload-pack',
    'git-receive-pack',
  ],
  ...['git-upload-archive', 'git-submodule', 'git-sh-setup', 'git-sh-i18n', 'git-sh-i18n--envsubst'],
] as const;

/** Libraries that programs load by name at run time, beside the C library: names of users and hosts. */
export const nameLibraries = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'] as const;

/** Copied when the host has them: certificates where curl and git look on different systems, a UTF-8 locale. */
export const hostFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
  '/etc/os-release',
] as const;

/** A folder of small files that C.UTF-8 is, on systems whose C library does not have it built in. */
export const localeFolder = '/usr/lib/locale/C.utf8';

/** Jobs run as this user, never as root. */
const jobUser = { uid: 1000, gid: 1000 } as const;

export interface ImageFolder {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
}

export const folders: readonly ImageFolder[] = [
  { path: '/tmp', mode: 0o1777, uid: 0 },
  { path: '/var/tmp', mode: 0o1777, uid: 0 },
  { path: '/run', mode: 0o755, uid: 0 },
  { path: '/root', mode: 0o700, uid: 0 },
  { path: '/home/job', mode: 0o755, uid: jobUser.uid },
  // Git warns at every clone when its templates are missing; an empty folder will do.
  { path: '/usr/share/git-core/templates', mode: 0o755, uid: 0 },
];

/** The layout of all current distributions: https://www.freedesktop.org/wiki/Software/systemd/TheCaseForTheUsrMerge/ */
export const mergedFolders: Readonly<Record<string, string>> = {
  '/bin': 'usr/bin',
  '/sbin': 'usr/sbin',
  '/lib': 'usr/lib',
  '/lib32': 'usr/lib32',
  '/lib64': 'usr/lib64',
};

const wrapper = (program: string): string =>
  `#!/bin/sh\nexec /usr/local/bin/node --disable-warning=ExperimentalWarning ${program} "$@"\n`;

export interface ImageText {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

export const texts: readonly ImageText[] = [
  { path: '/usr/bin/gitlab-runner', mode: 0o755, content: wrapper(programPaths.runner) },
  { path: '/usr/bin/autogit-sandbox', mode: 0o755, content: wrapper(programPaths.sandbox) },
  { path: '/usr/bin/autogit-gateway', mode: 0o755, content: wrapper(programPaths.gateway) },
  { path: '/usr/bin/gitlab-backup', mode: 0o755, content: wrapper(programPaths.backup) },
  {
    path: '/etc/passwd',
    mode: 0o644,
    content:
      'root:x:0:0:root:/root:/bin/sh\n' +
      `job:x:${String(jobUser.uid)}:${String(jobUser.gid)}:job:/home/job:/bin/sh\n` +
      'nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n',
  },
  {
    path: '/etc/group',
    mode: 0o644,
    content: `root:x:0:\njob:x:${String(jobUser.gid)}:\nnogroup:x:65534:\n`,
  },
  { path: '/etc/nsswitch.conf', mode: 0o644, content: 'passwd: files\ngroup: files\nhosts: files dns\n' },
];

/** Everything here that decides what an image holds. */
export const imageRecipe = {
  requiredCommands,
  optionalCommands,
  gitPrograms,
  nameLibraries,
  hostFiles,
  localeFolder,
  folders,
  mergedFolders,
  texts,
};
