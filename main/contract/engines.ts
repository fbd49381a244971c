// Container engines as every door lists them: where they were found, what they are, what they cannot do.
import { z } from 'zod';
import { engineFacts, issueSchema, problemSchema } from './snapshot.ts';

const bytes = z.number().describe('bytes');

export const engineSourceSchema = z.object({
  kind: z.enum([
    'setting',
    'DOCKER_HOST',
    'context',
    'rootless-docker',
    'rootless-podman',
    'docker-desktop',
    'docker',
    'podman',
    'other-context',
    'podman-connection',
  ]),
  /** Of the context or connection. */
  name: z.string().nullable(),
});

export const engineRowSchema = z.object({
  /** As in `DOCKER_HOST`; what `engine use` takes. */
  address: z.string(),
  /** Where the address was found; more than one when they lead to the same engine. */
  sources: z.array(engineSourceSchema),
  inUse: z.boolean(),
  /** Our own id for it; `null` as long as this home has not used it. */
  node: z.string().nullable(),
  /** The name of its machine. */
  machine: z.string(),
  state: z.enum(['ready', 'too-old', 'no-permission', 'unreachable', 'tls-refused', 'unsupported', 'failed']),
  ...engineFacts,
  cpus: z.number().nullable(),
  memoryBytes: bytes.nullable(),
  /** What it cannot do, or does badly. */
  lacks: z.array(z.enum(['memory-limits', 'cpu-limits', 'low-ports', 'pause', 'fast-storage'])),
  problem: problemSchema.nullable(),
});

export const engineDetailSchema = engineRowSchema.extend({
  /** Whether limits of containers take effect. */
  limits: z.object({ memory: z.boolean(), cpus: z.boolean() }).nullable(),
  pause: z.boolean().nullable(),
  /** The lowest port that a container can be published on; `null`: not known. */
  lowestPort: z.int().nullable(),
  dataFolder: z.string().nullable(),
  /** The disk below it; `null` for an engine on another machine. */
  disk: z.object({ free: bytes, total: bytes }).nullable(),
  issues: z.array(issueSchema),
});

export type EngineRow = z.infer<typeof engineRowSchema>;
export type EngineDetail = z.infer<typeof engineDetailSchema>;
