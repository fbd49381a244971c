// The queue of all projects by GraphQL: every waiting and running job, in pages of 100.
import { z } from 'zod';
import type { JobStatus } from '../../model/job.ts';
import type { QueuedJob } from '../../ports.ts';
import { unexpected } from './errors.ts';

/** GitLab's largest page; https://docs.gitlab.com/api/graphql/#limits */
const pageSize = 100;
/** Of a queue longer than this, 100,000 jobs, nothing is known: a part of it would say that the rest is gone. */
const maxPages = 1_000;

/**
 * Nodes are of an interface since 18.x, so the fields of `CiJob` alone need a fragment; its `runnerManager` links a job
 * to one runner process (app/graphql/types/ci/job_type.rb). No field tells whether the ref of a job is protected.
 */
const queueQuery = `query AutoGitQueue($first: Int!, $after: String) {
  jobs(statuses: [PENDING, RUNNING, CANCELING], first: $first, after: $after) {
    nodes {
      id name status tags refName createdByTag startedAt finishedAt queuedDuration failureMessage
      project { id fullPath }
      ... on CiJob { runnerManager { systemId } project { sharedRunnersEnabled } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

const nodeSchema = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  tags: z.array(z.string()).nullable(),
  refName: z.string().nullable(),
  createdByTag: z.boolean().nullish(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  queuedDuration: z.number().nullable(),
  failureMessage: z.string().nullable(),
  project: z
    .object({ id: z.string(), fullPath: z.string(), sharedRunnersEnabled: z.boolean().nullish() })
    .nullable(),
  runnerManager: z.object({ systemId: z.string() }).nullish(),
});

const pageSchema = z.object({
  data: z.object({
    jobs: z.object({
      nodes: z.array(nodeSchema.nullable()),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    }),
  }),
});

const errorsSchema = z.object({ errors: z.array(z.object({ message: z.string() })).min(1) });

/** `gid://gitlab/Ci::Build/41` → 41. */
function numberOf(gid: string): number {
  return Number(gid.slice(gid.lastIndexOf('/') + 1));
}

/** GitLab's status words that are ours too; the short-lived ones between count as waiting. */
export function parseStatus(word: string): JobStatus {
  const status = word.toLowerCase();
  switch (status) {
    case 'created':
    case 'pending':
    case 'running':
    case 'canceling':
    case 'success':
    case 'failed':
    case 'canceled':
    case 'skipped':
      return status;
    case 'waiting_for_resource':
    case 'preparing':
      return 'pending';
    case 'scheduled':
      return 'created';
    case 'manual':
      return 'skipped';
    default:
      return 'unknown';
  }
}

/** Milliseconds since 1970 of GitLab's ISO time; `null` for none. */
export function parseTime(time: string | null | undefined): number | null {
  return time === null || time === undefined ? null : Date.parse(time);
}

/**
 * Milliseconds of GitLab's seconds. Of a job that still waits GitLab says how long it has waited by now: it would be
 * another job with each reading.
 */
export function parseWaited(
  startedAt: string | null | undefined,
  seconds: number | null | undefined,
): number | null {
  return startedAt == null || seconds == null ? null : seconds * 1000;
}

function toJob(node: z.infer<typeof nodeSchema>): readonly QueuedJob[] {
  if (node.project === null) return [];
  return [
    {
      id: numberOf(node.id),
      name: node.name,
      status: parseStatus(node.status),
      tags: node.tags ?? [],
      projectId: numberOf(node.project.id),
      project: node.project.fullPath,
      ref: node.refName ?? '',
      startedAt: parseTime(node.startedAt),
      finishedAt: parseTime(node.finishedAt),
      waitedMs: parseWaited(node.startedAt, node.queuedDuration),
      systemId: node.runnerManager?.systemId ?? null,
      failureReason: node.failureMessage,
      ...(node.createdByTag == null ? {} : { isTag: node.createdByTag }),
      ...(node.project.sharedRunnersEnabled == null
        ? {}
        : { instanceRunners: node.project.sharedRunnersEnabled }),
    },
  ];
}

/** Asks page after page. A page that fails fails the whole: a part of the queue is worse than none. */
export async function readQueue(
  url: string,
  post: (body: unknown) => Promise<unknown>,
): Promise<readonly QueuedJob[]> {
  const jobs: QueuedJob[] = [];
  let after: string | null = null;
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await post({ query: queueQuery, variables: { first: pageSize, after } });
    const refused = errorsSchema.safeParse(answer);
    if (refused.success) throw unexpected(url, `GraphQL said: ${refused.data.errors[0]?.message ?? ''}`);
    const parsed = pageSchema.safeParse(answer);
    if (!parsed.success) throw unexpected(url, 'its list of jobs has another form', parsed.error);
    const { nodes, pageInfo } = parsed.data.data.jobs;
    jobs.push(...nodes.flatMap((node) => (node === null ? [] : toJob(node))));
    if (!pageInfo.hasNextPage || pageInfo.endCursor === null) return jobs;
    after = pageInfo.endCursor;
  }
  throw unexpected(url, `its queue is longer than ${maxPages * pageSize} jobs`);
}
