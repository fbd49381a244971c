// A pool: runners of one kind, as a person writes it in the settings.
import { z } from 'zod';

/** Names end up in container names and addresses, so they follow the strictest of these rules. */
export const poolNameSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'lower-case letters, digits and dashes, at most 32');

/** GitLab's own limit for a tag is 255 characters; commas separate tags there. */
const tagSchema = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .regex(/^[^,\p{Cc}\p{Cf}]+$/u, 'no commas and no control characters');

export const poolSchema = z.strictObject({
  name: poolNameSchema,
  /** A job is taken when every one of its tags is in this list. */
  tags: z.array(tagSchema).max(100).default([]),
  runUntagged: z.boolean().default(true),
  /** Where the script runs: `container` is the runner container itself. */
  executor: z.enum(['container']).default('container'),
  /** Image of the runner container; `null`: the sandbox's own, or the pinned official runner image. */
  image: z.string().min(1).max(512).nullable().default(null),
  /** Most runners at a time. */
  max: z.int().min(0).max(1000).default(4),
  /** Seconds without a job after which a runner leaves. */
  idleTime: z.int().min(1).max(86_400).default(300),
  /** Processors per runner, fractions allowed; `null`: no limit. */
  cpus: z.number().min(0.05).max(1024).nullable().default(null),
  /** Memory per runner in MiB; `null`: no limit. */
  memoryMiB: z.int().min(64).max(4_194_304).nullable().default(null),
});

export type Pool = Readonly<z.infer<typeof poolSchema>> & { readonly tags: readonly string[] };

/** What GitLab holds for a pool: one persistent runner entry, to which containers come and go. */
export interface RunnerEntry {
  readonly pool: string;
  /** The GitLab that gave it: entries of another one are worthless here. */
  readonly gitlabUrl: string;
  /** GitLab's id of the runner entry. */
  readonly entryId: number;
  readonly tags: readonly string[];
  readonly runUntagged: boolean;
}

/** Begins the description of every runner entry of a home; ends with the pool's name. */
export function entryPrefix(instance: string): string {
  return `AutoGit ${instance.slice(0, 8)} / `;
}

/** The description by which a runner entry is known to be ours. */
export function entryDescription(instance: string, pool: string): string {
  return `${entryPrefix(instance)}${pool}`;
}
