// The create request of a job's container: what it may ask for, and what the pool writes in instead.
import { z } from 'zod';
import { renderLimits, renderLog, renderMounts, renderUlimits } from '../model/container-limits.ts';
import { gpuEnvironment, noGpuEnvironment, renderHostConfig } from '../model/gpu-request.ts';
import type { Grant } from '../model/grant.ts';
import { child, field, isEmpty, isObject, refuse, shorten, takeFields } from './fields.ts';
import type { Fields, Json, JsonObject, RefusalKey, Taken } from './fields.ts';
import type { Known, Reference } from './known.ts';
import { takeLabels } from './labels.ts';

const text = z.string();
const texts = z.array(text);
const command = z.union([text, texts]);
const flag = z.boolean();
const objectName = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** Sent by gitlab-runner with `image`, `services`, `cache` and `artifacts`; read from its requests, not from a manual. */
const configFields: Fields = new Map([
  ...['AttachStdin', 'AttachStdout', 'AttachStderr', 'OpenStdin', 'StdinOnce', 'Tty'].map(
    (name) => [name, field(flag)] as const,
  ),
  ...['Hostname', 'User', 'WorkingDir', 'StopSignal'].map((name) => [name, field(text)] as const),
  ['Env', field(texts)],
  ['Cmd', field(command)],
  ['Entrypoint', field(command)],
  ['Image', field(text)],
  ['Labels', field(z.record(text, text), 'gateway.label')],
  ['HostConfig', field(z.record(text, z.json()))],
  ['NetworkingConfig', field(z.record(text, z.json()))],
]);

const refusedConfig: ReadonlyMap<string, RefusalKey> = new Map([
  ['Volumes', 'gateway.bind'],
  ['MacAddress', 'gateway.namespace'],
]);

const logType = z.enum(['', 'json-file']);
const emptyLog = z.union([
  z.strictObject({ Type: logType }),
  z.strictObject({ Type: logType, Config: z.null() }),
]);
const restart = z.enum(['', 'no']);
const noRestart = z.union([
  z.strictObject({ Name: restart }),
  z.strictObject({ Name: restart, MaximumRetryCount: z.literal(0) }),
]);

/** `VOLUME:/PLACE[:rw|ro|nocopy]`: a name has no slash, so that no folder of the machine can be meant. */
const bind = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*:\/[^:\0]*(?::(?:rw|ro|nocopy)(?:,(?:rw|ro|nocopy))*)?$/);

const hostFields: Fields = new Map([
  ['Binds', field(z.array(bind), 'gateway.bind')],
  ['NetworkMode', field(z.string().regex(objectName), 'gateway.namespace')],
  ['ExtraHosts', field(z.array(z.string().regex(/^[A-Za-z0-9_.-]+:[0-9A-Fa-f.:]+$/)), 'gateway.namespace')],
  ['IpcMode', field(z.literal('private'), 'gateway.namespace')],
  ['CgroupnsMode', field(z.literal('private'), 'gateway.namespace')],
  ['RestartPolicy', field(noRestart)],
  ['LogConfig', field(emptyLog)],
  ['Isolation', field(z.literal('default'))],
  ['Init', field(flag)],
  ['ReadonlyRootfs', field(flag)],
  ['CapAdd', field(texts, 'gateway.capability')],
  ['CapDrop', field(texts, 'gateway.capability')],
  // The pool's limits hold, whatever is asked for.
  ...[
    'Memory',
    'MemorySwap',
    'MemoryReservation',
    'NanoCpus',
    'CpuPeriod',
    'CpuQuota',
    'CpuShares',
    'PidsLimit',
  ].map((name) => [name, field(z.number())] as const),
]);

const refusedHost: ReadonlyMap<string, RefusalKey> = new Map<string, RefusalKey>([
  ['Privileged', 'gateway.privileged'],
  ...['Mounts', 'VolumesFrom', 'VolumeDriver', 'Tmpfs', 'StorageOpt', 'ShmSize'].map(
    (name) => [name, 'gateway.bind'] as const,
  ),
  ...['PidMode', 'UTSMode', 'UsernsMode', 'Cgroup', 'Links', 'PortBindings', 'PublishAllPorts'].map(
    (name) => [name, 'gateway.namespace'] as const,
  ),
  ...['Devices', 'DeviceRequests', 'DeviceCgroupRules'].map((name) => [name, 'gateway.device'] as const),
  ...[
    'CgroupParent',
    'SecurityOpt',
    'Sysctls',
    'Runtime',
    'GroupAdd',
    'MaskedPaths',
    'ReadonlyPaths',
    'Ulimits',
  ].map((name) => [name, 'gateway.security'] as const),
]);

const endpoint: Fields = new Map([['Aliases', field(z.array(z.string().regex(objectName)), 'gateway.name')]]);

/** Everything of the engine's that the request names. */
export function createReferences(body: Json | undefined): readonly Reference[] {
  const host = child(body, 'HostConfig');
  const binds = child(host, 'Binds');
  const network = child(host, 'NetworkMode');
  const volumes = (Array.isArray(binds) ? binds : []).flatMap((item: Json) =>
    typeof item === 'string' && bind.safeParse(item).success ? [item.split(':', 1).join('')] : [],
  );
  return [
    ...volumes.map((name): Reference => ({ kind: 'volume', name })),
    ...(typeof network === 'string' && objectName.test(network) && network !== 'none'
      ? [{ kind: 'network', name: network } as const]
      : []),
  ];
}

