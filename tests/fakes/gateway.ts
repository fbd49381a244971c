// What the gateway's policy is asked in tests: a runner with a grant, and an engine with things of its own and of others.
import { createHmac } from 'node:crypto';
import { decide } from '../../main/gateway/policy.ts';
import type { Decision } from '../../main/gateway/decision.ts';
import type { Json } from '../../main/gateway/fields.ts';
import type { Known } from '../../main/gateway/known.ts';
import type { RunnerRequest } from '../../main/gateway/request.ts';
import { jobCapabilities } from '../../main/model/grant.ts';
import type { Grant } from '../../main/model/grant.ts';

export const someGrant: Grant = {
  pool: 'images',
  cpus: 1.5,
  memoryMiB: 256,
  capabilities: [...jobCapabilities],
  gpus: null,
  devices: [],
  ...{ groups: [], gpuLabel: null },
  platform: null,
  ...{ pids: null, shmMiB: null, diskMiB: null, env: {}, mounts: [], trust: null, cache: null },
  pull: true,
  reach: [{ container: 'autogit-sandbox-1', alias: 'gitlab' }],
};

/** Names that begin with `runner-own` are the runner's; `runner-other…` and what has no such name is somebody else's. */
export const someKnown: Known = {
  runner: 'autogit-runner-images-0a1b2c3d',
  instance: 'home-1',
  engine: { kind: 'docker', rootless: false },
  find: ({ kind, name }) =>
    name.startsWith('runner-new')
      ? null
      : { id: `id-of-${kind}-${name}`, name, own: name.startsWith('runner-own') },
  sign: (text) => createHmac('sha256', 'key').update(text).digest('hex'),
};

export function ask(
  method: string,
  target: string,
  body?: Json,
  more: {
    readonly upgrade?: boolean;
    readonly grant?: Readonly<Partial<Grant>>;
    readonly known?: Partial<Known>;
  } = {},
): Decision {
  const request: RunnerRequest = { method, target, upgrade: more.upgrade ?? false, body };
  return decide(request, { ...someGrant, ...more.grant }, { ...someKnown, ...more.known });
}

/** A create request as gitlab-runner 19.4 sends it for the container in which a job's script runs. */
export const jobBody = {
  Hostname: 'runner-cw9zmt9xr-project-1-concurrent-0',
  Domainname: '',
  AttachStdin: true,
  Tty: false,
  Env: ['CI=true'],
  Cmd: ['sh', '-c', 'true'],
  Image: 'sha256:4e0398d2717fffa0baf8cbbe63b6e83f8dc0de5ec663ae537adaf8a8e7194217',
  Volumes: null,
  Labels: { 'com.gitlab.gitlab-runner.type': 'build' },
  HostConfig: {
    Binds: ['runner-own-cache:/builds'],
    LogConfig: { Type: 'json-file', Config: null },
    NetworkMode: 'runner-own-network',
    PortBindings: null,
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    ConsoleSize: [0, 0],
    Privileged: false,
    Memory: 0,
    MemorySwappiness: null,
  },
  NetworkingConfig: {
    EndpointsConfig: {
      'runner-own-network': {
        IPAMConfig: null,
        Links: null,
        Aliases: ['build'],
        MacAddress: '',
        DriverOpts: null,
      },
    },
  },
} as const;

export const createTarget = '/v1.41/containers/create?name=runner-new-build';
