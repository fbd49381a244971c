// Carries out one run of the stack: what is next, done, written down; what fails ends it, or gives the former stack its place back.
import { endTrial, requireRoom } from '../../apply/stack/acme.ts';
import { configure } from '../../apply/stack/configure.ts';
import { projectOf } from '../../apply/stack/context.ts';
import type { ApplyStep, StackTools } from '../../apply/stack/context.ts';
import { withDirectoryRoot } from '../../apply/stack/directory-root.ts';
import { writeFiles } from '../../apply/stack/files.ts';
import { makeFolders } from '../../apply/stack/folders.ts';
import { awaitHealth } from '../../apply/stack/health.ts';
import { withOwnRoot } from '../../apply/stack/own-certificate.ts';
import { preflight } from '../../apply/stack/preflight.ts';
import { pullImages } from '../../apply/stack/pull.ts';
import { dropSecretFiles } from '../../apply/stack/put-secret.ts';
import { restartServices } from '../../apply/stack/restart.ts';
import { putTrustBack, rollBack } from '../../apply/stack/roll-back.ts';
import { awaitRunners } from '../../apply/stack/runners.ts';
import { makeSecrets } from '../../apply/stack/secrets.ts';
import { startServices } from '../../apply/stack/start.ts';
import { removeRest, takeDown } from '../../apply/stack/take-down.ts';
import { AutoGitError, messageOf, problemOf, toAutoGitError } from '../../errors.ts';
import type { Issue } from '../../model/issue.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type {
  RenderedStack,
  Rendering,
  StackFacts,
  StackFailure,
  StackRun,
  StackStep,
} from '../../model/stack/stack.ts';
import type { TemplateSource } from '../../model/stack/template.ts';
import { createClean } from '../../plan/diagnose/redact.ts';
import { nextDeed, servesOn } from '../../plan/stack/next-step.ts';
import { upgradedServices } from '../../plan/stack/upgrades.ts';
import type { Templates } from '../../stack-ports.ts';
import type { StackNews } from './progress-board.ts';
import { refusedAnswers } from './refused-answers.ts';

export interface RunTools extends Omit<StackTools, 'findings' | 'clean'> {
  readonly templates: Templates;
  /** What of the machine decides about the stack of this lab, looked at anew. */
  facts(lab: string): Promise<StackFacts>;
  render(input: {
    readonly answers: StackAnswers;
    readonly facts: StackFacts;
    readonly templates: readonly TemplateSource[];
  }): Rendering;
  /** Checks of the machine for this stack, made anew. */
  findings(stack: RenderedStack, facts: StackFacts): Promise<readonly Issue[]>;
  /** Before services get another version: backs up what stands. Rejects where the upgrade must not be. Missing: nothing is done. */
  readonly beforeUpgrade?: ((services: readonly string[], signal: AbortSignal) => Promise<void>) | undefined;
}

interface Carrying extends RunTools {
  readonly isResumed: boolean;
  readonly signal: AbortSignal;
  tell(news: StackNews): void;
}

const steps: Readonly<Record<StackStep, ApplyStep>> = {
  preflight,
  folders: makeFolders,
  secrets: makeSecrets,
  files: writeFiles,
  pull: pullImages,
  start: startServices,
  health: awaitHealth,
  configure: async (context) => {
    await dropSecretFiles(context);
    await configure(context);
  },
  runners: awaitRunners,
};

/** After the start of a machine its engine may take a while. Milliseconds. */
const enginePatienceMs = 10 * 60_000;
const enginePauseMs = 5_000;

/** The run as it ended; `null`: the core stops, and the run stays open. Rejects only where the journal does. */
export async function carryOutRun(run: StackRun, tools: Carrying): Promise<StackRun | null> {
  const { journal, clock, signal, log } = tools;
  const done = new Set<StackStep>();
  const prepared = onceDone(() => prepare(run, tools));
  for (;;) {
    const present = journal.open();
    if (present?.id !== run.id) return present;
    if (signal.aborted) return null;
    const next = nextDeed(present, done, journal.standing());
    switch (next.kind) {
      case 'end':
        await takeBack(present, tools);
        journal.end(run.id, next.outcome, clock.now());
        log.info('a run of the stack has ended', { run: run.id, verb: run.verb, outcome: next.outcome });
        return { ...present, outcome: next.outcome, endedAt: clock.now() };
      case 'turn-back': {
        const outcome = await turnBack(present, await prepared.get().catch(() => null), tools);
        if (outcome === null) return null;
        await takeBack(present, tools);
        journal.end(run.id, outcome.outcome, clock.now());
        if (outcome.outcome === 'rolled-back') forgetKept(tools);
        return { ...present, ...outcome, endedAt: clock.now() };
      }
      case 'step':
        if (!(await doStep(next.step, present, { tools, prepared, done }))) return null;
    }
  }
}

