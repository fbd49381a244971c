// Settings of a pool about the containers of its jobs: what they may have of the machine, and what they are given.
import { z } from 'zod';
import { trustFolder } from './job-trust.ts';

/** Go's names of processors, as in `linux/arm64`. */
export const architectures = ['amd64', 'arm64', 'arm', '386', 'ppc64le', 's390x', 'riscv64'] as const;

export type Architecture = (typeof architectures)[number];

/** Capabilities that a pool may add. Any other would give the machine away, or is there already. */
const grantableCapabilities = ['IPC_LOCK', 'NET_ADMIN', 'NET_RAW', 'SYS_NICE', 'SYS_PTRACE'] as const;

/** A reference like `debian:13`; the engine is the judge of the rest. */
export const imageSchema = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[^\s\p{C}]+$/u, 'no spaces and no control characters');

/** GitLab's and the runner's own names would change what a job is, not what it has. */
const reservedName = /^(?:CI|GITLAB|FF|AUTOGIT)_/;

const nameSchema = z
  .string()
  .max(255)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'names of letters, digits and underscores, not beginning with a digit')
  .refine((name) => !reservedName.test(name), {
    message: 'no names that begin with CI_, GITLAB_, FF_ or AUTOGIT_',
  });

/** Values that jobs find in their environment. */
export const envSchema = z
  .record(
    nameSchema,
    z
      .string()
      .max(4096)
      .regex(/^[^\p{C}]*$/u, 'no control characters'),
  )
  .refine((all) => Object.keys(all).length <= 100, { message: 'at most 100 names' });

/** An absolute path in its shortest form, so that two spellings cannot mean one folder. */
const plainPath = /^(?:\/(?!\.{1,2}(?:\/|$))[^/:,\\\p{C}]+)+$/u;

/**
 * Folders that hold an engine's socket or data, the machine's own configuration or its kernel: whoever has them has the
 * machine. So has who gets a folder around them.
 */
const forbiddenFolders: readonly string[] = [
  ...['/bin', '/boot', '/dev', '/etc', '/lib', '/lib32', '/lib64', '/proc', '/root', '/sbin', '/sys', '/usr'],
  ...['/run', '/var/run', '/var/lib/docker', '/var/lib/containers', '/var/lib/containerd'],
];

/** A file that is a socket of an engine, wherever it is. */
const engineSocket = /(?:^|\/)(?:docker|podman|containerd|crio|buildkitd)[^/]*\.sock$/;

/** Of an engine without root: in whose home it is, nobody knows here. */
const rootlessData = /\/\.local\/share\/(?:docker|containers|containerd)(?:\/|$)/;

/** Folders that may hold such data: a whole home, and what leads from it there. */
const aroundRootless = /^\/home(?:\/[^/]+)?$|\/\.local(?:\/share)?$/;

/** Why no job may have this folder; `null`: it may. Pure: links are not followed. */
export function whyNoMount(source: string): string | null {
  if (!plainPath.test(source)) return 'absolute paths without `..`, not / itself';
  if (engineSocket.test(source)) return 'no socket of an engine';
  if (rootlessData.test(source) || aroundRootless.test(source))
    return 'nothing in or around ~/.local/share/docker and ~/.local/share/containers of any home';
  const holder = forbiddenFolders.find(
    (folder) => folder === source || source.startsWith(`${folder}/`) || folder.startsWith(`${source}/`),
  );
  return holder === undefined ? null : `nothing in or around ${holder}`;
}

/** A folder of the machine in a job's containers. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

const mountForm = /^([^:]+):([^:]+?)(?::(ro|rw))?$/;

/** `/srv/models:/models:ro` in its parts; without a word at its end it is read-only. `null`: it has not that form. */
export function parseMount(text: string): Mount | null {
  const [, source, target, mode] = mountForm.exec(text) ?? [];
  if (source === undefined || target === undefined) return null;
  return { source, target, readOnly: mode !== 'rw' };
}

/** Where a job and its runner keep what is theirs: a mount must not take its place. */
const takenTargets: readonly string[] = [
  ...['/builds', '/cache', '/etc/gitlab-runner', trustFolder, '/proc', '/sys', '/dev'],
];

function whyNoTarget(target: string): string | null {
  if (!plainPath.test(target)) return 'in the container an absolute path without `..`, not / itself';
  const taken = takenTargets.find(
    (folder) => folder === target || target.startsWith(`${folder}/`) || folder.startsWith(`${target}/`),
  );
  return taken === undefined ? null : `in the container nothing in or around ${taken}`;
}

/** `FOLDER:PLACE[:ro|rw]`. */
const mountSchema = z
  .string()
  .max(2048)
  .superRefine((text, context) => {
    const mount = parseMount(text);
    const why =
      mount === null
        ? 'FOLDER:PLACE, FOLDER:PLACE:ro or FOLDER:PLACE:rw'
        : (whyNoMount(mount.source) ?? whyNoTarget(mount.target));
    if (why !== null) context.addIssue({ code: 'custom', message: why });
  });

