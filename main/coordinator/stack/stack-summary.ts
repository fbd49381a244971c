// The stack in the snapshot: looked at now and then, and at once when a run tells something.
import type { StackSummary } from '../../contract/stack-summary.ts';
import type { Log } from '../../log.ts';
import type { Clock, Engine } from '../../ports.ts';
import type { StackDesk } from './stack-desk.ts';
import { publicUrl, stateOf, stateSentence } from './stack-state.ts';
import type { SeenService } from './stack-state.ts';

/** Between two looks at the containers of a stack. Milliseconds. */
const lookMs = 20_000;
/** While no engine is known yet. Milliseconds. */
const earlyMs = 500;

export interface StackSummaryWatch {
  start(): void;
  stop(): Promise<void>;
  /** `null`: there is none. */
  summary(): StackSummary | null;
}

export interface StackSummaryOptions {
  readonly desk: Pick<StackDesk, 'journal' | 'runs' | 'runsHealthChecks'>;
  readonly coordinator: {
    node(): { readonly engine: Pick<Engine, 'listContainers' | 'inspectContainer'> } | null;
    wake(): void;
  };
  readonly clock: Clock;
  readonly log: Log;
}

type Answers = NonNullable<ReturnType<StackDesk['journal']['current']>>;

/** By one listing of the engine, and on Podman, which lists no health, by a look at each container. */
async function lookAtServices(
  { lab }: Answers,
  { desk, coordinator, log }: StackSummaryOptions,
): Promise<readonly SeenService[] | null> {
  const engine = coordinator.node()?.engine;
  if (engine === undefined) return null;
  try {
    const listed = await engine.listContainers({ 'com.docker.compose.project': `autogit-${lab}` });
    const there = desk.runsHealthChecks()
      ? listed
      : await Promise.all(listed.map(async (one) => (await engine.inspectContainer(one.id)) ?? one));
    const seen = there.map(({ labels, state, health = 'none', exitCode }) => ({
      ...{ service: labels['com.docker.compose.service'] ?? '', state, health, exitCode },
    }));
    const missing = Object.keys(desk.journal.started(lab))
      .filter((name) => !seen.some(({ service }) => service === name))
      .map((service) => ({ service, state: 'missing', health: 'none', exitCode: null }));
    return [...seen, ...missing].toSorted((a, b) => (a.service < b.service ? -1 : 1));
  } catch (error) {
    log.info('the stack could not be looked at', { error });
    return null;
  }
}

function summaryOf(
  services: readonly SeenService[] | null,
  { journal, runs, runsHealthChecks }: StackSummaryOptions['desk'],
): StackSummary | null {
  const answers = journal.current();
  const progress = runs.progress();
  const run = progress !== null && progress.outcome === null && progress.error === null ? progress : null;
  if (answers === null && run === null) return null;
  const isUp = journal.standing()?.isUp === true;
  const parts = { isBusy: run !== null, isUp, runsHealthChecks: runsHealthChecks() };
  const state = answers === null ? 'busy' : stateOf(services, parts);
  const message = run?.message ?? null;
  return {
    state,
    sentence: stateSentence(state, { lab: answers?.lab ?? null, message, services: services ?? [] }),
    project: answers === null ? '' : `autogit-${answers.lab}`,
    gitlabUrl: answers === null ? null : publicUrl(answers),
    step: run?.step ?? null,
    message,
  };
}

/** Nothing is looked at before `start`. */
export function createStackSummary(options: StackSummaryOptions): StackSummaryWatch {
  const { desk, coordinator, clock } = options;
  const stopping = new AbortController();
  let services: readonly SeenService[] | null = null;
  let shown = '';
  let loops: Promise<unknown> = Promise.resolve();
  const tell = (): void => {
    const text = JSON.stringify(summaryOf(services, desk));
    if (text === shown) return;
    shown = text;
    coordinator.wake();
  };
  const look = async (): Promise<void> => {
    const answers = desk.journal.current();
    services = answers === null ? null : await lookAtServices(answers, options);
  };
  const lookAgain = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await look();
      tell();
      const isEarly = coordinator.node() === null;
      await clock.sleep(isEarly ? earlyMs : lookMs, stopping.signal);
    }
  };
  /** A run that has ended may have changed everything; how the last one ended is told first. */
  const follow = async (): Promise<void> => {
    const first = desk.runs.progress();
    for await (const progress of desk.runs.watchAll(stopping.signal)) {
      if (progress === first) continue;
      if (progress.outcome !== null || progress.error !== null) await look();
      tell();
    }
  };
  return {
    summary: () => summaryOf(services, desk),
    start: () => {
      loops = Promise.all([lookAgain(), follow()]);
    },
    stop: async () => {
      stopping.abort();
      await loops;
    },
  };
}
