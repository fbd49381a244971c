// What a pool grants a runner of executor `image`: the gateway writes it into every container of the runner's jobs.
import { z } from 'zod';

export const grantSchema = z.strictObject({
  pool: z.string(),
  /** Processors of each container; `null`: no limit. */
  cpus: z.number().positive().nullable(),
  /** Memory of each container in MiB; `null`: no limit. */
  memoryMiB: z.int().positive().nullable(),
  /** Linux capabilities without `CAP_`; all others are dropped. */
  capabilities: z.array(z.string().regex(/^[A-Z_]+$/)),
  /** Devices for the job and its services, asked for by id; `null`: none. */
  gpus: z.strictObject({ driver: z.enum(['nvidia', 'cdi']), ids: z.array(z.string()).min(1) }).nullable(),
  /** Device nodes for the job and its services, e.g. `/dev/dri/renderD128`. */
  devices: z.array(z.string().startsWith('/dev/')),
  /** Groups that may open them: numbers of the machine's. */
  groups: z.array(z.string()).default([]),
  /** The label `autogit.gpu` of the job and its services; `null`: they have no graphics card. */
  gpuLabel: z.string().nullable().default(null),
  /** E.g. `linux/arm64`; `null`: the engine's own, or what the job asks for. */
  platform: z.string().nullable(),
  /** Processes and threads of each container; `null`: 4096. */
  pids: z.int().positive().nullable().default(null),
  /** Shared memory of each container in MiB; `null`: the engine's own. */
  shmMiB: z.int().positive().nullable().default(null),
  /** What each container may write into its own file system, in MiB, where the engine can; `null`: no limit. */
  diskMiB: z.int().positive().nullable().default(null),
  /** Environment of the job and its services; their own comes first. */
  env: z.record(z.string(), z.string()).default({}),
  /** Folders of the machine for the job and its services. */
  mounts: z
    .array(z.strictObject({ source: z.string(), target: z.string(), readOnly: z.boolean() }))
    .default([]),
  /** PEM of own roots, which the job and its services find as files (`job-trust.ts`); `null`: none. */
  trust: z.string().nullable().default(null),
  /** Begins the names of the volumes that keep `/cache` for each project; `null`: it goes with the runner. */
  cache: z.string().nullable().default(null),
  /** Whether images may be pulled. */
  pull: z.boolean(),
  /** Containers that every job network is connected with, each under one or more further names. */
  reach: z.array(z.strictObject({ container: z.string(), alias: z.string() })),
});

export type Grant = z.infer<typeof grantSchema>;
/** As it is written: what has a default may be left out. */
export type WrittenGrant = z.input<typeof grantSchema>;

/** Containers that stand on every job's network, and the names that they have there. */
export function reachable({ reach }: Pick<Grant, 'reach'>): ReadonlyMap<string, readonly string[]> {
  const containers = Map.groupBy(reach, ({ container }) => container);
  return new Map([...containers].map(([name, all]) => [name, all.map(({ alias }) => alias)]));
}

/** Docker's own set without MKNOD and NET_RAW: with raw sockets a job could pretend to be its neighbour. */
export const jobCapabilities: readonly string[] = [
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'NET_BIND_SERVICE'],
  ...['SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
];

/** The ports on which the gateway listens: the engine for runners, and the doorbell for GitLab and the core. */
export const gatewayPorts = { engine: 2375, bell: 8080 } as const;

/** The name of the gateway on its network. */
export const gatewayAlias = 'autogit-gateway';

/** The home's signature of this text is the key with which the gateway signs what jobs make. */
export const gatewayKeyText = 'gateway key 1';

/** What a runner's token is the signature of: its name and the exact text of its grant. */
export function tokenText(runner: string, grant: string): string {
  return JSON.stringify(['gateway token', runner, grant]);
}

/** Where a runner finds its engine. Docker's clients put the path before that of every request. */
export function engineAddress(runner: string, token: string): string {
  return `tcp://${gatewayAlias}:${gatewayPorts.engine}/${runner}/${token}`;
}
