// A job's variables as its processes see them: the runner's own added, references expanded, files named by path.
import type { Job, JobVariable } from './job.ts';

/** Where a job runs and with what, for the variables that only the runner knows. */
export interface JobPlace {
  readonly buildsDir: string;
  readonly projectDir: string;
  /** The job's private folder: file variables, its home. */
  readonly tempDir: string;
  readonly timeoutSeconds: number;
  readonly shortToken: string;
  readonly runnerVersion: string;
  /** Go's names, e.g. `linux/amd64`. */
  readonly runnerPlatform: string;
  /** `environment` of the runner's configuration. */
  readonly environment: readonly JobVariable[];
  /** PEM of a root that the runner trusts; `null`: none but the usual ones. */
  readonly ca: string | null;
}

/** Names the file with that root, as GitLab's runner does: for scripts that ask GitLab. */
const caVariable = 'CI_SERVER_TLS_CA_FILE';

function own(key: string, value: string): JobVariable {
  return { key, value, public: true, masked: false, file: false, raw: false };
}

/**
 * All variables of a job in order of precedence (the last of a name wins), references expanded once.
 * Names that no process can have are left out.
 */
export function jobVariables(job: Job, place: JobPlace): readonly JobVariable[] {
  const all = [
    ...place.environment,
    ...(place.ca === null ? [] : [{ ...own(caVariable, place.ca), file: true, raw: true }]),
    own('CI_RUNNER_SHORT_TOKEN', place.shortToken),
    own('CI_BUILDS_DIR', place.buildsDir),
    own('CI_PROJECT_DIR', place.projectDir),
    own('CI_CONCURRENT_ID', '0'),
    own('CI_CONCURRENT_PROJECT_ID', '0'),
    own('CI_SERVER', 'yes'),
    own('CI_JOB_STATUS', 'running'),
    own('CI_JOB_TIMEOUT', String(place.timeoutSeconds)),
    ...job.variables,
    own('CI_SHARED_ENVIRONMENT', 'true'),
    own('CI_RUNNER_VERSION', place.runnerVersion),
    own('CI_RUNNER_EXECUTABLE_ARCH', place.runnerPlatform),
    own('RUNNER_TEMP_PROJECT_DIR', place.tempDir),
    own('GITLAB_ENV', `${place.tempDir}/gitlab_runner_env`),
  ].filter((variable) => /^\w+$/.test(variable.key));
  const lookup = (key: string): string => variableValue(all, key, place.tempDir);
  return all.map((variable) =>
    variable.raw ? variable : { ...variable, value: expandReferences(variable.value, lookup) },
  );
}

/** What a process would see under a name: the value, the path of a file variable, or nothing. */
export function variableValue(variables: readonly JobVariable[], key: string, tempDir: string): string {
  const found = variables.findLast((variable) => variable.key === key);
  if (found === undefined) return '';
  return found.file ? `${tempDir}/${key}` : found.value;
}

/**
 * Replaces `$NAME` and `${NAME}` once, with the rules of Go's `os.Expand`, which GitLab's runner uses: unknown
 * names and shell specials become nothing, `$$` becomes `$`, a `$` before anything else stays.
 */
export function expandReferences(text: string, lookup: (key: string) => string): string {
  return text.replaceAll(
    /\$(?:\{([^}]*)\}|(\{)|([*#$@!?\-0-9])|([A-Za-z_]\w*))/g,
    (_all, braced: string | undefined, _open, special: string | undefined, name: string | undefined) => {
      const key = braced ?? special ?? name ?? '';
      if (key === '$') return '$';
      return /^\w+$/.test(key) && !/^\d$/.test(key) ? lookup(key) : '';
    },
  );
}

/** The variables as a process environment. */
export function environmentOf(
  variables: readonly JobVariable[],
  tempDir: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    variables.map((variable) => [variable.key, variableValue(variables, variable.key, tempDir)]),
  );
}

/** The file variables that have to exist before a script runs, by path. */
export function variableFiles(
  variables: readonly JobVariable[],
  tempDir: string,
): readonly { readonly path: string; readonly content: string }[] {
  const files = new Map(
    variables.map((variable) => [variable.key, variable.file ? variable.value : null] as const),
  );
  return [...files].flatMap(([key, content]) =>
    content === null ? [] : [{ path: `${tempDir}/${key}`, content }],
  );
}

/** Values that must not appear in the log. */
export function maskedValues(variables: readonly JobVariable[]): readonly string[] {
  return variables.filter((variable) => variable.masked).map((variable) => variable.value);
}

/** `true` and `1` in any case, as GitLab's runner reads switches. */
export function isOn(value: string): boolean {
  return /^(?:true|t|1)$/i.test(value);
}
