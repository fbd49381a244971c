// What a service of a template may have: a list of what is harmless, and what a person has to grant by name.
import { isMap, pairsOf, textsOf } from './compose-part.ts';
import type { Json, ServicePart } from './compose-part.ts';
import { refusedLabels } from './labels.ts';
import { mountsOf } from './mounts.ts';
import type { Mount } from './mounts.ts';
import { isWithin, tidyPath } from './paths.ts';
import { templateProblem } from './problem.ts';
import { rootFile } from '../model/stack/made-files.ts';
import type { AnswerProblem } from '../model/stack/stack.ts';

/** Fields of a service that give it nothing of the machine. */
const harmlessFields = new Set([
  ...['image', 'command', 'entrypoint', 'environment', 'user', 'working_dir', 'hostname', 'init', 'platform'],
  ...['volumes', 'ports', 'expose', 'networks', 'secrets', 'depends_on', 'labels', 'healthcheck', 'restart'],
  ...['read_only', 'tmpfs', 'shm_size', 'cap_drop', 'ulimits', 'stop_grace_period', 'stop_signal', 'logging'],
  ...[
    'mem_limit',
    'mem_reservation',
    'memswap_limit',
    'cpus',
    'cpu_shares',
    'pids_limit',
    'extra_hosts',
    'dns',
  ],
]);
/** Fields that are looked at one by one. */
const judgedFields = new Set([
  ...[
    'privileged',
    'network_mode',
    'pid',
    'ipc',
    'uts',
    'cgroup',
    'userns_mode',
    'devices',
    'gpus',
    'cap_add',
  ],
  ...['device_cgroup_rules', 'group_add', 'security_opt', 'sysctls', 'deploy'],
]);
/** Capabilities of an ordinary service that lets itself down to a user of its own. */
const harmlessCapabilities = new Set([
  ...['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'],
]);
const harmlessSecurity = new Set(['no-new-privileges:true', 'no-new-privileges']);
/** Settings of the container's own network. */
const harmlessSettings = new Set(['net.ipv4.ip_unprivileged_port_start']);
/** Takes SELinux's label away, which the one service needs that reads the engine's socket. */
const unlabelled = new Set(['label=disable', 'label:disable']);

/** The one service that may have the engine's socket: ours, which lets only questions through. */
const socketService = 'socket-proxy';

export interface Want {
  readonly grant: string;
  readonly why: string;
}

export interface Judgement {
  readonly problems: readonly AnswerProblem[];
  readonly wants: readonly Want[];
}

export interface Ground {
  readonly data: string;
  readonly socket: string;
  /** Absolute folders that the service's template has declared. */
  readonly folders: readonly string[];
  /** Paths of all rendered files. */
  readonly files: readonly string[];
  /** Secrets that the service's template may use. */
  readonly secrets: readonly string[];
  /** Images that its manifest names. */
  readonly images: readonly string[];
  /** Named volumes that its template has declared. */
  readonly volumes: readonly string[];
}

function isOwn({ template }: ServicePart): boolean {
  return template.origin === 'own';
}

function broken(service: ServicePart, details: Omit<AnswerProblem, 'field'>): AnswerProblem {
  return templateProblem(service.template.manifest.id, `services.${service.name}`, details);
}

/** Judges one service: what it can never have, and what it may have only where a person grants it. */
export function judgeService(service: ServicePart, ground: Ground): Judgement {
  const parts = [
    judgeFields(service),
    judgeName(service),
    judgeImage(service, ground),
    judgeSecrets(service, ground),
    judgeNetworks(service),
    judgeLabels(service),
    judgeEnvironment(service),
    judgePower(service),
    ...mountsOf(service.spec).map((mount) => judgeMount(service, mount, ground)),
  ];
  return { problems: parts.flatMap(({ problems }) => problems), wants: parts.flatMap(({ wants }) => wants) };
}

const fine: Judgement = { problems: [], wants: [] };

function problem(...problems: readonly AnswerProblem[]): Judgement {
  return { problems, wants: [] };
}

function judgeFields(service: ServicePart): Judgement {
  const refused = Object.keys(service.spec).filter(
    (key) => !harmlessFields.has(key) && !judgedFields.has(key),
  );
  return problem(
    ...refused.map((field) =>
      broken(service, {
        key: 'template.field-refused',
        message: `The service ${service.name} has the field ${field}, which no template may have.`,
        next: 'Take it out; docs/templates.md lists the fields of a service.',
      }),
    ),
  );
}

function isOf(id: string, name: string): boolean {
  return name === id || name.startsWith(`${id}-`);
}

function judgeName(service: ServicePart): Judgement {
  const { id } = service.template.manifest;
  const isRight = /^[a-z][a-z0-9-]{0,39}$/.test(service.name) && !service.name.startsWith('autogit');
  const { hostname = service.name } = service.spec;
  // The engine's name server knows a container by its host name, too.
  const isIts =
    !isOwn(service) ||
    [service.name, hostname].every((name) => isOf(id, typeof name === 'string' ? name : ''));
  if (isRight && isIts) return fine;
  return problem(
    broken(service, {
      key: 'template.service-name',
      message: `The service ${service.name} has a name or host name that could be taken for another one: names are addresses between containers.`,
      next: `Call it ${id}, or begin its name with ${id}-; the same goes for hostname.`,
    }),
  );
}

