// Requests about the sandbox: start, stop, reset, demo projects, how to reach it.
import { secretName } from '../apply/context.ts';
import type { Outcome, Output, ParsedInput } from '../contract/contract.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { AutoGitError } from '../errors.ts';
import type { GitlabSettings, Settings } from '../model/settings.ts';
import { sandboxVolume } from '../plan/desire.ts';
import { elsewhereIssue, sandboxElsewhere } from '../plan/plan-sandbox.ts';
import { isEnding } from '../plan/sandbox-trouble.ts';
import { demoRepository } from './demo-repository.ts';
import { awaitEffect, notYet, patienceMs, requireSettings, workingRunners } from './effect.ts';
import { addRequest, takeBack } from './open-requests.ts';
import { toOutcome } from './outcome.ts';
import { preview, previewOf } from './preview.ts';
import type { RequestContext } from './requests.ts';

/** Refuses what would make a second sandbox, or would leave the first where nobody looks for it. */
function requireSandboxHere({ coordinator, store }: RequestContext): void {
  const elsewhere = sandboxElsewhere(sandboxVolume(store.instance), coordinator.look().observed);
  if (elsewhere !== null) throw new AutoGitError(elsewhereIssue(elsewhere, 'running'));
}

/** The sandbox's part of a state that every look at the engine confirms. */
function sandboxSettings(runner: 'sandbox' | 'official', state: 'running' | 'stopped'): GitlabSettings {
  return { kind: 'sandbox', state, runner };
}

export async function startSandbox(
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

export async function seedSandbox(
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

export async function resetSandbox(dryRun: boolean, context: RequestContext): Promise<Outcome> {
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

export async function stopSandbox(dryRun: boolean, context: RequestContext): Promise<Outcome> {
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

/** `sandbox.status`. */
export async function showSandbox({ live }: RequestContext): Promise<Output<'sandbox.status'>> {
  const snapshot = live.current();
  const { gitlab } = snapshot;
  return {
    state: sandboxState(snapshot, gitlab.url !== null),
    url: gitlab.kind === 'sandbox' ? gitlab.url : null,
    gitlab,
  };
}

/** `sandbox.access`. */
export async function showAccess({
  live,
  secrets,
  settings,
}: RequestContext): Promise<Output<'sandbox.access'>> {
  return {
    url: settings.current().gitlab.kind === 'sandbox' ? live.current().gitlab.url : null,
    username: 'root',
    token: secrets.get(secretName.sandboxRootToken),
  };
}
