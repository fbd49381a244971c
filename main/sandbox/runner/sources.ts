// The git commands that bring a job's source into its folder.
import type { Job } from './job.ts';
import { isOn } from './variables.ts';

/** One command of the source stage. */
export interface SourceStep {
  /** Said before it, in green. */
  readonly notice?: string;
  readonly command: 'git' | 'rm' | 'chmod' | 'mkdir' | 'none';
  readonly args: readonly string[];
  /** Said instead of failing the stage; the step's own output is then not shown. */
  readonly otherwise?: SourceStep;
  /** Said when it worked. */
  readonly success?: string;
  /** Failing is nothing. */
  readonly isOptional?: boolean;
}

export interface SourcePlace {
  readonly projectDir: string;
  /** Git configuration with the address that carries the job's token. */
  readonly gitConfigFile: string;
  /** Host part that replaces the one of the job, `clone_url` of the configuration. */
  readonly cloneUrl: string | null;
  readonly userAgent: string;
  /** The folder has a shallow clone from an earlier job. */
  readonly isShallow: boolean;
}

type Lookup = (key: string) => string;

/** Thrown for settings that no runner understands; the message is for the log. */
export class SourceSettingError extends Error {
  override readonly name = 'SourceSettingError';
}

/** Plans the source stage. `lookup` gives a variable's value, empty when unset. Throws `SourceSettingError`. */
export function planSources(job: Job, place: SourcePlace, lookup: Lookup): readonly SourceStep[] {
  const strategy = lookup('GIT_STRATEGY') || (job.allow_git_fetch ? 'fetch' : 'clone');
  const { projectDir } = place;
  const makeDir: SourceStep = { command: 'mkdir', args: ['-p', '--', projectDir] };
  switch (strategy) {
    case 'none':
      return [{ ...makeDir, notice: 'Skipping Git repository setup' }, ...skipCheckout];
    case 'empty':
      return [
        {
          command: 'none',
          args: [],
          notice: 'Skipping Git repository setup and creating an empty build directory',
        },
        ...removeFolder(projectDir),
        makeDir,
        ...skipCheckout,
      ];
    case 'clone':
      return [
        ...removeFolder(projectDir),
        ...planFetch(job, place, lookup),
        ...planCheckout(job, place, lookup),
      ];
    case 'fetch':
      return [
        ...removeLocks(projectDir),
        ...planFetch(job, place, lookup),
        ...planCheckout(job, place, lookup),
      ];
    default:
      throw new SourceSettingError(`unknown GIT_STRATEGY "${strategy}"`);
  }
}

const skipCheckout: readonly SourceStep[] = [
  { command: 'none', args: [], notice: 'Skipping Git checkout' },
  { command: 'none', args: [], notice: 'Skipping Git submodules setup' },
];

function removeFolder(folder: string): readonly SourceStep[] {
  return [
    { command: 'chmod', args: ['-R', '-f', 'u+rwX', folder], isOptional: true },
    { command: 'rm', args: ['-rf', '--', folder] },
  ];
}

/** Locks stay behind when a job is stopped while git works; a hook of an earlier job must not run in this one. */
function removeLocks(projectDir: string): readonly SourceStep[] {
  const files = ['index.lock', 'shallow.lock', 'HEAD.lock', 'config.lock', 'hooks/post-checkout'];
  return [{ command: 'rm', args: ['-f', '--', ...files.map((file) => `${projectDir}/.git/${file}`)] }];
}

function planFetch(job: Job, place: SourcePlace, lookup: Lookup): readonly SourceStep[] {
  const { projectDir, gitConfigFile } = place;
  const { depth, refspecs } = job.git_info;
  const url = renderRemoteUrl(job.git_info.repo_url, place.cloneUrl);
  const inProject = ['-C', projectDir];
  return [
    {
      notice: depth > 0 ? `Fetching changes with git depth set to ${depth}...` : 'Fetching changes...',
      command: 'git',
      args: ['-c', 'init.defaultBranch=none', 'init', '--template=', projectDir],
    },
    {
      command: 'git',
      args: [...inProject, 'remote', 'add', 'origin', url],
      success: 'Created fresh repository.',
      otherwise: { command: 'git', args: [...inProject, 'remote', 'set-url', 'origin', url] },
    },
    { command: 'git', args: [...inProject, 'config', '--replace-all', 'include.path', gitConfigFile] },
    {
      command: 'git',
      args: [
        ...inProject,
        ...['-c', `http.userAgent=${place.userAgent}`, '-c', 'credential.interactive=never'],
        ...['-c', 'gc.autoDetach=false', 'fetch', 'origin', '--no-recurse-submodules'],
        ...refspecs,
        ...(depth > 0 ? ['--depth', String(depth)] : []),
        ...words(lookup('GIT_FETCH_EXTRA_FLAGS'), ['--prune', '--quiet']),
        ...(depth <= 0 && place.isShallow ? ['--unshallow'] : []),
      ],
    },
  ];
}

