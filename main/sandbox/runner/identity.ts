// Who this runner says it is.
import { createHmac, randomInt } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The release of GitLab's runner whose protocol this one speaks. */
export const protocolVersion = '19.4.0';
const revision = 'autogit-sandbox';

/** What every request carries about this runner. */
export interface RunnerIdentity {
  readonly token: string;
  readonly systemId: string;
  readonly userAgent: string;
  readonly info: RunnerInfo;
}

export interface RunnerInfo {
  readonly name: string;
  readonly version: string;
  readonly revision: string;
  readonly platform: string;
  readonly architecture: string;
  readonly executor: 'shell';
  readonly shell: 'bash' | 'sh';
  readonly features: Readonly<Record<string, boolean>>;
  readonly config: { readonly gpus: string };
}

const can = [
  'variables', 'artifacts', 'cache', 'fallback_cache_keys', 'shared', 'upload_multiple_artifacts',
  'upload_raw_artifacts', 'refspecs', 'masking', 'raw_variables', 'artifacts_exclude', 'multi_build_steps',
  'trace_reset', 'trace_checksum', 'trace_size', 'cancelable', 'return_exit_code', 'cancel_gracefully',
  'two_phase_job_commit',
]; // prettier-ignore
const cannot = [
  'image', 'services', 'session', 'terminal', 'proxy', 'vault_secrets', 'service_variables',
  'service_multiple_aliases', 'image_executor_opts', 'service_executor_opts', 'native_steps_integration',
  'job_inputs',
]; // prettier-ignore

/** Go's name of this processor, which GitLab expects. */
export function goArchitecture(): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };
  return names[process.arch] ?? process.arch;
}

export function identify(token: string, systemId: string, shell: 'bash' | 'sh'): RunnerIdentity {
  const architecture = goArchitecture();
  const features = Object.fromEntries([
    ...can.map((key) => [key, true] as const),
    ...cannot.map((key) => [key, false] as const),
  ]);
  return {
    token,
    systemId,
    userAgent: `gitlab-runner ${protocolVersion} (${revision}; node${process.versions.node}; linux/${architecture})`,
    info: {
      name: 'gitlab-runner',
      version: protocolVersion,
      revision,
      platform: 'linux',
      architecture,
      executor: 'shell',
      shell,
      features,
      config: { gpus: '' },
    },
  };
}

/** The output of `--version`, laid out as GitLab's runner does. */
export function renderVersion(): string {
  return [
    `Version:      ${protocolVersion}`,
    `Git revision: ${revision}`,
    `Git branch:   AutoGit sandbox runner`,
    `Node version: ${process.versions.node}`,
    `OS/Arch:      linux/${goArchitecture()}`,
    '',
  ].join('\n');
}

/** The part of a token that may be shown, fit for a folder's name: 9 characters after a known prefix. */
export function shortToken(token: string): string {
  return token
    .replace(/^(?:glrtr-|glcbt-|(?:glrt-)?(?:t[123]_)?)/, '')
    .slice(0, 9)
    .replaceAll(/[^\w-]/g, '_');
}

/**
 * The id in the file, or a new one that is then kept there: from the machine's id where it has one, otherwise
 * random. The file may be unwritable; the id then lasts as long as the process.
 * @see https://docs.gitlab.com/runner/fleet_scaling/#generation-of-system_id-identifiers
 */
export async function observeSystemId(file: string): Promise<string> {
  const kept = (await readText(file)).trim();
  if (/^[sr]_[0-9a-zA-Z]{12}$/.test(kept)) return kept;
  const created = await createSystemId();
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, created, { mode: 0o600 });
  } catch (error) {
    process.stderr.write(`WARNING: cannot keep the system ID in ${file}: ${String(error)}\n`);
  }
  return created;
}

export async function createSystemId(): Promise<string> {
  const machine =
    (await readText('/var/lib/dbus/machine-id')).trim() || (await readText('/etc/machine-id')).trim();
  if (machine !== '') {
    return `s_${createHmac('sha256', machine).update('gitlab-runner').digest('hex').slice(0, 12)}`;
  }
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  return `r_${Array.from({ length: 12 }, () => letters[randomInt(letters.length)]).join('')}`;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return '';
  }
}