interface Doing {
  readonly tools: Carrying;
  readonly prepared: Once<Prepared>;
  readonly done: Set<StackStep>;
}

/** False: the core stops. A step that has ended before is gone through without a word in the journal. */
async function doStep(step: StackStep, run: StackRun, { tools, prepared, done }: Doing): Promise<boolean> {
  const { journal, clock, signal, log } = tools;
  const isRepeated = run.steps.some((one) => one.step === step && one.endedAt !== null);
  if (!isRepeated) journal.stepBegan(run.id, step, clock.now());
  tools.tell({ step });
  try {
    await applyStep(step, run, { tools, prepared });
    signal.throwIfAborted();
    if (step === 'health' && (await leaveTrial(run, { tools, prepared, done }))) return true;
  } catch (error) {
    if (signal.aborted) return false;
    const { key, message, next } = toAutoGitError(error);
    log.warn(`step ${step} of the stack failed`, { error });
    journal.failed(run.id, { step, key, message, next });
    return true;
  }
  if (!isRepeated) journal.stepEnded(run.id, step, clock.now());
  done.add(step);
  return true;
}

/** What comes after a trial at the staging authority: the same once more with the real one. */
const afterTrial: readonly StackStep[] = ['files', 'start', 'health'];

/**
 * True: the staging authority has given a certificate, and the stack is made for the real one now. A kill before that is
 * written down has it tried once more, one after it goes on with the real one.
 */
async function leaveTrial(run: StackRun, { tools, prepared, done }: Doing): Promise<boolean> {
  if (run.verb !== 'up') return false;
  const { stack } = await prepared.get();
  if (stack.isTrial !== true) return false;
  tools.tell({
    message: "Let's Encrypt's staging authority has given a certificate; now the real one is asked",
  });
  await endTrial({ stack, secrets: tools.secrets });
  prepared.forget();
  for (const step of afterTrial) done.delete(step);
  return true;
}

async function applyStep(
  step: StackStep,
  run: StackRun,
  { tools, prepared }: Omit<Doing, 'done'>,
): Promise<void> {
  if (run.verb === 'down' || run.verb === 'destroy') {
    if (step === 'start' && tools.isResumed) await engineThere(run.answers.lab, tools);
    const context = { ...toolsFor(run, null, tools), run, signal: tools.signal };
    return step === 'folders' ? removeRest(context) : takeDown(context);
  }
  const { stack, facts } = await prepared.get();
  if (step === 'files') requireRoom({ ...tools, stack });
  const project = projectOf(stack.lab, tools);
  const context = { ...toolsFor(run, facts, tools), run, stack, project, signal: tools.signal };
  await (run.verb === 'restart' && step === 'start' ? restartServices(context) : steps[step](context));
  if (run.verb === 'up' && step === 'preflight') await backUpBefore(stack, run, tools);
}

/** Once for a run: one that is taken up again has done it. */
async function backUpBefore(stack: RenderedStack, run: StackRun, tools: Carrying): Promise<void> {
  const { journal, beforeUpgrade, signal, tell } = tools;
  const standing = journal.standing();
  const isDone = run.steps.some(({ step, endedAt }) => step === 'preflight' && endedAt !== null);
  if (beforeUpgrade === undefined || standing === null || isDone || run.wish.withoutBackup === true) return;
  const upgraded = upgradedServices(stack.services, standing.images ?? {});
  if (upgraded.length === 0) return;
  tell({ message: 'Backing up what stands, before anything is upgraded: autogit backup watch' });
  await beforeUpgrade(upgraded, signal);
}