/** The body that the engine gets. `name` is the container's, already checked. */
export function takeContainer(body: Json, name: string, grant: Grant, known: Known): Taken {
  const config = takeFields(body, '', configFields, refusedConfig);
  if ('refuse' in config) return config;
  const { HostConfig = {}, NetworkingConfig = {}, Labels = {}, Env, ...rest } = config.fields;
  const host = takeFields(HostConfig, 'HostConfig', hostFields, refusedHost);
  if ('refuse' in host) return host;
  const labels = takeLabels(Labels, name, grant, known, isJobContainer(body) ? grant.gpuLabel : null);
  if ('refuse' in labels) return labels;
  const foreign = createReferences(body).find((reference) => known.find(reference)?.own !== true);
  if (foreign !== undefined) {
    const key = foreign.kind === 'volume' ? 'gateway.bind' : 'gateway.namespace';
    return refuse(key, `the ${foreign.kind} ${foreign.name} is not this runner's`);
  }
  const network = typeof host.fields['NetworkMode'] === 'string' ? host.fields['NetworkMode'] : 'none';
  const endpoints = takeEndpoints(NetworkingConfig, network);
  if ('refuse' in endpoints) return endpoints;
  const capabilities = takeCapabilities(host.fields, grant);
  if ('refuse' in capabilities) return capabilities;
  const { Binds, ExtraHosts, Init, ReadonlyRootfs } = host.fields;
  return {
    fields: {
      ...rest,
      Env: [...takeEnvironment(body, Env, grant)],
      Labels: labels.fields,
      HostConfig: {
        ...defined({ Binds, ExtraHosts, Init, ReadonlyRootfs }),
        ...capabilities.fields,
        ...grantedDevices(body, grant),
        ...grantedMounts(body, grant),
        ...renderLimits(grant, known.engine),
        ...renderUlimits(known.engine),
        LogConfig: renderLog(known.engine.kind),
        NetworkMode: network,
        RestartPolicy: { Name: 'no' },
      },
      ...(network === 'none' ? {} : { NetworkingConfig: endpoints.fields }),
    },
  };
}

function takeEndpoints(value: Json, network: string): Taken {
  const config = takeFields(
    value,
    'NetworkingConfig',
    new Map([['EndpointsConfig', field(z.record(text, z.json()), 'gateway.namespace')]]),
    new Map(),
  );
  if ('refuse' in config) return config;
  const { EndpointsConfig = {} } = config.fields;
  const taken: [string, JsonObject][] = [];
  for (const [name, item] of Object.entries(isObject(EndpointsConfig) ? EndpointsConfig : {})) {
    if (name !== network || network === 'none') {
      return refuse('gateway.namespace', `the container is to join the network ${shorten(name)} as well`);
    }
    const fields = isEmpty(item)
      ? { fields: {} }
      : takeFields(item, 'EndpointsConfig', endpoint, endpointRefused);
    if ('refuse' in fields) return fields;
    taken.push([name, fields.fields]);
  }
  return { fields: { EndpointsConfig: Object.fromEntries(taken) } };
}

const endpointRefused: ReadonlyMap<string, RefusalKey> = new Map(
  ['IPAMConfig', 'Links', 'DriverOpts', 'MacAddress', 'IPAddress'].map(
    (name) => [name, 'gateway.namespace'] as const,
  ),
);

/** What is asked for has to be among what is granted; what is to be dropped is dropped from it. */
function takeCapabilities(host: JsonObject, grant: Grant): Taken {
  const plain = (value: Json | undefined): readonly string[] =>
    Array.isArray(value) ? value.map((item) => String(item).replace(/^CAP_/, '')) : [];
  const beyond = plain(host['CapAdd']).find((name) => !grant.capabilities.includes(name));
  if (beyond !== undefined)
    return refuse('gateway.capability', `the capability ${shorten(beyond)} is not granted`);
  const asked = plain(host['CapAdd']);
  const dropped = plain(host['CapDrop']);
  const base = dropped.includes('ALL') ? asked : grant.capabilities;
  return { fields: { CapDrop: ['ALL'], CapAdd: base.filter((name) => !dropped.includes(name)) } };
}

const jobTypes: readonly (Json | undefined)[] = ['build', 'service'];

/** Whether it is to run the job or a service of it: the runner's helper only moves files. */
export function isJobContainer(body: Json): boolean {
  return jobTypes.includes(child(child(body, 'Labels'), 'com.gitlab.gitlab-runner.type'));
}

/** Cards are for the job and its services alone. */
function grantedDevices(body: Json, grant: Grant): JsonObject {
  return isJobContainer(body) ? renderHostConfig(grant) : {};
}

/** Folders of the machine are for the job and its services, as devices are. */
function grantedMounts(body: Json, { mounts }: Grant): JsonObject {
  return mounts.length > 0 && isJobContainer(body) ? { Mounts: renderMounts(mounts) } : {};
}

/** The pool's variables before the job's own. Which cards a container sees is not the job's to say. */
function takeEnvironment(body: Json, asked: Json | undefined, grant: Grant): readonly string[] {
  const own = Object.entries(gpuEnvironment(isJobContainer(body) ? grant : null));
  const others = (Array.isArray(asked) ? asked : [])
    .map(String)
    .filter((pair) => !(pair.split('=', 1).join('') in noGpuEnvironment));
  const taken = new Set([
    ...others.map((pair) => pair.split('=', 1).join('')),
    ...Object.keys(noGpuEnvironment),
  ]);
  const ofPool = Object.entries(isJobContainer(body) ? grant.env : {}).filter(([name]) => !taken.has(name));
  const pairs = (all: readonly (readonly [string, string])[]): readonly string[] =>
    all.map(([name, value]) => `${name}=${value}`);
  return [...pairs(ofPool), ...others, ...pairs(own)];
}

function defined(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter((pair): pair is [string, Json] => pair[1] !== undefined),
  );
}
