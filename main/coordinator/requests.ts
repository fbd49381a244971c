// What each request of the contract does: queries read the live state, commands change a wish and wait for its effect.
import { contract } from '../contract/contract.ts';
import type { CallName, Outcome, Output, ParsedInput } from '../contract/contract.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { AutoGitError } from '../errors.ts';
import { secretName } from '../apply/context.ts';
import type { Door, RequestKind } from '../model/request.ts';
import type { RestartLook } from '../model/stack/restarts.ts';
import type { GitlabSettings, Settings } from '../model/settings.ts';
import { sandboxVolume } from '../plan/desire.ts';
import { elsewhereIssue, sandboxElsewhere } from '../plan/plan-sandbox.ts';
import { isEnding } from '../plan/sandbox-trouble.ts';
import type { Clock, Engines, Host, RequestRecord, Secrets, Store } from '../ports.ts';
import type { Probe } from '../probe-port.ts';
import type { ConnectGitlabAdmin } from '../stack-ports.ts';
import { applyAdvice, showAdvice } from './advice-requests.ts';
import {
  disableArchitecture,
  emulatorsLeft,
  enableArchitecture,
  listArchitectures,
  showArchFile,
  testArchitectures,
} from './arch-requests.ts';
import type { ReadCertificate } from './ca-file.ts';
import type { Coordinator } from './coordinator.ts';
import { demoRepository } from './demo-repository.ts';
import { listEngines, showEngine, useEngine } from './engine-requests.ts';
import { collectDiagnosis, diagnoseSources } from './diagnose-requests.ts';
import type { OwnProgram } from './diagnose-requests.ts';
import { connectExisting } from './gitlab-requests.ts';
import { listGpus, releaseGpu, reserveGpu, setGpuUse, showGpu } from './gpu-requests.ts';
import { gpuHistory, machineHistory } from './hardware-requests.ts';
import type { HardwareWatch } from './hardware-watch.ts';
import { awaitEffect, notYet, patienceMs, requireSettings, workingRunners } from './effect.ts';
import { cancelJob, explain, retryJob, showJob } from './job-requests.ts';
import { fixFindings, runDoctor, showMachine } from './machine-requests.ts';
import { simulatePools } from './simulate-request.ts';
import { namesContext, publishNames, showNames, verifyNames } from './names-requests.ts';
import { toOutcome } from './outcome.ts';
import { addPool, pausePool, removePool, resumePool, setPool, showPool } from './pool-requests.ts';
import { preview, previewOf } from './preview.ts';
import { provePool } from './prove-pool.ts';
import { showReadyPools } from './ready-pools.ts';
import type { FindEmulated } from './ready-pools.ts';
import { recoverLab, recoverPool } from './recover-requests.ts';
import { drainRunner, removeRunner, showRunner } from './runner-requests.ts';
import { renderJob } from './snapshot.ts';
import type { RunnerOf } from './snapshot.ts';
import type { SettingsAccess } from './settings-access.ts';
import type { StackLookParts } from './stack/look-parts.ts';
import { planRequest, showQuestions } from './stack/plan-request.ts';
import { destroyStack, downStack, restartStack, upStack } from './stack/run-requests.ts';
import type { StackDesk } from './stack/stack-desk.ts';
import { showCode } from './stack/code-request.ts';
import { setSecret, showSecret } from './stack/secret-requests.ts';
import { showStack } from './stack/stack-status.ts';
import type { LiveState } from './live-state.ts';

export interface RequestContext {
  readonly coordinator: Coordinator;
  readonly live: LiveState;
  readonly hardware: HardwareWatch;
  readonly store: Store;
  readonly secrets: Secrets;
  readonly host: Host;
  readonly engines: Engines;
  readonly clock: Clock;
  readonly settings: SettingsAccess;
  readonly findEmulated: FindEmulated;
  readonly probe: Probe;
  readonly connectGitlabAdmin: ConnectGitlabAdmin;
  readonly readCertificate: ReadCertificate;
  readonly program: OwnProgram;
  readonly runnerOf: RunnerOf;
  /** What the doctor looks at of a stack; missing: this core knows of none. */
  readonly stackLook?: StackLookParts | undefined;
  readonly stack: StackDesk;
  /** Earlier looks at restarts of the stack's containers, oldest first. */
  readonly restartLooks?: (() => readonly RestartLook[]) | undefined;
  readonly door: Door;
}

type Handlers = {
  readonly [N in CallName]: (input: ParsedInput<N>, context: RequestContext) => Promise<Output<N>>;
};

