// What a machine is, as one document: system, processor, memory, disks, network, container engine, cards.
import { z } from 'zod';
import { gpuVendors } from './gpu.ts';

/** What `schema` infers, with nothing in it that could be changed. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** `null` everywhere below: not known. Why is in `Machine.reasons`, by the path of the value. */
const text = z.string().nullable();
const whole = z.int().nonnegative().nullable();
const bytes = whole.describe('bytes');
const flag = z.boolean().nullable();

export const platforms = ['linux', 'darwin', 'win32', 'other'] as const;
export type Platform = (typeof platforms)[number];

export const virtualisations = [
  ...['none', 'kvm', 'qemu', 'vmware', 'hyper-v', 'xen', 'virtualbox', 'parallels', 'apple', 'bhyve'],
  ...['wsl', 'other'],
] as const;
export type Virtualisation = (typeof virtualisations)[number];

export const surroundings = ['none', 'docker', 'podman', 'kubernetes', 'lxc', 'nspawn', 'other'] as const;
/** What kind of container AutoGit itself runs in. */
export type Surrounding = (typeof surroundings)[number];

export const timeKeepers = ['systemd-timesyncd', 'chrony', 'ntpd', 'system', 'none'] as const;
export type TimeKeeper = (typeof timeKeepers)[number];

export const firewalls = ['ufw', 'firewalld', 'nftables', 'iptables', 'windows', 'macos', 'none'] as const;
export type Firewall = (typeof firewalls)[number];

const cpuSchema = z.object({
  model: text,
  vendor: text,
  /** Of the machine, in Go's words: `amd64`, `arm64`, `arm`, `riscv64`. */
  architecture: text,
  /** Of the architecture: `v1` to `v4` for amd64, `v8.2` for arm64, `v7` for arm, `rva20` for riscv64. */
  variant: text,
  /** What programs like AutoGit are made for; another word than `architecture` on a 32-bit system or under Rosetta. */
  userland: text,
  sockets: whole,
  cores: whole,
  threads: whole,
  /** Of the threads, those that AutoGit's own process may use. */
  usableThreads: whole,
  /** Of what the processor can do, what makes a difference to builds, in the kernel's words: `avx2`, `aes`, `sve`. */
  features: z.array(z.string()).nullable(),
});

const memorySchema = z.object({
  totalBytes: bytes,
  /** What programs could still get without swapping. */
  availableBytes: bytes,
  swapTotalBytes: bytes,
  swapFreeBytes: bytes,
});

const diskSchema = z.object({
  mount: z.string(),
  /** `/dev/nvme0n1p2`, `tank/data`, `C:`. */
  device: z.string(),
  fileSystem: z.string(),
  totalBytes: bytes,
  /** What an ordinary user can still fill. */
  freeBytes: bytes,
  ssd: flag,
  readOnly: z.boolean(),
});

/** A program that listens on a port. */
const portHolderSchema = z.object({
  protocol: z.enum(['udp', 'tcp']),
  address: z.string(),
  /** `null`: another user's, which only root can see. */
  program: text,
  pid: whole,
});

export const hostSchema = z.object({
  name: z.string(),
  os: z.object({
    platform: z.enum(platforms),
    /** `Debian GNU/Linux 12 (bookworm)` */
    name: text,
    /** `debian`, `ubuntu`, `fedora`. */
    id: text,
    version: text,
  }),
  kernel: text,
  /** Whether systemd is what started the machine. */
  systemd: flag,
  cpu: cpuSchema,
  memory: memorySchema,
  /** Disks with files on them, each once; the one that holds the root first. */
  disks: z.array(diskSchema).nullable(),
  /** What runs this machine, if it is a virtual one. */
  virtualisation: z.enum(virtualisations).nullable(),
  /** Whether virtual machines can be run with the processor's help. */
  kvm: z.enum(['usable', 'no-permission', 'absent']).nullable(),
  container: z.enum(surroundings).nullable(),
  wsl: z.enum(['none', '1', '2']).nullable(),
  cgroup: z.object({
    version: z.enum(['1', '2', 'hybrid', 'none']).nullable(),
    /** Those that can be given to control groups: `cpu`, `memory`, `pids`. */
    controllers: z.array(z.string()).nullable(),
  }),
  time: z.object({ keeper: z.enum(timeKeepers).nullable(), synchronised: flag }),
  firewall: z.object({ kind: z.enum(firewalls).nullable(), active: flag }),
  ports: z.object({
    /** Who listens on port 53, where a name server of ours would. */
    dns: z.array(portHolderSchema).nullable(),
    /** Who listens on port 5353, where machines announce their names (mDNS). */
    mdns: z.array(portHolderSchema).nullable(),
  }),
});

/** What this user could do with an engine that runs without root. */
export const rootlessSchema = z.object({
  user: text,
  uid: whole,
  /** Sockets of engines that are there, whoever they belong to. */
  sockets: z.array(z.object({ path: z.string(), usable: z.boolean() })).nullable(),
  /** How many ids containers of this user may have besides their own: 65536 are needed. 0: none. */
  subordinateUids: whole,
  subordinateGids: whole,
  /** Whether the programs are there that give them out (newuidmap and newgidmap). */
  idMapPrograms: flag,
  /** The lowest port that this user's containers can be published on. */
  lowestPort: whole,
  /** Controllers that this user's own control groups have. */
  delegated: z.array(z.string()).nullable(),
  /** Limits of containers that an engine without root takes and ignores here. */
  ignoredLimits: z.array(z.enum(['cpu', 'memory', 'pids', 'io', 'cpuset'])).nullable(),
  /** Units of this user that start an engine: `docker.service`, `podman.socket`. */
  units: z.array(z.object({ name: z.string(), enabled: z.boolean() })).nullable(),
  /** Whether programs of this user go on when they log out. */
  lingering: flag,
});

