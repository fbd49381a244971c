// How the stack stands: its containers, the run in progress, its certificate.
import { rootOf } from '../../apply/stack/certificates.ts';
import { projectOf, stackSecret } from '../../apply/stack/context.ts';
import { servedAmong } from '../../apply/stack/serve-pair.ts';
import { defaultDomain } from '../../templates/settle.ts';
import type { Output } from '../../contract/contract.ts';
import { stackStatusSchema } from '../../contract/stack-fields.ts';
import { problemOf } from '../../errors.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import { rootFile } from '../../model/stack/made-files.ts';
import { needsCodes } from '../../model/stack/sign-in-code.ts';
import type { StackContainer, StackRun } from '../../model/stack/stack.ts';
import type { RequestContext } from '../requests.ts';
import type { StackDesk } from './stack-desk.ts';
import { publicUrl, stateOf, stateSentence } from './stack-state.ts';

type Context = Pick<RequestContext, 'stack' | 'store' | 'secrets'>;
type Status = Output<'stack.status'>;

interface SeenContainers {
  /** `null`: nobody could ask. */
  readonly containers: readonly StackContainer[] | null;
  /** Why not. */
  readonly problem: string | null;
}

async function containersOf(answers: StackAnswers, desk: StackDesk): Promise<SeenContainers> {
  try {
    return { containers: await desk.compose.containers(projectOf(answers.lab, desk)), problem: null };
  } catch (error) {
    return { containers: null, problem: problemOf(error).message };
  }
}

function serviceRow(container: StackContainer): Status['services'][number] {
  const { service, name, state, health, exitCode, restarts, startedAt, image } = container;
  return { service, container: name, state, health, exitCode, restarts, since: startedAt, image };
}

function missingRow(service: string): Status['services'][number] {
  const nothing = { container: null, exitCode: null, restarts: null, since: null, image: null };
  return { service, state: 'missing', health: 'none', ...nothing };
}

/** Containers by service, and services without one. */
function rowsOf(containers: readonly StackContainer[], started: readonly string[]): Status['services'] {
  const there = new Set(containers.map(({ service }) => service));
  const missing = started.filter((service) => !there.has(service)).map(missingRow);
  return [...containers.map(serviceRow), ...missing].toSorted((a, b) => (a.service < b.service ? -1 : 1));
}

async function certificateOf(answers: StackAnswers, context: Context): Promise<Status['certificate']> {
  const { lab, tls } = answers;
  const { folder, crypto } = context.stack;
  const files = await folder.read(lab).catch(() => null);
  const { certificate } = servedAmong(files ?? []);
  const read = certificate === null ? null : await crypto.read(certificate).catch(() => null);
  const hasRoot =
    rootOf({ lab, domain: answers.domain ?? defaultDomain(lab), answers }, context.secrets) !== null &&
    files?.some(({ path }) => path === rootFile) === true;
  const root = hasRoot ? `${folder.pathOf(lab)}/${rootFile}` : null;
  return { mode: tls.mode, until: read?.to ?? null, root };
}

function lastOf(run: StackRun | null): Status['last'] {
  if (run === null || run.endedAt === null || run.outcome === null) return null;
  const { id, verb, startedAt, endedAt, outcome } = run;
  return { run: id, verb, startedAt, endedAt, outcome };
}

/** When somebody was last shown GitLab's first password. */
export const shownNote = (lab: string): string => `stack.password-shown.${lab}`;
/** The secret with GitLab's first password. */
export const rootPassword = 'gitlab-root-password';

function isNew({ lab }: StackAnswers, { stack, store, secrets }: Context): boolean {
  if (secrets.get(stackSecret(lab, rootPassword)) === null) return false;
  const shownAt = store.noteOf(shownNote(lab));
  const destroyed = stack.journal.last('destroy');
  const wasDeleted = destroyed?.wish.deleteData === true ? (destroyed.endedAt ?? 0) : 0;
  return shownAt === null || shownAt < wasDeleted;
}

/** `stack.status`. Never rejects for an engine that does not answer. */
export async function showStack(context: Context): Promise<Status> {
  const { stack: desk } = context;
  const { journal, runs, folder } = desk;
  const answers = journal.current();
  const progress = runs.progress();
  const run = progress !== null && progress.outcome === null && progress.error === null ? progress : null;
  const last = lastOf(journal.last());
  if (answers === null) {
    const state = run === null ? 'none' : 'busy';
    const nothing = { lab: null, project: null, folder: null, data: null, gitlabUrl: null, answers };
    return stackStatusSchema.parse({
      ...{ state, ...nothing, services: [], run, last, certificate: null, isNew: false },
      sentence: stateSentence(state, { lab: null, message: run?.message ?? null, services: [] }),
    });
  }
  const { lab, data } = answers;
  const [{ containers, problem }, certificate] = await Promise.all([
    containersOf(answers, desk),
    certificateOf(answers, context),
  ]);
  const services = containers === null ? [] : rowsOf(containers, Object.keys(journal.started(lab)));
  const state = stateOf(containers === null ? null : services, {
    isBusy: run !== null,
    isUp: journal.standing()?.isUp === true,
    runsHealthChecks: desk.runsHealthChecks(),
  });
  return stackStatusSchema.parse({
    ...{ state, lab, data, answers, services, run, last, certificate },
    sentence: stateSentence(state, { lab, message: run?.message ?? null, services, problem }),
    project: `autogit-${lab}`,
    folder: folder.pathOf(lab),
    gitlabUrl: publicUrl(answers),
    isNew: isNew(answers, context),
    ...(needsCodes(answers) ? { needsCodes: true } : {}),
  });
}