/** Adds a request unless one of its kind is open. */
function addRequest(context: RequestContext, kind: RequestKind): void {
  if (!context.store.openRequests().some((open) => open.kind === kind))
    context.store.addRequest(kind, context.door);
}

function takeBack(context: RequestContext, kinds: readonly RequestKind[]): readonly RequestRecord[] {
  const taken = context.store.openRequests().filter((open) => kinds.includes(open.kind));
  for (const request of taken) context.store.finishRequest(request.id, 'taken back');
  return taken;
}

/** Refuses what would make a second sandbox, or would leave the first where nobody looks for it. */
function requireSandboxHere({ coordinator, store }: RequestContext): void {
  const elsewhere = sandboxElsewhere(sandboxVolume(store.instance), coordinator.look().observed);
  if (elsewhere !== null) throw new AutoGitError(elsewhereIssue(elsewhere, 'running'));
}

/** The sandbox's part of a state that every look at the engine confirms. */
function sandboxSettings(runner: 'sandbox' | 'official', state: 'running' | 'stopped'): GitlabSettings {
  return { kind: 'sandbox', state, runner };
}

async function startSandbox(
  input: ParsedInput<'sandbox.start'>,
  context: RequestContext,
): Promise<Output<'sandbox.start'>> {
  const { settings } = context;
  const present = settings.current();
  if (present.gitlab.kind === 'server') {
    throw new AutoGitError({
      key: 'sandbox.home-in-use',
      message: `This home serves the GitLab at ${present.gitlab.url}; the sandbox never stands in for it.`,
      next: 'Give the sandbox a home of its own: AUTOGIT_HOME=~/autogit-sandbox autogit sandbox start',
    });
  }
  requireSandboxHere(context);
  const wanted: Settings = { ...present, gitlab: sandboxSettings(input.runner, 'running') };
  if (input.dryRun) return { ...previewOf(preview(context, wanted, [])), url: null };
  takeBack(context, ['drain', 'teardown', 'reset-sandbox']);
  await settings.save(wanted);
  const ready = await awaitEffect(
    context,
    ({ gitlab }) => gitlab.kind === 'sandbox' && (gitlab.state === 'ready' || isLost(gitlab)),
  );
  if (ready === null) throw notReady(context.live.current());
  const { url, problem } = ready.gitlab;
  if (problem !== null && isLost(ready.gitlab)) throw new AutoGitError(problem);
  const next = 'Push a demo project to it with: autogit sandbox seed';
  return { ...toOutcome([], false, `The sandbox runs at ${url ?? ''}.`, next), url };
}

/** No patience helps a sandbox whose data or token is lost. */
function isLost({ problem }: Snapshot['gitlab']): boolean {
  return problem !== null && (problem.key === 'sandbox.token-lost' || isEnding(problem.key));
}

function notReady(snapshot: Snapshot): AutoGitError {
  const [issue] = snapshot.issues;
  return new AutoGitError({
    key: 'sandbox.not-ready',
    message: `The sandbox did not answer within ${patienceMs / 1000} s${issue === undefined ? '' : `: ${issue.message}`}`,
    next: issue?.next ?? 'Look at its container: autogit sandbox status',
  });
}

function sandboxState({ gitlab, nodes }: Snapshot, hasContainer: boolean): Output<'sandbox.status'>['state'] {
  if (nodes.some(({ engine }) => engine.state === 'failed')) return 'failed';
  if (gitlab.kind !== 'sandbox') return 'absent';
  switch (gitlab.state) {
    case 'ready':
      return 'running';
    case 'stopped':
      return hasContainer ? 'running' : 'stopped';
    case 'starting':
      return 'starting';
    case 'none':
      return 'absent';
    case 'stale':
    case 'failed':
      return 'failed';
  }
}

async function seed(
  input: ParsedInput<'sandbox.seed'>,
  context: RequestContext,
): Promise<Output<'sandbox.seed'>> {
  const { host, coordinator, secrets, settings } = context;
  const { jobs } = input;
  const isSandbox = settings.current().gitlab.kind === 'sandbox';
  const broken = context.live.current().nodes.find(({ engine }) => engine.state === 'failed');
  if (isSandbox && broken?.engine.problem) throw new AutoGitError(broken.engine.problem);
  const token = secrets.get(secretName.sandboxRootToken);
  if (!isSandbox || token === null) {
    throw new AutoGitError({
      key: 'sandbox.not-running',
      message: 'Demo projects are made in the sandbox only, and this home has none running.',
      next: 'Start it with: autogit sandbox start',
    });
  }
  if (input.dryRun) {
    const message = `Would create a project and push a pipeline of ${jobs} jobs to it.`;
    return { ...toOutcome([], true, message), project: null, jobs };
  }
  const gitlab = coordinator.gitlab();
  const project = await gitlab.createProject(`demo-${host.randomHex(3)}`);
  await host.pushRepository({
    url: `${gitlab.url}/${project.path}.git`,
    username: 'root',
    password: token,
    files: demoRepository(jobs),
    message: 'Show how jobs queue, run and end',
  });
  coordinator.refresh();
  const message = `Pushed ${project.path} with a pipeline of ${jobs} jobs.`;
  return { ...toOutcome([], false, message, 'Watch them with: autogit events --follow'), project, jobs };
}

