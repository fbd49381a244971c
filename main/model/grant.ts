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
  /** E.g. `linux/arm64`; `null`: the engine's own, or what the job asks for. */
  platform: z.string().nullable(),
  /** Whether images may be pulled. */
  pull: z.boolean(),
  /** Containers of this home that every job network is connected with, under one more name. */
  reach: z.array(z.strictObject({ container: z.string(), alias: z.string() })),
});

export type Grant = z.infer<typeof grantSchema>;

/** Docker's own set without MKNOD and NET_RAW: with raw sockets a job could pretend to be its neighbour. */
export const jobCapabilities: readonly string[] = [
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'NET_BIND_SERVICE'],
  ...['SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
];

/** The ports on which the gateway listens: the engine for runners, and the doorbell for GitLab and the core. */
export const gatewayPorts = { engine: 2375, bell: 8080 } as const;

/** The name of the gateway on its network. */
export const gatewayAlias = 'autogit-gateway';

/** What a runner's token is the signature of: its name and the exact text of its grant. */
export function tokenText(runner: string, grant: string): string {
  return JSON.stringify(['gateway token', runner, grant]);
}

/** Where a runner finds its engine. Docker's clients put the path before that of every request. */
export function engineAddress(runner: string, token: string): string {
  return `tcp://${gatewayAlias}:${gatewayPorts.engine}/${runner}/${token}`;
}