function judgeImage(service: ServicePart, { images }: Ground): Judgement {
  const { image } = service.spec;
  if (typeof image === 'string' && images.includes(image)) return fine;
  return problem(
    broken(service, {
      key: 'template.image',
      message: `The image of the service ${service.name} is not one that its template.json names with tag and digest.`,
      next: 'Name it under images, and write: image: {{ images.<name> | json }}',
    }),
  );
}

/** The names under which a service has secrets; `null`: not understood. */
export function secretsOf({ spec: { secrets = null } }: ServicePart): readonly string[] | null {
  if (secrets === null) return [];
  if (!Array.isArray(secrets)) return null;
  const names = secrets.map((item) => (isMap(item) ? item['source'] : item));
  return names.every((name) => typeof name === 'string') ? names : null;
}

function judgeSecrets(service: ServicePart, { secrets }: Ground): Judgement {
  const names = secretsOf(service);
  const unknown = names?.filter((name) => !secrets.includes(name)) ?? ['?'];
  return problem(
    ...unknown.map((name) =>
      broken(service, {
        key: 'template.secret',
        message: `The service ${service.name} uses the secret ${name}, which its template does not have.`,
        next: 'Name it under secrets in template.json.',
      }),
    ),
  );
}

/** The networks of a service with their settings; `inner` where it names none. `null`: not understood. */
export function networksOf({
  spec: { networks = null },
}: ServicePart): Readonly<Record<string, Json>> | null {
  if (networks === null) return { inner: null };
  if (isMap(networks)) return networks;
  const names = textsOf(networks);
  return names === null ? null : Object.fromEntries(names.map((name) => [name, null]));
}

function judgeNetworks(service: ServicePart): Judgement {
  const { id } = service.template.manifest;
  const networks = networksOf(service) ?? { '?': null };
  const allowed = isOwn(service) ? ['edge', 'inner'] : ['edge', 'inner', 'socket'];
  const problems = Object.entries(networks).flatMap(([name, settings]): readonly AnswerProblem[] => {
    if (!allowed.includes(name))
      return [
        broken(service, {
          key: 'template.network',
          message: `The service ${service.name} would join the network ${name}.`,
          next: `Use ${allowed.join(', ')}.`,
        }),
      ];
    if (!isOwn(service) || settings === null) return [];
    const aliases =
      isMap(settings) && Object.keys(settings).every((key) => key === 'aliases')
        ? textsOf(settings['aliases'])
        : null;
    if (aliases?.every((alias) => isOf(id, alias)) === true) return [];
    return [
      broken(service, {
        key: 'template.network',
        message: `The service ${service.name} asks for an address or a name on the network ${name} that could be another one's.`,
        next: `Use only aliases that begin with ${id}-.`,
      }),
    ];
  });
  return problem(...problems);
}

function judgeLabels(service: ServicePart): Judgement {
  const { id } = service.template.manifest;
  return problem(
    ...refusedLabels(service).map((key) =>
      broken(service, {
        key: 'template.label',
        message: `The service ${service.name} has the label ${key}, which could take what belongs to another part of the stack, or give it away.`,
        next: `Begin the names of its routers with ${id}, and let their rule be Host(\`…\`) of a name in its template.json; docs/templates.md lists the labels.`,
      }),
    ),
  );
}

/** Compose would take a variable without a value from its own surroundings, which are AutoGit's. */
function judgeEnvironment(service: ServicePart): Judgement {
  const { environment = null } = service.spec;
  const isWhole =
    environment === null ||
    (isMap(environment)
      ? Object.values(environment).every((value) => value !== null)
      : (textsOf(environment)?.every((item) => item.includes('=')) ?? false));
  if (isWhole) return fine;
  return problem(
    broken(service, {
      key: 'template.field-refused',
      message: `The service ${service.name} has a variable without a value in environment, which would come from AutoGit's own surroundings.`,
      next: 'Give each variable its value.',
    }),
  );
}