/** What a drain or a teardown wants gone and is still there. */
function leftOf(snapshot: Snapshot, kind: 'drain' | 'teardown'): readonly string[] {
  const { runners, pools } = snapshot;
  const entries = kind === 'drain' ? [] : pools.filter(({ ready }) => ready);
  return [
    ...runners.map(({ name }) => `runner ${name}`),
    ...entries.map(({ name }) => `the runner entry of pool ${name} at GitLab`),
    ...(kind === 'drain' ? [] : emulatorsLeft(snapshot)),
  ];
}

const gone = {
  drain: 'Every runner has left.',
  teardown: 'Every runner and every runner entry is gone; a sandbox and its data stay.',
} as const;

/** Adds a lasting request and waits until nothing is left that it wants gone. */
async function ask(kind: 'drain' | 'teardown', dryRun: boolean, context: RequestContext): Promise<Outcome> {
  requireSettings(context);
  const open = context.store.openRequests().map((request) => request.kind);
  const actions = preview(context, context.settings.current(), [...open, kind]);
  if (dryRun) return previewOf(actions);
  addRequest(context, kind);
  const done = await awaitEffect(
    context,
    (snapshot) => snapshot.mode !== 'serve' && leftOf(snapshot, kind).length === 0,
  );
  const present = context.live.current();
  const working = workingRunners(present);
  if (done === null && working === 0)
    throw notYet(`Still there: ${leftOf(present, kind).join(', ')}`, present);
  const message =
    done === null ? `${working} runners still finish their jobs; no new ones start.` : gone[kind];
  return toOutcome(actions, false, message, 'Serve the queue again with: autogit lab resume');
}

async function reset(dryRun: boolean, context: RequestContext): Promise<Outcome> {
  requireSettings(context);
  if (context.settings.current().gitlab.kind === 'server')
    return toOutcome([], dryRun, 'There is no sandbox to remove: this home serves a GitLab of its own.');
  requireSandboxHere(context);
  const actions = preview(context, context.settings.current(), ['reset-sandbox']);
  if (dryRun) {
    const message = 'The sandbox would be removed with all its projects and jobs. This would be done first:';
    return { ...previewOf(actions), message };
  }
  addRequest(context, 'reset-sandbox');
  const isGone = (): boolean => !context.store.openRequests().some(({ kind }) => kind === 'reset-sandbox');
  const done = await awaitEffect(context, isGone);
  if (done !== null) return toOutcome(actions, false, 'The sandbox and its data are gone.');
  const present = context.live.current();
  if (workingRunners(present) === 0) throw notYet('The sandbox is not removed yet', present);
  return toOutcome(actions, false, 'Runners still finish their jobs; the sandbox is removed after them.');
}

async function stopSandbox(dryRun: boolean, context: RequestContext): Promise<Outcome> {
  requireSettings(context);
  const { settings } = context;
  const present = settings.current();
  if (present.gitlab.kind !== 'sandbox') return toOutcome([], dryRun, 'There is no sandbox to stop.');
  requireSandboxHere(context);
  const wanted: Settings = { ...present, gitlab: sandboxSettings(present.gitlab.runner, 'stopped') };
  const open = context.store.openRequests().map(({ kind }) => kind);
  const actions = preview(context, wanted, open);
  if (dryRun) return previewOf(actions);
  await settings.save(wanted);
  const done = await awaitEffect(context, ({ gitlab, tasks }) => gitlab.url === null && tasks.length === 0);
  if (done === null) throw notYet('The sandbox is not stopped yet', context.live.current());
  return toOutcome(
    actions,
    false,
    'The sandbox is stopped; its data is kept.',
    'Start it again with: autogit sandbox start',
  );
}