function toolsFor(
  run: StackRun,
  facts: StackFacts | null,
  tools: Carrying,
): StackTools & Pick<Carrying, 'tell'> {
  return {
    ...tools,
    clean: (text) => createClean(tools.secrets.values(), base64)(text),
    findings: async (stack) => tools.findings(stack, facts ?? (await tools.facts(run.answers.lab))),
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

interface Prepared {
  readonly stack: RenderedStack;
  readonly facts: StackFacts;
}

/** The stack as the answers say, on the machine as it is now. Rejects with the first problem of the answers. */
async function prepare({ answers }: StackRun, tools: Carrying): Promise<Prepared> {
  const facts = await withDirectoryRoot(answers, await knownFacts(answers.lab, tools), tools);
  const whole = await withOwnRoot(answers, tools);
  const rendering = tools.render({ answers: whole, facts, templates: await tools.templates.read() });
  if (rendering.ok) return { stack: rendering.stack, facts };
  throw refusedAnswers(rendering.problems);
}

/** A core that takes a run up may be earlier than the engine. */
async function knownFacts(
  lab: string,
  { facts, clock, signal, isResumed, tell }: Carrying,
): Promise<StackFacts> {
  const begun = clock.monotonic();
  for (;;) {
    const found = await facts(lab);
    const isLate = clock.monotonic() - begun >= enginePatienceMs;
    if (found.engine !== null || !isResumed || isLate) return found;
    tell({ message: 'Waiting for the container engine' });
    await clock.sleep(enginePauseMs, signal);
    signal.throwIfAborted();
  }
}

/** To take down what is there needs the engine and nothing else: facts that cannot be found are no reason to stay. */
async function engineThere(lab: string, tools: Carrying): Promise<void> {
  try {
    await knownFacts(lab, tools);
  } catch (error) {
    tools.signal.throwIfAborted();
    tools.log.info('the machine cannot be looked at; the stack is taken down all the same', { error });
  }
}

/** Answers that never served are not the lab's: nobody is to judge it by them, or to bring them up unasked. */
async function takeBack(run: StackRun, tools: Carrying): Promise<void> {
  const { journal, log } = tools;
  const standing = journal.standing();
  if (standing === null || !servesOn(run, standing)) return;
  journal.setCurrent(standing.answers);
  if (standing.answers.lab !== run.answers.lab) return;
  try {
    await putTrustBack(standing, tools);
  } catch (error) {
    log.warn('the certificate of the stack that stands could not be put back', { error });
  }
}

/** After the end is written: until then whoever takes the run up goes back once more. */
function forgetKept({ journal }: Carrying): void {
  const standing = journal.standing();
  if (standing !== null) journal.setStanding({ ...standing, isKept: false });
}

interface TurnedBack {
  readonly outcome: string;
  readonly failure?: StackFailure;
}

/** `null`: the core stops. A former stack that cannot be brought back either is told with the reason of it all. */
async function turnBack(
  run: StackRun,
  prepared: Prepared | null,
  tools: Carrying,
): Promise<TurnedBack | null> {
  const { journal, signal, log } = tools;
  const standing = journal.standing();
  const { failure } = run;
  if (standing === null || failure === undefined) return { outcome: failure?.key ?? 'interrupted' };
  const { files, services } = prepared?.stack ?? { files: [], services: [] };
  try {
    await rollBack(standing, {
      ...toolsFor(run, null, tools),
      lab: run.answers.lab,
      hasStarted: run.steps.some(({ step }) => step === 'start'),
      modes: Object.fromEntries(files.map(({ path, mode }) => [path, mode])),
      readersOf: (path) => services.filter((one) => one.files.includes(path)).map(({ name }) => name),
      signal,
    });
    return { outcome: 'rolled-back' };
  } catch (error) {
    if (signal.aborted) return null;
    if (!(error instanceof AutoGitError)) throw error;
    log.error('the former stack could not be brought back', { error });
    const message = `${failure.message} The stack that stood before could not be brought back: ${messageOf(error)}`;
    return { outcome: failure.key, failure: { ...failure, message, next: problemOf(error).next } };
  }
}

interface Once<T> {
  get(): Promise<T>;
  forget(): void;
}

/** Done at the first call; after a failure, again at the next. */
function onceDone<T extends object>(work: () => Promise<T>): Once<T> {
  let found: T | null = null;
  return {
    get: async () => (found ??= await work()),
    forget: () => {
      found = null;
    },
  };
}