/** Everything by which a container leaves its place. */
function judgePower(service: ServicePart): Judgement {
  const { spec, name, template } = service;
  const wants: Want[] = [];
  const want = (what: string, why: string): void => {
    wants.push({ grant: `${template.manifest.id}: ${what}`, why: `The service ${name} ${why}.` });
  };
  const given = (field: string): boolean => {
    const value = spec[field];
    return value !== undefined && value !== null && value !== false && value !== 'private';
  };
  if (given('privileged')) want('privileged', 'would run with all rights of the machine');
  if (given('network_mode'))
    want(`${wordOf(spec['network_mode'])} network`, 'would stand in a network that is not its own');
  for (const field of ['pid', 'ipc', 'uts', 'cgroup', 'userns_mode'] as const) {
    if (given(field)) want(`${wordOf(spec[field])} ${field}`, `would share ${spaces[field]} with others`);
  }
  for (const device of listOf(spec['devices']))
    want(`device ${wordOf(device)}`, 'would use a device of the machine');
  if (given('device_cgroup_rules')) want('device rules', 'would be let to devices of the machine');
  if (given('gpus') || hasDevices(spec['deploy']))
    want('graphics cards', 'would use graphics cards, which runners also use');
  for (const item of listOf(spec['cap_add'])) {
    const capability = wordOf(item).replace(/^CAP_/, '');
    if (!harmlessCapabilities.has(capability))
      want(`capability ${capability}`, `would have the right ${capability} over the machine`);
  }
  for (const item of listOf(spec['group_add'])) {
    if (!isSocketService(service)) want(`group ${wordOf(item)}`, 'would belong to a group of the machine');
  }
  for (const item of listOf(spec['security_opt'])) {
    const option = wordOf(item);
    const isFine = harmlessSecurity.has(option) || (isSocketService(service) && unlabelled.has(option));
    if (!isFine) want(`security ${option}`, 'would run with less protection');
  }
  for (const setting of Object.keys(pairsOf(spec['sysctls']) ?? { '?': '' })) {
    if (!harmlessSettings.has(setting))
      want(`kernel setting ${setting}`, `would change the kernel's setting ${setting}`);
  }
  return { problems: [], wants };
}

const spaces = {
  pid: 'its processes',
  ipc: 'its memory',
  uts: 'its host name',
  cgroup: 'its control groups',
  userns_mode: 'its user ids',
} as const;

function wordOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** Whether anything but plain limits is asked for. */
function hasDevices(deploy: Json | undefined): boolean {
  if (deploy === undefined || deploy === null) return false;
  if (!isMap(deploy) || Object.keys(deploy).some((key) => key !== 'resources')) return true;
  return JSON.stringify(deploy).includes('devices');
}

function isSocketService(service: ServicePart): boolean {
  return !isOwn(service) && service.name === socketService;
}

/** What of the stack's folder no template renders and one may mount: the root to trust, and all pairs of certificate and key. */
function isCertificate(path: string): boolean {
  return path === rootFile || path === 'tls';
}

/** The rendered files that a mount of the stack's folder shows. */
export function filesBehind(path: string, files: readonly string[]): readonly string[] {
  return files.filter((file) => isWithin(file, path));
}

function judgeMount(service: ServicePart, mount: Mount | null, ground: Ground): Judgement {
  const { id } = service.template.manifest;
  if (mount === null || mount.source.split('/').includes('..'))
    return problem(
      broken(service, {
        key: 'template.mount',
        message: `A mount of the service ${service.name} is written in a way that AutoGit does not accept.`,
        next: 'Write ./<file of the template>:<path>:ro, <data folder>/<folder>:<path>, or a named volume.',
      }),
    );
  switch (mount.kind) {
    case 'none':
      return fine;
    case 'volume':
      if (ground.volumes.includes(mount.source)) return fine;
      return problem(
        broken(service, {
          key: 'template.mount',
          message: `The service ${service.name} would mount the volume ${mount.source}, which its template does not declare.`,
          next: 'Name it under volumes in compose.yaml.',
        }),
      );
    case 'folder': {
      const isIts =
        !isOwn(service) || (mount.isReadOnly && (isWithin(mount.source, id) || mount.source === rootFile));
      const isThere = isCertificate(mount.source) || filesBehind(mount.source, ground.files).length > 0;
      if (isIts && isThere) return fine;
      return problem(
        broken(service, {
          key: 'template.mount',
          message: `The service ${service.name} would mount ./${mount.source}, which ${isIts ? 'no template renders' : 'belongs to another template, or could be written'}.`,
          next: `Name a file that template.json of ${id} renders.`,
        }),
      );
    }
    case 'host':
      return judgeHostMount(service, tidyPath(mount.source), ground);
  }
}

function judgeHostMount(service: ServicePart, path: string, { data, folders, socket }: Ground): Judgement {
  const { id } = service.template.manifest;
  // What is in a folder of its own a service may replace by a link, which the engine follows at its next start.
  const isIts = isOwn(service)
    ? folders.includes(path) && !folders.some((folder) => folder !== path && isWithin(path, folder))
    : isWithin(path, data);
  if (isIts) return fine;
  if (isSocketService(service) && path === socket) return fine;
  const grant = (what: string, why: string): Judgement => ({
    problems: [],
    wants: [{ grant: `${id}: ${what}`, why: `The service ${service.name} ${why}.` }],
  });
  if (path === '/') return grant('host root mount', 'would see every file of the machine');
  if (isWithin(socket, path) || /(?:docker|podman|containerd)\.sock$/.test(path))
    return grant('engine socket', 'would command the container engine, which is to say the machine');
  return grant(`mount ${path}`, `would use ${path} of the machine`);
}