/** One handler per query and command. */
export const handlers: Handlers = {
  'status.show': async (_, { live }) => contract['status.show'].output.parse(live.current()),
  'snapshot.show': async (_, { live }) => live.current(),
  'machine.detect': (_, context) => showMachine(context),
  'doctor.run': runDoctor,
  'doctor.fix': fixFindings,
  'gpu.list': (_, context) => listGpus(context),
  'gpu.reserve': reserveGpu,
  'gpu.show': showGpu,
  'gpu.use': setGpuUse,
  'gpu.release': releaseGpu,
  'arch.list': (_, context) => listArchitectures(context),
  'arch.test': testArchitectures,
  'arch.enable': enableArchitecture,
  'arch.disable': disableArchitecture,
  'arch.ci': (_, context) => showArchFile(context),
  'engine.list': (_, context) => listEngines(context),
  'engine.show': showEngine,
  'engine.use': useEngine,
  'pool.list': async (_, { live }) => live.current().pools,
  'pool.show': showPool,
  'pool.add': addPool,
  'pool.set': setPool,
  'pool.ready': showReadyPools,
  'pool.prove': provePool,
  'pool.pause': pausePool,
  'pool.resume': resumePool,
  'pool.recover': recoverPool,
  'pool.remove': removePool,
  'pool.advice': showAdvice,
  'pool.apply-advice': applyAdvice,
  'pool.simulate': simulatePools,
  'runner.list': async ({ pool }, { live }) =>
    live.current().runners.filter((runner) => pool === undefined || runner.pool === pool),
  'job.list': async ({ status, project, limit }, { store, runnerOf }) =>
    store.jobs(limit, { status, project }).map((job) => renderJob(job, runnerOf)),
  'runner.show': showRunner,
  'runner.drain': drainRunner,
  'runner.remove': removeRunner,
  'gpu.history': gpuHistory,
  'machine.history': machineHistory,
  'job.show': showJob,
  'job.explain': explain,
  'job.cancel': cancelJob,
  'job.retry': retryJob,
  'issue.list': async (_, { live }) => live.current().issues,
  'audit.list': async ({ limit }, { store }) => [...store.auditLog(limit)],
  'queue.refresh': async ({ dryRun }, { coordinator, live }) => {
    if (!dryRun) coordinator.refresh();
    return toOutcome([], dryRun, live.current().sentence);
  },
  'lab.drain': ({ dryRun }, context) => ask('drain', dryRun, context),
  'lab.teardown': ({ dryRun }, context) => ask('teardown', dryRun, context),
  'lab.resume': async ({ dryRun }, context) => {
    const open = context.store.openRequests().filter(({ kind }) => kind === 'drain' || kind === 'teardown');
    if (dryRun) return previewOf(preview(context, context.settings.current(), []));
    takeBack(context, ['drain', 'teardown']);
    context.coordinator.refresh();
    return toOutcome(
      [],
      false,
      open.length === 0 ? 'The queue was being served already.' : 'The queue is served again.',
    );
  },
  'lab.recover': recoverLab,
  'lab.objects': async (_, { coordinator }) => coordinator.objects(),
  'gitlab.connect': connectExisting,
  'names.show': (input, context) => showNames(input, namesContext(context)),
  'names.verify': (input, context) => verifyNames(input, namesContext(context)),
  'names.publish': (input, context) => publishNames(input, namesContext(context)),
  'diagnose.collect': (_, context) => collectDiagnosis(diagnoseSources(context)),
  'sandbox.start': startSandbox,
  'sandbox.stop': ({ dryRun }, context) => stopSandbox(dryRun, context),
  'sandbox.reset': ({ dryRun }, context) => reset(dryRun, context),
  'sandbox.seed': seed,
  'sandbox.status': async (_, { live }) => {
    const snapshot = live.current();
    const { gitlab } = snapshot;
    return {
      state: sandboxState(snapshot, gitlab.url !== null),
      url: gitlab.kind === 'sandbox' ? gitlab.url : null,
      gitlab,
    };
  },
  'sandbox.access': async (_, { live, secrets, settings }) => ({
    url: settings.current().gitlab.kind === 'sandbox' ? live.current().gitlab.url : null,
    username: 'root',
    token: secrets.get(secretName.sandboxRootToken),
  }),
  'stack.questions': (_, context) => showQuestions(context),
  'stack.plan': planRequest,
  'stack.up': upStack,
  'stack.status': (_, context) => showStack(context),
  'stack.restart': restartStack,
  'stack.down': downStack,
  'stack.destroy': destroyStack,
  'stack.secret': showSecret,
  'stack.code': (_, context) => showCode(context),
  'stack.set-secret': setSecret,
  'settings.show': async (_, { settings }) => ({
    file: settings.file,
    settings: { ...settings.current() },
    problems: [...settings.problems()],
  }),
  'settings.validate': async ({ text }, { settings }) => {
    const problems = await settings.check(text);
    return { valid: problems.length === 0, problems: [...problems] };
  },
};
