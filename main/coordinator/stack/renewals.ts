// Renews certificate and token of a stack that is up, by itself, before they end; what cannot be renewed is an issue.
import { projectOf } from '../../apply/stack/context.ts';
import { readPair } from '../../apply/stack/own-certificate.ts';
import { renewAccess, renewCertificate } from '../../apply/stack/renew.ts';
import type { RenewContext } from '../../apply/stack/renew.ts';
import { AutoGitError, toAutoGitError } from '../../errors.ts';
import type { Issue } from '../../model/issue.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import { hashOf } from '../../model/stack/content-hash.ts';
import type { Rendering } from '../../model/stack/stack.ts';
import type { StackStanding } from '../../stack-ports.ts';
import type { RunTools } from './carry-out.ts';
import type { StackRuns } from './stack-runs.ts';

/** Of looks whether something is to be done; most cost a read of the store. Milliseconds. */
export const renewalRoundMs = 60_000;
const dailyMs = 86_400_000;
/** After a start of the machine everything else starts, too. Milliseconds. */
const firstMs = 300_000;
/** The pause after a failure doubles, up to the last. Milliseconds. */
const retryMs = { first: 600_000, last: 6 * 3_600_000 } as const;
/** What mends itself, as a GitLab that starts, becomes an issue only after this. Milliseconds. */
const patienceMs = 86_400_000;

export interface StackRenewals {
  start(): void;
  /** One look, now; nothing is done that is not due. Never rejects. */
  look(): Promise<void>;
  /**
   * The certificate now, because a person asks: true: another one is served; `null`: not done, since a run goes on.
   * Rejects with `stack.none` where none is up, and like the renewal.
   */
  renewCertificate(): Promise<boolean | null>;
  /** What could not be renewed, and why. */
  issues(): readonly Issue[];
  stop(): Promise<void>;
}

export interface RenewalsOptions extends Pick<
  RunTools,
  | 'journal'
  | 'folder'
  | 'secrets'
  | 'crypto'
  | 'clock'
  | 'log'
  | 'readText'
  | 'compose'
  | 'connectAdmin'
  | 'home'
  | 'instance'
  | 'whyNotReady'
  | 'engine'
> {
  readonly runs: Pick<StackRuns, 'aside'>;
  /** The stack of these answers on the machine as it is now. */
  render(answers: StackAnswers): Promise<Rendering>;
  /** Told of each deed and of each that failed. */
  readonly audit: (request: string, outcome: string) => void;
  /** Issues have come or gone, or the token is another one. */
  readonly onChange: () => void;
}

interface Job {
  readonly request: string;
  readonly key: string;
  readonly what: string;
  readonly renew: (context: RenewContext) => Promise<boolean>;
}

const certificate: Job = {
  request: 'stack.renew-certificate',
  key: 'stack.certificate-not-renewed',
  what: 'The certificate could not be renewed; the present one is served on.',
  renew: renewCertificate,
};
const token: Job = {
  request: 'stack.renew-token',
  key: 'stack.token-not-renewed',
  what: "AutoGit's token at GitLab could not be renewed.",
  renew: renewAccess,
};
const jobs = [certificate, token] as const;

/** How a job stands. Instants are of the monotonic clock. */
interface State {
  dueAt: number;
  failures: number;
  failingSince: number | null;
  issue: Issue | null;
}

interface Memory {
  readonly states: Map<Job, State>;
  /** The run that was begun last. */
  run: number | null;
  /** The person's own files, as they were seen last. */
  seen: string | null;
  /** They are others since, and may not be written to the end yet. */
  isSettling: boolean;
}

