// What a runner container is made of: the official runner's command, or the sandbox's own under the same name.
import { stringify } from 'smol-toml';
import type { TomlTable } from 'smol-toml';
import { gpuEnvironment } from '../model/gpu-request.ts';
import type { GpuRequest } from '../model/gpu-request.ts';
import type { Pool } from '../model/pool.ts';
import type { Action, GitlabAddress } from '../model/world.ts';
import type { ContainerFile, ContainerSpec } from '../ports.ts';
import { closedWays, groupsVariable, jobUserFiles, startProgram, startsAsRoot } from './job-user.ts';
import { poolContainer } from './pool-grant.ts';

type StartRunner = Extract<Action, { kind: 'start-runner' }>;

const configFolder = '/etc/gitlab-runner';
/** It trusts this root besides those of its image, and hands the chain on to its jobs: `CI_SERVER_TLS_CA_FILE`. */
const caFile = `${configFolder}/autogit-ca.crt`;

/** What a root user in a container needs to run a job as another user; everything else is dropped. */
const capabilities = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'SETGID', 'SETUID'];

/**
 * The container of one runner. Its token is not in here: it goes into a file of the container. `cache`: the volume that
 * it has as `/cache`.
 */
export function runnerContainer(
  action: StartRunner,
  name: string,
  labels: Readonly<Record<string, string>>,
  knows: Readonly<Record<string, string>>,
  cache: string | null = null,
): ContainerSpec {
  const { pool, image, network, gpu } = action;
  // With executor `image` the job's containers have them, and the gateway sees to that.
  const own = pool.executor === 'image' ? null : (gpu?.request ?? null);
  return {
    name,
    image,
    entrypoint: changesUser(action) ? ['sh', startProgram] : ['gitlab-runner'],
    command: [
      'run-single',
      '--config',
      `${configFolder}/config.toml`,
      '--runner',
      name,
      '--wait-timeout',
      String(pool.idleTime),
      ...(pool.jobsPerRunner === null ? [] : ['--max-builds', String(pool.jobsPerRunner)]),
    ],
    env: { ...gpuEnvironment(own), ...groupsOf(own) },
    labels,
    network,
    aliases: [],
    publish: [],
    volumes: {},
    ...(pool.executor === 'image' ? {} : poolContainer(pool, cache)),
    cpus: pool.cpus,
    memoryMiB: pool.memoryMiB,
    stopSignal: 'SIGQUIT',
    capabilities,
    knows,
    ...(own === null ? {} : { gpu: own }),
  };
}

function groupsOf(gpu: GpuRequest | null): Readonly<Record<string, string>> {
  return gpu === null || gpu.groups.length === 0 ? {} : { [groupsVariable]: gpu.groups.join(',') };
}

/** Whether the runner would run jobs as its own user, who is root. */
function changesUser({ pool, image }: Pick<StartRunner, 'pool' | 'image'>): boolean {
  return pool.executor === 'container' && startsAsRoot(image);
}

/** What a runner of executor `image` makes its jobs' containers with. */
export interface ImageExecutor {
  /** Where it finds its engine: the gateway, with the runner's token in the address. */
  readonly host: string;
  /** For jobs that name none. */
  readonly image: string;
  readonly pullPolicy: Pool['pullPolicy'];
}

/**
 * The runner's configuration with its token, and its identity at GitLab, both readable by root alone. `images`: `null`
 * for jobs that run in the runner container itself, which then have `env`.
 * https://docs.gitlab.com/runner/configuration/advanced-configuration/
 */
export function runnerFiles(
  name: string,
  { runnerUrl, ca = null }: Pick<GitlabAddress, 'runnerUrl' | 'ca'>,
  token: string,
  systemId: string,
  images: ImageExecutor | null = null,
  env: Readonly<Record<string, string>> = {},
): readonly ContainerFile[] {
  const folders = { builds_dir: '/builds', cache_dir: '/cache' };
  const executor = images === null ? shellExecutor(env, folders) : dockerExecutor(images, folders);
  const config = {
    concurrent: 1,
    check_interval: 1,
    runners: [
      { name, url: runnerUrl, token, ...(ca === null ? {} : { 'tls-ca-file': caFile }), ...executor },
    ],
  };
  return [
    { path: `${configFolder}/config.toml`, content: stringify(config), mode: 0o600 },
    { path: `${configFolder}/.runner_system_id`, content: systemId, mode: 0o600 },
    ...(ca === null ? [] : [{ path: caFile, content: ca, mode: 0o644 }]),
    ...(images === null ? jobUserFiles : []),
  ];
}

/** Jobs run in the runner's container, as another user. */
function shellExecutor(
  env: Readonly<Record<string, string>>,
  folders: Readonly<Record<string, string>>,
): TomlTable {
  const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const own = pairs.length === 0 ? {} : { environment: pairs };
  return { executor: 'shell', shell: 'bash', ...folders, ...own, feature_flags: { ...closedWays } };
}

/** A network of its own for each job: no other job is on it, and neither runner nor gateway. */
function dockerExecutor(
  { host, image, pullPolicy }: ImageExecutor,
  folders: Readonly<Record<string, string>>,
): TomlTable {
  // A registry that does not answer keeps no job from an image that is there.
  const policies = pullPolicy === 'always' ? [pullPolicy, 'if-not-present'] : [pullPolicy];
  return {
    ...{ executor: 'docker', ...folders, feature_flags: { FF_NETWORK_PER_BUILD: true } },
    docker: { host, image, volumes: ['/cache'], pull_policy: policies },
  };
}
