// Proofs of pools: makes the job that says from inside what a pool gives, and keeps what it has said.
import { problemOf } from '../errors.ts';
import type { GpuGrant } from '../model/gpu.ts';
import { nonceMark, proofFile, proofProject } from '../model/proof.ts';
import type { Evidence } from '../model/proof.ts';
import type { Action } from '../model/world.ts';
import type { QueuedJob } from '../ports.ts';
import type { ActionForm, ApplyContext } from './context.ts';

/**
 * The record comes first: a kill leaves an open proof, which is given up and made anew. What GitLab refuses is the
 * outcome of the proof, not a failure to be repeated at once.
 */
export const startProof: ActionForm<'start-proof'> = {
  kind: 'start-proof',
  group: 'gitlab',
  apply: async ({ pool, group, file, spec, tries }, context) => {
    const { store, clock, host } = context;
    const nonce = host.randomHex(8);
    const id = store.openProof({ pool, spec, nonce, tries, startedAt: clock.now() });
    try {
      const gitlab = context.gitlab();
      const project = await gitlab.prepareProject({
        ...{ name: proofProject, group },
        file: { path: '.gitlab-ci.yml', content: file.replaceAll(nonceMark, nonce) },
        message: `Prove pool ${pool}`,
      });
      const [jobId] = await gitlab.startPipeline(project.id);
      if (jobId === undefined) throw new Error('GitLab made a pipeline without a job');
      store.updateProof(id, { projectId: project.id, jobId });
    } catch (error) {
      const { message, next } = problemOf(error);
      const evidence = nothing(`The proof job could not be made. ${message}`, next);
      store.updateProof(id, { endedAt: clock.now(), evidence });
      context.log.warn(`pool ${pool} could not be proven`, { error });
    }
  },
};

/** Among so many of the newest records the runner of a proof is looked for. */
const rememberedRunners = 1_000;
const triedAgain = 'Nothing to do: it is tried again.';

export const endProof: ActionForm<'end-proof'> = {
  kind: 'end-proof',
  group: 'gitlab',
  // A job that has left the queue may take a moment to say how it ended.
  pauseMs: 2_000,
  apply: async (action, context) => {
    const evidence = await evidenceOf(action, context);
    if (evidence === null) return;
    context.store.updateProof(action.record.id, { endedAt: context.clock.now(), evidence });
  },
};

type EndProof = Extract<Action, { kind: 'end-proof' }>;

function nothing(sentence: string, fix = triedAgain): Evidence {
  return { kind: 'none', sentence, fix };
}

/** `null`: it has not ended yet. */
async function evidenceOf({ record, arch, how }: EndProof, context: ApplyContext): Promise<Evidence | null> {
  const { projectId, jobId, nonce } = record;
  if (projectId === null || jobId === null) return nothing('AutoGit ended before the proof job was made.');
  const gitlab = context.gitlab();
  if (how === 'late' || how === 'withdrawn') {
    // A job of our own, which nobody else waits for.
    await gitlab.cancelJob(projectId, jobId);
    if (how === 'withdrawn')
      return nothing('The proof was called off: the pool has changed, or may not run now.');
    return nothing(
      'No runner has taken the proof job, or it has not ended, within half an hour.',
      'See what keeps the pool busy: autogit pool show',
    );
  }
  const job = await gitlab.job(projectId, jobId);
  if (job === null) return nothing('The proof job is not at GitLab any more.');
  if (job.status === 'canceled') return nothing('Somebody has cancelled the proof job.');
  if (job.status !== 'success' && job.status !== 'failed') return null;
  const { text } = await gitlab.jobLog(projectId, jobId, { offset: 0, ended: true });
  return {
    kind: 'job',
    succeeded: job.status === 'success',
    failureReason: job.failureReason,
    log: linesWith(nonce, text),
    artifact: await gitlab.jobArtifact(projectId, jobId, proofFile),
    arch,
    gpu: cardsOf(job, context),
  };
}

/** Longer than all that a proof has to say. Characters. */
const longestEvidence = 16_384;

function linesWith(nonce: string, text: string): string {
  const lines = text.split(/[\r\n]+/).filter((line) => line.includes(nonce));
  return lines.join('\n').slice(0, longestEvidence);
}

type Cards = Pick<GpuGrant, 'vendor' | 'ids'>;

/** The cards of the runner that ran it. */
function cardsOf({ systemId }: QueuedJob, { store }: ApplyContext): Cards | null {
  const runner = store.recentRunners(rememberedRunners).find((one) => one.systemId === systemId);
  const { grant = null } = runner ?? {};
  return grant === null ? null : { vendor: grant.vendor, ids: grant.ids };
}