/** Nothing runs before `start`. */
export function createRenewals(options: RenewalsOptions): StackRenewals {
  const { clock, log, onChange } = options;
  const stopping = new AbortController();
  const memory: Memory = { states: new Map(), run: null, seen: null, isSettling: false };
  let loop: Promise<void> = Promise.resolve();
  const issues = (): readonly Issue[] => [...memory.states.values()].flatMap(({ issue }) => issue ?? []);
  const look = async (): Promise<void> => {
    const before = JSON.stringify(issues());
    try {
      await goRound(options, memory);
    } catch (error) {
      log.warn('nobody knows whether the stack has something to renew', { error });
    }
    if (JSON.stringify(issues()) !== before) onChange();
  };
  return {
    start: () => {
      loop = (async () => {
        await clock.sleep(firstMs, stopping.signal);
        while (!stopping.signal.aborted) {
          await look();
          await clock.sleep(renewalRoundMs, stopping.signal);
        }
      })();
    },
    look,
    renewCertificate: () => renewAsked(options, memory),
    issues,
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}

async function goRound(options: RenewalsOptions, memory: Memory): Promise<void> {
  const standing = options.journal.standing();
  if (standing?.isUp !== true) {
    memory.states.clear();
    return;
  }
  noticeRun(options, memory);
  await noticeFiles(standing.answers, options, memory);
  const now = options.clock.monotonic();
  const due = jobs.filter(
    (job) => now >= stateOf(job, memory).dueAt && !(job === certificate && memory.isSettling),
  );
  if (due.length === 0) return;
  await options.runs.aside((signal) => renewAll(due, standing, { ...options, memory, signal }));
}

async function renewAsked(options: RenewalsOptions, memory: Memory): Promise<boolean | null> {
  const standing = options.journal.standing();
  if (standing?.isUp !== true)
    throw new AutoGitError({
      key: 'stack.none',
      message: 'No stack is up, so that no certificate is served.',
      next: 'Bring one up, which makes its certificate, too: autogit stack up',
    });
  return options.runs.aside(async (signal) => {
    const tools = { ...options, memory, signal };
    const context = await contextOf(standing.answers, tools);
    if (signal.aborted) return null;
    const isDone = await renewCertificate(context, true);
    succeeded(certificate, isDone, tools);
    return isDone;
  });
}

function stateOf(job: Job, { states }: Memory): State {
  const state = states.get(job) ?? { dueAt: -Infinity, failures: 0, failingSince: null, issue: null };
  states.set(job, state);
  return state;
}

/** A run that has begun since may mend what failed, or change what is to be renewed: all is looked at after it. */
function noticeRun({ journal }: RenewalsOptions, memory: Memory): void {
  const run = journal.last()?.id ?? null;
  if (run === memory.run) return;
  memory.run = run;
  for (const job of jobs) stateOf(job, memory).dueAt = -Infinity;
}

/** The person's own files: when they are others, and two looks in a row agree, since they come one after the other. */
async function noticeFiles(
  { tls }: StackAnswers,
  { readText }: RenewalsOptions,
  memory: Memory,
): Promise<void> {
  if (tls.mode !== 'own') return;
  const pair = await readPair(tls, { readText }).catch(() => null);
  const seen = pair === null ? 'unreadable' : hashOf(`${pair.certificate}\0${pair.key}`);
  const isOther = memory.seen !== null && memory.seen !== seen;
  if (memory.isSettling && !isOther) stateOf(certificate, memory).dueAt = -Infinity;
  memory.seen = seen;
  memory.isSettling = isOther;
}

type Renewing = RenewalsOptions & { readonly memory: Memory; readonly signal: AbortSignal };

async function renewAll(due: readonly Job[], standing: StackStanding, tools: Renewing): Promise<void> {
  let context: RenewContext | null = null;
  for (const job of due) {
    try {
      context ??= await contextOf(standing.answers, tools);
      if (tools.signal.aborted) return;
      const isDone = await job.renew(context);
      succeeded(job, isDone, tools);
    } catch (error) {
      // It is still due, and done after the run that it gave way to.
      if (tools.signal.aborted) return;
      failed(job, { error, lab: standing.answers.lab }, tools);
    }
  }
}

/** Rejects with `stack.no-engine`, and with the first problem of answers that cannot be rendered any more. */
async function contextOf(answers: StackAnswers, tools: Renewing): Promise<RenewContext> {
  const project = projectOf(answers.lab, tools);
  const rendering = await tools.render(answers);
  const tell = ({ message }: { readonly message?: string }): void => {
    if (message !== undefined) tools.log.info(message);
  };
  if (rendering.ok) return { ...tools, stack: rendering.stack, project, tell };
  const [problem] = rendering.problems;
  if (problem === undefined) throw new Error('the answers cannot be rendered, and nobody says why');
  const { key, message, next, field } = problem;
  throw new AutoGitError({ key, message: `${field}: ${message}`, next, fields: { field } });
}

function succeeded(job: Job, isDone: boolean, { memory, clock, log, audit, onChange }: Renewing): void {
  Object.assign(stateOf(job, memory), {
    ...{ dueAt: clock.monotonic() + dailyMs, failures: 0, failingSince: null, issue: null },
  });
  if (!isDone) return;
  log.info('renewed', { request: job.request });
  audit(job.request, 'done');
  onChange();
}

function failed(
  job: Job,
  { error, lab }: { readonly error: unknown; readonly lab: string },
  { memory, clock, log, audit }: Renewing,
): void {
  const state = stateOf(job, memory);
  const now = clock.monotonic();
  const { key, message, next, retry } = toAutoGitError(error);
  log.warn('could not be renewed', { request: job.request, error });
  audit(job.request, key);
  const pause = Math.min(retryMs.first * 2 ** state.failures, retryMs.last);
  state.dueAt = now + pause;
  state.failures += 1;
  state.failingSince ??= now;
  if (retry && now - state.failingSince < patienceMs) return;
  state.issue = {
    ...{ key: job.key, severity: 'warning', subject: `lab ${lab}` },
    ...{ message: `${job.what} ${message}`, next },
  };
}
