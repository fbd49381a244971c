// A pool: runners of one kind, as a person writes it in the settings.
import { z } from 'zod';
import { gpuNeedSchema } from './gpu.ts';
import { containerSettings, imageSchema } from './pool-container.ts';
import type { ContainerSettings } from './pool-container.ts';
import { warmWindowSchema } from './warm.ts';
import type { WarmWindow } from './warm.ts';

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
  .regex(/^[^,\p{C}\p{Zl}\p{Zp}]+$/u, 'no commas and no control characters');

/** Full path of a group or a project; https://docs.gitlab.com/user/reserved_names/ */
const pathSchema = z
  .string()
  .trim()
  .min(1)
  .max(1024)
  .regex(
    /^[a-z0-9_.][a-z0-9_.-]*(?:\/[a-z0-9_.][a-z0-9_.-]*)*$/i,
    'a path like group/project, without a slash at its ends',
  );

const scopeWords = 'Whose jobs: instance, group or project.';

/** Whose jobs a pool takes. https://docs.gitlab.com/ci/runners/runners_scope/ */
export const scopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('instance').describe(scopeWords) }),
  z.strictObject({
    kind: z.literal('group').describe(scopeWords),
    path: pathSchema.describe('Full path of the group.'),
  }),
  z.strictObject({
    kind: z.literal('project').describe(scopeWords),
    path: pathSchema.describe('Full path of the project.'),
  }),
]);

export type PoolScope = Readonly<z.infer<typeof scopeSchema>>;

export const poolSchema = z
  .strictObject({
    name: poolNameSchema.describe('The name by which the pool is known everywhere.'),
    tags: z
      .array(tagSchema)
      .max(100)
      .default([])
      .describe('A job is taken when every one of its tags is in this list.'),
    runUntagged: z.boolean().default(true).describe('Also jobs without any tag.'),
    protectedOnly: z.boolean().default(false).describe('Only jobs of protected branches and tags.'),
    scope: scopeSchema
      .default({ kind: 'instance' })
      .describe('Whose jobs: of the whole GitLab, of one group, or of one project.'),
    paused: z
      .boolean()
      .default(false)
      .describe('Takes no job and starts no runner; runners with a job finish it.'),
    priority: z
      .int()
      .min(-100)
      .max(100)
      .default(0)
      .describe('Pools of higher priority start their runners first.'),
    executor: z
      .enum(['container', 'image'])
      .default('container')
      .describe(
        "Where the script of a job runs: container is the runner container itself, image one of the job's own (image:).",
      ),
    image: imageSchema
      .nullable()
      .default(null)
      .describe(
        "Image of the runner container; null: the sandbox's own, or the pinned official one. With executor image, the image of jobs that name none; null: a small Debian.",
      ),
    max: z.int().min(0).max(1000).default(4).describe('Most runners at a time.'),
    idleTime: z
      .int()
      .min(1)
      .max(86_400)
      .default(300)
      .meta({ description: 'How long a runner waits without a job before it leaves.', unit: 's' }),
    cpus: z
      .number()
      .min(0.05)
      .max(1024)
      .nullable()
      .default(null)
      .describe('Processors per runner, fractions allowed; null: no limit.'),
    memoryMiB: z
      .int()
      .min(64)
      .max(4_194_304)
      .nullable()
      .default(null)
      .meta({ description: 'Memory per runner; null: no limit.', unit: 'MiB' }),
    gpu: gpuNeedSchema
      .nullable()
      .default(null)
      .describe('Graphics cards that the jobs of a runner get; null: none.'),
    min: z.int().min(0).max(1000).default(0).describe('Runners that are there before a job waits.'),
    warm: z
      .array(warmWindowSchema)
      .max(20)
      .default([])
      .describe('Parts of the week in which more of them are there.'),
    jobsPerRunner: z
      .int()
      .min(1)
      .max(1_000_000)
      .nullable()
      .default(null)
      .describe('Jobs after which a runner leaves; null: it leaves only when it is idle.'),
    maxLifetime: z.int().min(60).max(31_536_000).nullable().default(null).meta({
      description: 'Age after which a runner leaves as soon as it is idle; null: never for its age.',
      unit: 's',
    }),
    ...containerSettings,
  })
  .refine(({ min, max }) => min === 0 || min <= max, { path: ['min'], message: 'not above max' })
  .refine(({ warm, max }) => warm.every(({ count }) => count <= max), {
    path: ['warm'],
    message: 'no count above max',
  })
  .refine(({ executor, runnerImage }) => executor === 'image' || runnerImage === null, {
    path: ['runnerImage'],
    message: 'only with executor image; with executor container the runner is in `image`',
  })
  .refine(({ executor, capabilities }) => executor === 'image' || capabilities.length === 0, {
    path: ['capabilities'],
    message: 'only with executor image; with executor container jobs are not root',
  })
  .refine(
    ({ executor, scope, cache }) => cache === 'none' || executor === 'image' || scope.kind === 'project',
    {
      path: ['cache'],
      message: 'with executor container only in the scope of one project, since its jobs share one /cache',
    },
  );

type PoolFields = z.infer<typeof poolSchema>;
type Lists = 'tags' | 'warm' | 'env' | 'prePull' | 'mounts' | 'devices' | 'capabilities';

export type Pool = Readonly<Omit<PoolFields, Lists>> & {
  readonly tags: readonly string[];
  readonly warm: readonly WarmWindow[];
} & Pick<ContainerSettings, Exclude<Lists, 'tags' | 'warm'>>;

/** What of a pool GitLab has to know: the terms on which it offers jobs to the pool's runner entry. */
export type EntryTerms = Pick<Pool, 'tags' | 'runUntagged' | 'protectedOnly' | 'scope' | 'paused'>;

/** The terms of a pool's runner entry. */
export function entryTerms({ tags, runUntagged, protectedOnly, scope, paused }: EntryTerms): EntryTerms {
  return { tags, runUntagged, protectedOnly, scope, paused };
}

/** GitLab never moves a runner entry to another scope: it takes a new one. */
export function sameScope(a: Pick<EntryTerms, 'scope'>, b: Pick<EntryTerms, 'scope'>): boolean {
  const [one, other] = [a.scope, b.scope];
  if (one.kind === 'instance' || other.kind === 'instance') return one.kind === other.kind;
  return one.kind === other.kind && one.path.toLowerCase() === other.path.toLowerCase();
}

/** What GitLab holds for a pool: one persistent runner entry, to which containers come and go. */
export interface RunnerEntry extends EntryTerms {
  readonly pool: string;
  /** The GitLab that gave it: entries of another one are worthless here. */
  readonly gitlabUrl: string;
  /** GitLab's id of the runner entry. */
  readonly entryId: number;
}

/** Begins the description of every runner entry of a home; ends with the pool's name. */
export function entryPrefix(instance: string): string {
  return `AutoGit ${instance.slice(0, 8)} / `;
}

/** The description by which a runner entry is known to be ours. */
export function entryDescription(instance: string, pool: string): string {
  return `${entryPrefix(instance)}${pool}`;
}