/**
 * Devices that give no job the machine: a list of those that may be, since memory, ports and disks have too many names.
 * Of USB single devices only: among all of them may be a disk or a keyboard.
 */
const allowedDevices: Readonly<Record<string, RegExp>> = {
  '/dev/kvm': /^kvm$/,
  '/dev/fuse': /^fuse$/,
  '/dev/net/tun': /^net\/tun$/,
  '/dev/dri': /^dri(?:\/.+)?$/,
  '/dev/kfd': /^kfd$/,
  '/dev/accel': /^accel(?:\/.+)?$/,
  '/dev/video*': /^video\d+$/,
  '/dev/media*': /^media\d+$/,
  '/dev/dvb': /^dvb(?:\/.+)?$/,
  '/dev/snd': /^snd(?:\/.+)?$/,
  '/dev/ttyUSB*': /^ttyUSB\d+$/,
  '/dev/ttyACM*': /^ttyACM\d+$/,
  '/dev/serial/by-id/*': /^serial\/by-id\/[^/]+$/,
  '/dev/bus/usb/BUS/DEVICE': /^bus\/usb\/\d{3}\/\d{3}$/,
};

function isAllowedDevice(path: string): boolean {
  return Object.values(allowedDevices).some((form) => form.test(path.replace('/dev/', '')));
}

const deviceSchema = z
  .string()
  .max(255)
  .regex(/^\/dev(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+$/, 'a path like /dev/kvm, without `..`')
  .refine(isAllowedDevice, { message: `one of ${Object.keys(allowedDevices).join(', ')}` });

/** Of each of them one schema with its default, in the order of the pages. */
export const containerSettings = {
  diskMiB: z.int().min(64).max(67_108_864).nullable().default(null).meta({
    description: 'What a container may write beside its volumes; null: no limit. Not every engine can.',
    unit: 'MiB',
  }),
  pids: z
    .int()
    .min(16)
    .max(4_194_304)
    .default(4096)
    .describe('Most processes and threads of each container.'),
  shmMiB: z.int().min(1).max(1_048_576).nullable().default(null).meta({
    description: "Shared memory (/dev/shm) of each container; null: the engine's own 64 MiB.",
    unit: 'MiB',
  }),
  arch: z
    .enum(architectures)
    .nullable()
    .default(null)
    .describe("The processor that jobs run on; null: the engine's own."),
  env: envSchema
    .default({})
    .describe('Environment variables of jobs. No secrets: they stand in the settings as they are.'),
  cache: z
    .enum(['none', 'project'])
    .default('none')
    .describe('Whether /cache outlives the runner: project keeps one volume for each project.'),
  pullPolicy: z
    .enum(['always', 'if-not-present', 'never'])
    .default('always')
    .describe(
      "Executor image: when a job's images are asked for at their registry. always does with what is there if it must.",
    ),
  prePull: z
    .array(imageSchema)
    .max(50)
    .default([])
    .describe('Images that are fetched before a job waits for them.'),
  runnerImage: imageSchema
    .nullable()
    .default(null)
    .describe('Executor image: the image of the runner itself; null: the pinned official one.'),
  mounts: z
    .array(mountSchema)
    .max(20)
    .default([])
    .describe('Folders of the machine that jobs find, as FOLDER:PLACE[:ro|rw].'),
  devices: z
    .array(deviceSchema)
    .max(20)
    .default([])
    .describe('Device files that jobs find, such as /dev/kvm.'),
  capabilities: z
    .array(z.enum(grantableCapabilities))
    .max(5)
    .default([])
    .describe('Executor image: capabilities beside the usual ones.'),
} as const;

type Readable<T> = T extends readonly (infer Item)[] ? readonly Item[] : Readonly<T>;

/** What of a pool its containers are made from. */
export type ContainerSettings = {
  readonly [K in keyof typeof containerSettings]: Readable<z.output<(typeof containerSettings)[K]>>;
};

/** What is fetched beforehand is not what a container is made from. */
const usual: ReadonlyMap<string, unknown> = new Map(
  Object.entries(z.strictObject(containerSettings).parse({})).filter(([name]) => name !== 'prePull'),
);

/**
 * What of a pool's containers is not as usual: a change replaces idle runners. What is usual is left out, so that
 * runners from before a setting was there are as they should be.
 */
export function ownContainerPart(pool: ContainerSettings): Readonly<Record<string, unknown>> {
  const values = new Map<string, unknown>(Object.entries(pool));
  return Object.fromEntries(
    [...usual]
      .map(([name, value]) => [name, values.get(name), value] as const)
      .filter(([, value, before]) => JSON.stringify(value) !== JSON.stringify(before))
      .map(([name, value]) => [name, value]),
  );
}