function planCheckout(job: Job, place: SourcePlace, lookup: Lookup): readonly SourceStep[] {
  const { sha, ref } = job.git_info;
  const inProject = ['-C', place.projectDir];
  if (lookup('GIT_CHECKOUT') !== '' && !isOn(lookup('GIT_CHECKOUT'))) return skipCheckout;
  const cleanFlags = words(lookup('GIT_CLEAN_FLAGS'), ['-ffdx']);
  return [
    {
      notice: `Checking out ${sha.slice(0, 8)} as detached HEAD (ref is ${ref})...`,
      command: 'git',
      args: [...inProject, '-c', 'submodule.recurse=false', 'checkout', '-f', '-q', sha],
    },
    ...(cleanFlags.length === 0
      ? []
      : [{ command: 'git', args: [...inProject, 'clean', ...cleanFlags] } as const]),
    ...planSubmodules(place, lookup),
  ];
}

function planSubmodules(place: SourcePlace, lookup: Lookup): readonly SourceStep[] {
  const strategy = lookup('GIT_SUBMODULE_STRATEGY') || 'none';
  if (strategy === 'none') return skipCheckout.slice(1);
  if (strategy !== 'normal' && strategy !== 'recursive') {
    throw new SourceSettingError(`unknown GIT_SUBMODULE_STRATEGY "${strategy}"`);
  }
  const inProject = ['-C', place.projectDir];
  const recursive = strategy === 'recursive' ? ['--recursive'] : [];
  const depth = Number(lookup('GIT_SUBMODULE_DEPTH'));
  const depthFlags = depth > 0 ? ['--depth', String(depth)] : [];
  return [
    {
      notice: `Updating/initializing submodules${recursive.length > 0 ? ' recursively' : ''}${depth > 0 ? ` with git depth set to ${depth}` : ''}...`,
      command: 'git',
      args: [...inProject, 'submodule', 'init'],
    },
    { command: 'git', args: [...inProject, 'submodule', 'sync', ...recursive] },
    {
      command: 'git',
      args: [
        ...inProject,
        ...['-c', `include.path=${place.gitConfigFile}`, 'submodule', 'update', '--init', ...recursive],
        ...depthFlags,
        ...words(lookup('GIT_SUBMODULE_UPDATE_FLAGS'), []),
      ],
      success: 'Updated submodules',
    },
  ];
}

/** Flags of a variable: its words, `none` for no flags, the usual ones when it is unset. */
function words(value: string, usual: readonly string[]): readonly string[] {
  if (value.trim() === '') return usual;
  return value.trim() === 'none' ? [] : value.trim().split(/\s+/);
}

/** The address to clone from, without the token in it. */
function renderRemoteUrl(repoUrl: string, cloneUrl: string | null): string {
  const url = parseRepoUrl(repoUrl, cloneUrl);
  if (url === null) return repoUrl;
  url.username = '';
  url.password = '';
  return url.href;
}

/**
 * Git configuration that puts the job's token into addresses of the same host, so that it is in no command line and
 * not in the project's own configuration, and names the file of roots (`ca`) to trust for that host. Empty when there is
 * neither.
 */
export function renderGitConfig(repoUrl: string, cloneUrl: string | null, ca: string | null = null): string {
  const url = parseRepoUrl(repoUrl, cloneUrl);
  if (url === null) return '';
  const base = `${url.protocol}//${url.host}/`;
  const trust =
    ca === null || url.protocol !== 'https:' ? '' : `[http "${base}"]\n\tsslCAInfo = ${quoteForGit(ca)}\n`;
  if (url.username === '') return trust;
  const token = url.password === '' ? url.username : `${url.username}:${url.password}`;
  return `[url "${url.protocol}//${token}@${url.host}/"]\n\tinsteadOf = "${base}"\n${trust}`;
}

/** A value of git's configuration: https://git-scm.com/docs/git-config#_syntax */
function quoteForGit(text: string): string {
  const escaped = text.replaceAll(/[\\"]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`);
  return `"${escaped}"`;
}

function parseRepoUrl(repoUrl: string, cloneUrl: string | null): URL | null {
  if (!URL.canParse(repoUrl)) return null;
  const url = new URL(repoUrl);
  if (cloneUrl !== null && URL.canParse(cloneUrl)) {
    const other = new URL(cloneUrl);
    url.protocol = other.protocol;
    url.host = other.host;
    url.port = other.port;
  }
  return url;
}
