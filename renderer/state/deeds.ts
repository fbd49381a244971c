// What can be done from the page, and doing it: first the plan is shown, then somebody presses the button.
import type { Input, Outcome, Output } from '../../main/contract/contract.ts';
import { toCoreError } from '../client.ts';
import type { CoreClient, CoreError } from '../client.ts';
import { count, t } from '../language/strings.ts';

/** What somebody is given once, to hand on: a new password, a new second factor, or both. */
export type NewAccess = Pick<Output<'user.add'>, 'password' | 'totp'>;

interface Step {
  /** What it does, as part of a list. */
  readonly words: string;
  /** Asks the core what it would do; `null` when it can say so only after the step before. */
  preview(client: CoreClient): Promise<Outcome> | null;
  run(client: CoreClient): Promise<Outcome & Partial<NewAccess>>;
}

export interface Deed {
  readonly title: string;
  /** The button that does it, named by the effect. */
  readonly effect: string;
  /** Data would be gone, or work would stop. */
  readonly grave: boolean;
  /** What somebody should know before. */
  readonly note: string | null;
  readonly steps: readonly Step[];
  /** The same on the command line. */
  readonly commands: readonly string[];
  /** A number that may be chosen before. */
  readonly amount?: Amount;
}

export interface Amount {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** The deed with another number. */
  change(value: number): Deed;
}

type Command =
  'lab.drain' | 'lab.resume' | 'sandbox.start' | 'sandbox.stop' | 'sandbox.reset' | 'queue.refresh';

function step(name: Command, words: string): Step {
  const input = (dryRun: boolean): Input<Command> => ({ dryRun });
  return {
    words,
    preview: (client) => client.call(name, input(true)),
    run: (client) => client.call(name, input(false)),
  };
}

function seedStep(jobs: number, isRunning: boolean): Step {
  return {
    words: count(
      jobs,
      'Create a demo project and push a pipeline of {{n}} job to it',
      'Create a demo project and push a pipeline of {{n}} jobs to it',
    ),
    preview: (client) => (isRunning ? client.call('sandbox.seed', { jobs, dryRun: true }) : null),
    run: (client) => client.call('sandbox.seed', { jobs }),
  };
}

/** Starts the sandbox, unless it runs, and gives it jobs. */
export function demoDeed(jobs: number, isRunning: boolean): Deed {
  const seed = seedStep(jobs, isRunning);
  const commands = [`autogit sandbox seed --jobs ${jobs}`];
  const amount: Amount = {
    label: t('Jobs in the pipeline'),
    value: jobs,
    min: 1,
    max: 200,
    change: (value) => demoDeed(value, isRunning),
  };
  if (isRunning) {
    return {
      title: t('Push demo jobs to the sandbox'),
      effect: count(jobs, 'Push {{n}} demo job', 'Push {{n}} demo jobs'),
      grave: false,
      note: null,
      steps: [seed],
      commands,
      amount,
    };
  }
  return {
    title: t('Try AutoGit in a sandbox'),
    effect: count(jobs, 'Start the sandbox with {{n}} job', 'Start the sandbox with {{n}} jobs'),
    grave: false,
    note: t(
      'The sandbox is a small stand-in for GitLab in a container of its own. Nothing outside AutoGit is touched.',
    ),
    steps: [step('sandbox.start', t('Start the sandbox')), seed],
    commands: ['autogit sandbox start', ...commands],
    amount,
  };
}

export const startSandbox: Deed = {
  title: t('Start the sandbox'),
  effect: t('Start the sandbox'),
  grave: false,
  note: null,
  steps: [step('sandbox.start', t('Start the sandbox'))],
  commands: ['autogit sandbox start'],
};

export const stopSandbox: Deed = {
  title: t('Stop the sandbox'),
  effect: t('Stop the sandbox, keep its data'),
  grave: false,
  note: t('Its projects and jobs are kept and are there again at its next start.'),
  steps: [step('sandbox.stop', t('Stop the sandbox'))],
  commands: ['autogit sandbox stop'],
};

export const resetSandbox: Deed = {
  title: t('Delete the sandbox'),
  effect: t('Delete the sandbox with all its projects and jobs'),
  grave: true,
  note: t('This cannot be undone. Nothing outside the sandbox is deleted.'),
  steps: [step('sandbox.reset', t('Delete the sandbox'))],
  commands: ['autogit sandbox reset --yes'],
};

export const drainLab: Deed = {
  title: t('Drain'),
  effect: t('Start no more runners'),
  grave: false,
  note: t('Runners with a job finish it, then all leave. Waiting jobs go on waiting until you resume.'),
  steps: [step('lab.drain', t('Start no more runners'))],
  commands: ['autogit lab drain'],
};