/** What its makers or packagers call the engine's surroundings. */
export const desktops = ['none', 'docker-desktop', 'rancher-desktop', 'orbstack', 'colima'] as const;
export type EngineDesktop = (typeof desktops)[number];

/** What an engine says of itself beyond `EngineInfo`; told together with it. */
export const engineDetailsSchema = z.object({
  desktop: z.enum(desktops).nullable(),
  operatingSystem: text,
  kernel: text,
  /** The file system below the storage driver: `extfs`, `xfs`. */
  storageFileSystem: text,
  cgroupDriver: text,
  defaultRuntime: text,
  /** Folders in which it looks for CDI's files. */
  cdiFolders: z.array(z.string()).nullable(),
  /** Where its networks get their addresses from; empty: its maker's defaults. */
  addressPools: z.array(z.object({ base: z.string(), size: z.int() })).nullable(),
  /** Whether containers go on while it is restarted. */
  liveRestore: flag,
  /** Without names and passwords; empty: none. */
  proxies: z.array(z.object({ kind: z.enum(['http', 'https', 'except']), value: z.string() })).nullable(),
  /** What its network rules are made with: `iptables`, `nftables`. */
  firewall: text,
  security: z.array(z.string()).nullable(),
  /** In its own words. */
  warnings: z.array(z.string()).nullable(),
});
export type EngineDetails = DeepReadonly<z.infer<typeof engineDetailsSchema>>;

export const machineEngineSchema = engineDetailsSchema.extend({
  address: z.string(),
  kind: z.enum(['docker', 'podman']),
  version: z.string(),
  apiVersion: z.string(),
  rootless: z.boolean(),
  /** Whether it runs on this machine, as far as can be told. */
  isHere: z.boolean(),
  architecture: z.string(),
  cpus: z.number(),
  memoryBytes: z.number(),
  storageDriver: z.string(),
  dataFolder: text,
  disk: z.object({ freeBytes: z.number(), totalBytes: z.number() }).nullable(),
  cgroupVersion: z.enum(['1', '2']).nullable(),
  /** Whether limits of containers take effect. */
  limits: z.object({ memory: z.boolean(), cpus: z.boolean(), disk: flag }),
  lowestPort: whole,
  /** Whether containers can be paused. */
  pause: z.boolean(),
  runtimes: z.array(z.string()),
  cdi: z.boolean(),
  /** Full names: `nvidia.com/gpu=0`. */
  cdiDevices: z.array(z.string()),
  emulates: z.array(z.string()).nullable(),
  /** The plugin of `docker`, or a program of its own, on this machine. */
  compose: z.object({ found: flag, version: text }),
  /** How a container reaches this machine: by these names at once, or only when it is given one (`host-gateway`). */
  hostNames: z.array(z.string()).nullable(),
  hostGateway: z.enum(['reaches-host', 'reaches-namespace']).nullable(),
});

const machineIssueSchema = z.object({
  key: z.string(),
  severity: z.enum(['info', 'warning', 'error']),
  subject: z.string(),
  message: z.string(),
  next: z.string(),
});

export const machineGpuSchema = z.object({
  id: z.string(),
  vendor: z.enum(gpuVendors),
  model: z.string(),
  memoryMiB: z.number().nullable(),
  pciAddress: text,
  renderNode: text,
  parent: text,
  cards: z.int(),
  integrated: z.boolean(),
  numaNode: z.int().nullable(),
  celsius: z.number().nullable(),
  /** Whether containers can have it today, and if not, why and what mends it. */
  use: z.union([
    z.object({ usable: z.literal(true) }),
    z.object({ usable: z.literal(false), why: z.string(), fix: z.string() }),
  ]),
});

export const machineSchema = z.object({
  at: z.number().describe('milliseconds since 1970'),
  /** How long it took to find out, in milliseconds. */
  tookMs: z.number(),
  host: hostSchema,
  rootless: rootlessSchema,
  /** The engine in use, or the one that would be; `null`: none answers. */
  engine: machineEngineSchema.nullable(),
  gpus: z.array(machineGpuSchema),
  /** What is wrong with the cards, or could not be understood. */
  issues: z.array(machineIssueSchema),
  /** Why a value is `null`: `host.cpu.model`, `host.disks.0.ssd`. Every `null` outside of `gpus` has its reason here. */
  reasons: z.record(z.string(), z.string()),
});

export type Machine = DeepReadonly<z.infer<typeof machineSchema>>;
export type Host = Machine['host'];
export type Rootless = Machine['rootless'];
export type MachineEngine = NonNullable<Machine['engine']>;
export type Disk = NonNullable<Host['disks']>[number];
export type PortHolder = NonNullable<Host['ports']['dns']>[number];
/** Why values are not known, by their paths. */
export type Reasons = Machine['reasons'];
