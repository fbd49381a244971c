// The shell scripts of a job's stages.

const bold = { cyan: '\u001b[36;1m', green: '\u001b[32;1m', red: '\u001b[31;1m' } as const;
const yellow = '\u001b[0;33m';
const reset = '\u001b[0;m';

/** Text in one of the colours that GitLab's runner uses in logs. */
export function colour(name: keyof typeof bold | 'yellow', text: string): string {
  return `${name === 'yellow' ? yellow : bold[name]}${text}${reset}`;
}

/** One word for any POSIX shell. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export interface ScriptOptions {
  readonly cwd: string;
  /** `CI_DEBUG_TRACE`. */
  readonly xtrace: boolean;
  /** Said before the first command, if any. */
  readonly notice?: string;
}

/**
 * The script of one step, for bash or sh on standard input. It says every command before it runs it, reads nothing
 * from its own input, stops at the first failure and leaves with that command's exit code.
 */
export function renderStepScript(commands: readonly string[], options: ScriptOptions): string {
  const body = [
    'if [ -r "$GITLAB_ENV" ]; then while read -r line; do export "$line"; done < "$GITLAB_ENV"; fi',
    `cd ${quoteForShell(options.cwd)}`,
    ...(options.notice === undefined ? [] : [say(colour('green', options.notice))]),
    ...commands.flatMap((command) => sayAndRun(command.trim())),
  ];
  return wrap(body, options.xtrace);
}

/** A file that only the job's user may read. */
export interface PrivateFile {
  readonly path: string;
  readonly content: string;
}

/** The first script of a job: makes its folders, and its private files in them. */
export function renderPrepareScript(
  folders: readonly string[],
  privateFolders: readonly string[],
  files: readonly PrivateFile[],
): string {
  const body = [
    'echo "Running on $(hostname)..."',
    ...folders.map((folder) => `mkdir -p -- ${quoteForShell(folder)}`),
    'umask 077',
    ...privateFolders.map(
      (folder) => `rm -rf -- ${quoteForShell(folder)}; mkdir -p -- ${quoteForShell(folder)}`,
    ),
    ...files.map((file) => `printf '%s' ${quoteForShell(file.content)} > ${quoteForShell(file.path)}`),
  ];
  return wrap(body, false);
}

function sayAndRun(command: string): readonly string[] {
  if (command === '') return ['echo'];
  const [first = '', ...more] = command.split('\n');
  const shown = more.length === 0 ? `$ ${command}` : `$ ${first} # collapsed multi-line command`;
  return [say(colour('green', shown)), command];
}

function say(text: string): string {
  return `printf '%s\\n' ${quoteForShell(text)}`;
}

/** `eval` reads the commands one by one, so that those before a syntax error still run. */
function wrap(body: readonly string[], xtrace: boolean): string {
  return [
    "trap 'exit 1' TERM",
    'exec 2>&1',
    ...(xtrace ? ['set -o xtrace'] : []),
    'case "$(set -o)" in *pipefail*) set -o pipefail;; esac; set -o errexit',
    'set +o noclobber',
    `(trap 'exit 1' TERM; eval ${quoteForShell(body.join('\n'))}) < /dev/null`,
    'exit 0',
    '',
  ].join('\n');
}

const clearLine = '\u001b[0K';

/** The invisible mark with which GitLab folds a part of a log. `name` has no colons or spaces. */
export function renderSectionMark(kind: 'start' | 'end', name: string, unixSeconds: number): string {
  return `section_${kind}:${unixSeconds}:${name}\r${clearLine}`;
}