export const resumeLab: Deed = {
  title: t('Resume'),
  effect: t('Serve the queue again'),
  grave: false,
  note: null,
  steps: [step('lab.resume', t('Serve the queue again'))],
  commands: ['autogit lab resume'],
};

export const refreshQueue: Deed = {
  title: t('Read the queue'),
  effect: t("Read GitLab's queue now"),
  grave: false,
  note: null,
  steps: [step('queue.refresh', t("Read GitLab's queue"))],
  commands: ['autogit queue refresh'],
};

/** `name` as the page shows the engine. */
export function engineDeed(address: string, name: string): Deed {
  return {
    title: t('Use another engine'),
    effect: t('Use {{engine}}', { engine: name }),
    grave: false,
    note: t(
      'New runners start there from now on. Runners of the present engine are not touched: they end by themselves when they are idle.',
    ),
    steps: [
      {
        words: t('Use {{engine}} at {{address}}', { engine: name, address }),
        preview: (client) => client.call('engine.use', { address, dryRun: true }),
        run: (client) => client.call('engine.use', { address }),
      },
    ],
    commands: [`autogit engine use ${address}`],
  };
}

export interface PlannedStep {
  readonly words: string;
  /** `null`: known only after the step before. */
  readonly plan: Outcome | null;
}

export type DeedState =
  | { readonly phase: 'planning'; readonly since: number }
  | { readonly phase: 'planned'; readonly steps: readonly PlannedStep[] }
  | { readonly phase: 'refused'; readonly error: CoreError }
  | { readonly phase: 'doing'; readonly step: number; readonly since: number }
  /** `access` is here and nowhere else, and goes with the dialog. */
  | { readonly phase: 'done'; readonly outcome: Outcome; readonly access: NewAccess | null }
  | { readonly phase: 'failed'; readonly step: number; readonly error: CoreError };

export interface OpenDeed {
  readonly deed: Deed;
  readonly state: DeedState;
  /** The dialog is open; a closed one leaves the deed to go on. */
  readonly isShown: boolean;
}

export interface Deeds {
  get(): OpenDeed | null;
  subscribe(listener: () => void): () => void;
  /** Shows the plan. One that is being done is shown instead until it ends. */
  ask(deed: Deed): void;
  confirm(): void;
  /** Closes the dialog, and forgets what is not being done. */
  dismiss(): void;
}

function accessIn({ password = null, totp = null }: Partial<NewAccess>): NewAccess | null {
  return password === null && totp === null ? null : { password, totp };
}

/** A dialog that was closed comes back for it. */
function isShownOnce(state: DeedState): boolean {
  return state.phase === 'done' && state.access !== null;
}

/** The one deed that is asked for or done at a time. */
export function createDeeds(client: CoreClient, now: () => number): Deeds {
  const listeners = new Set<() => void>();
  let open: OpenDeed | null = null;
  const set = (next: OpenDeed | null): void => {
    open = next;
    for (const listener of listeners) listener();
  };
  /** Moves on only while the same deed is open. */
  const move = (deed: Deed, state: DeedState): void => {
    if (open?.deed === deed) set({ deed, state, isShown: open.isShown || isShownOnce(state) });
  };
  const plan = async (deed: Deed): Promise<void> => {
    try {
      const steps = await Promise.all(
        deed.steps.map(async (one) => ({ words: one.words, plan: await one.preview(client) })),
      );
      move(deed, { phase: 'planned', steps });
    } catch (error) {
      move(deed, { phase: 'refused', error: toCoreError(error) });
    }
  };
  const perform = async (deed: Deed): Promise<void> => {
    let last: Outcome & Partial<NewAccess> = {
      dryRun: false,
      actions: [],
      message: t('There was nothing to do.'),
      next: null,
    };
    for (const [index, one] of deed.steps.entries()) {
      move(deed, { phase: 'doing', step: index, since: now() });
      try {
        last = await one.run(client);
      } catch (error) {
        move(deed, { phase: 'failed', step: index, error: toCoreError(error) });
        return;
      }
    }
    move(deed, { phase: 'done', outcome: last, access: accessIn(last) });
  };
  return {
    get: () => open,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ask: (deed) => {
      if (open?.state.phase === 'doing') {
        set({ ...open, isShown: true });
        return;
      }
      // A copy: the same deed asked for twice is not the same asking.
      const asked = { ...deed };
      set({ deed: asked, state: { phase: 'planning', since: now() }, isShown: true });
      void plan(asked);
    },
    confirm: () => {
      if (open?.state.phase === 'planned' || open?.state.phase === 'failed') void perform(open.deed);
    },
    dismiss: () => set(open?.state.phase === 'doing' ? { ...open, isShown: false } : null),
  };
}
