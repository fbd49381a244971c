// A stack for pages: AutoGit's own templates, rendered and planned for real, over containers that only exist in words.
import type { Output } from '../../main/contract/contract.ts';
import { plannedStackSchema, stackPlanSchema, stackStatusSchema } from '../../main/contract/stack-fields.ts';
import type { StackSummary } from '../../main/contract/stack-summary.ts';
import { AutoGitError } from '../../main/errors.ts';
import { hashOf } from '../../main/model/stack/content-hash.ts';
import type { StackAnswers } from '../../main/model/stack/answers.ts';
import type { RenderedStack, StackPresent, StackWish } from '../../main/model/stack/stack.ts';
import { planStack } from '../../main/plan/stack/plan-stack.ts';
import { stackQuestions } from '../../main/templates/questions.ts';
import { readAnswers } from '../../main/templates/read-answers.ts';
import { renderStack } from '../../main/templates/render-stack.ts';
import { createFakeCore } from './fake-core.ts';
import type { FakeCore, FakeStreams } from './fake-core.ts';
import { outcome } from './fake-pool-calls.ts';
import type { Calls } from './fake-pool-calls.ts';
import { createFakeWorld } from './fake-world.ts';
import { appliedOf, nothingPresent } from './some-stack.ts';
import { bundledTemplates, someAnswers, someFacts } from './stack-templates.ts';

type Status = Output<'stack.status'>;
type Progress = Output<'stack.watch'>;
type Service = Status['services'][number];

export interface StackPageOptions {
  /** Of the present stack; `null`: there is none. */
  readonly answers?: Readonly<Record<string, unknown>> | null;
  /** Files of it that somebody has changed. */
  readonly byHand?: readonly string[];
  readonly services?: Readonly<Record<string, Partial<Service>>>;
  readonly status?: Partial<Status>;
  /** How the last run ended, where it is told. */
  readonly last?: Progress;
  readonly gitlab?: 'none' | 'sandbox';
  /** Services that every plan upgrades, and that are backed up before. */
  readonly backsUp?: readonly string[];
}

export interface FakeStackPage {
  readonly core: FakeCore;
  /** What the run that goes on tells next; one with an outcome ends it. */
  tell(change: Partial<Progress>): void;
  /** Another state, pushed to everybody. */
  change(status: Partial<Status>): void;
  /** Values that were given, by name. */
  readonly secrets: ReadonlyMap<string, string>;
}

const folder = '/home/ana/.local/share/autogit/stack/lab';
const templates = bundledTemplates();
const facts = someFacts();

function rendered(answers: StackAnswers): RenderedStack {
  const rendering = renderStack({ answers, templates, facts });
  if (!rendering.ok) throw new Error(rendering.problems.map(({ message }) => message).join(' '));
  return rendering.stack;
}

function presentOf(answers: StackAnswers, byHand: readonly string[]): StackPresent {
  const applied = appliedOf(rendered(answers));
  const files = (applied.files ?? []).map((file) => {
    if (!byHand.includes(file.path)) return file;
    const content = `${file.content}# a line of mine\n`;
    return { ...file, content, hash: hashOf(content) };
  });
  return { ...applied, files };
}

function servicesOf(answers: StackAnswers, changes: Readonly<Record<string, Partial<Service>>>): Service[] {
  return rendered(answers).services.map(({ name, image }) => ({
    ...{ service: name, container: `autogit-lab-${name}-1`, state: 'running', exitCode: 0, restarts: 0 },
    ...{ health: name === 'socket-proxy' ? 'none' : 'healthy', image, since: Date.now() - 26 * 3_600_000 },
    ...changes[name],
  }));
}

const noStack: Status = stackStatusSchema.parse({
  ...{ state: 'none', sentence: 'There is no stack. What it would be: autogit stack plan', lab: null },
  ...{ project: null, folder: null, data: null, gitlabUrl: null, answers: null, services: [], run: null },
  ...{ last: null, certificate: null, isNew: false },
});

function statusOf(answers: StackAnswers, options: StackPageOptions): Status {
  const now = Date.now();
  const { mode } = answers.tls;
  return stackStatusSchema.parse({
    ...{ state: 'up', sentence: 'The lab "lab" is up.', lab: 'lab', project: 'autogit-lab', folder, answers },
    ...{ data: answers.data, gitlabUrl: rendered(answers).gitlabUrl, run: null, isNew: false },
    services: servicesOf(answers, options.services ?? {}),
    last: { run: 1, verb: 'up', startedAt: now - 93_900_000, endedAt: now - 93_600_000, outcome: 'done' },
    certificate: { mode, until: now + 70.5 * 86_400_000, root: `${folder}/ca.crt` },
    ...options.status,
  });
}

/** The summary that everybody is pushed, of a status. */
function summaryOf(status: Status): { readonly stack?: StackSummary } {
  if (status.state === 'none') return {};
  const { state, sentence, gitlabUrl, run } = status;
  return {
    stack: {
      ...{ state, sentence, project: 'autogit-lab', gitlabUrl },
      ...{ step: run?.step ?? null, message: run?.message ?? null },
    },
  };
}

/** What is told, and to whoever looks first what was told last. */
function createBoard(first: Progress | null) {
  let current = first;
  let changed = Promise.withResolvers<undefined>();
  return {
    get: () => current,
    set: (next: Progress) => {
      current = next;
      const { resolve } = changed;
      changed = Promise.withResolvers();
      resolve(undefined);
    },
    watch: async function* (stop: Parameters<FakeStreams['stack.watch']>[1]): AsyncGenerator<Progress> {
      const gone = new Promise<undefined>((resolve) =>
        stop.addEventListener('abort', () => resolve(undefined)),
      );
      let told: Progress | null = null;
      while (!stop.aborted) {
        const waiting = changed.promise;
        if (current !== told && current !== null) {
          told = current;
          yield current;
        } else if (current === null || current.outcome !== null) return;
        else await Promise.race([waiting, gone]);
      }
    },
  };
}

interface Planning {
  present(): StackPresent;
  readonly secrets: ReadonlyMap<string, string>;
}

function planned(
  { answers: given, replace = [], keep = [] }: Parameters<Calls['stack.plan']>[0],
  { present: look, secrets }: Planning,
): Output<'stack.plan'> {
  const before = look();
  const read = given === undefined ? null : readAnswers(given);
  const answers = read === null ? before.answers : read.ok ? read.answers : null;
  const refused = { valid: false, plan: null, answers: null, services: [] };
  if (read?.ok === false) return { ...refused, problems: [...read.problems] };
  if (answers === null)
    throw new AutoGitError({ key: 'stack.answers-missing', message: 'There is none.', next: 'Answer.' });
  const rendering = renderStack({ answers, templates, facts });
  if (!rendering.ok) return { ...refused, problems: [...rendering.problems] };
  const { stack } = rendering;
  const decided = [
    ...replace.map((path) => [path, 'replace'] as const),
    ...keep.map((path) => [path, 'keep'] as const),
  ];
  const wish: StackWish = { files: Object.fromEntries(decided), services: [], deleteData: false };
  const present = { ...before, secrets: [...before.secrets, ...secrets.keys()] };
  const plan = planStack({ stack, present, wish, folder, issues: [...rendering.warnings] });
  return plannedStackSchema.parse({
    ...{ valid: plan.issues.every(({ severity }) => severity !== 'error'), problems: [], plan },
    ...{ answers: stack.answers, services: [] },
  });
}

function secretRows(
  answers: StackAnswers | null,
  given: ReadonlyMap<string, string>,
): Output<'stack.secret'>['secrets'] {
  if (answers === null) return [];
  return rendered(answers).secrets.map(({ name, label, kind, template }) => ({
    ...{ name, label, kind, template, isSet: kind !== 'asked' || given.has(name) },
  }));
}

/** Without options: a lab that is up, with everything in order. */
export function createStackPage(options: StackPageOptions = {}): FakeStackPage {
  const { answers: given = {}, byHand = [], last = null, gitlab = 'none' } = options;
  const world = createFakeWorld();
  const secrets = new Map<string, string>();
  const board = createBoard(last);
  const answers = given === null ? null : someAnswers(given);
  const state = {
    present: answers === null ? nothingPresent : presentOf(answers, byHand),
    status: answers === null ? { ...noStack, ...options.status } : statusOf(answers, options),
  };
  const push = (status: Status): void => {
    state.status = status;
    world.change(({ snapshot }) => ({ snapshot: { ...snapshot, ...summaryOf(status) } }));
  };
  const runs = { next: 2 };
  const begin = (verb: Progress['verb']): number => {
    const run = runs.next++;
    const progress: Progress = {
      ...{ run, verb, step: null, message: 'Beginning', pulls: [], outcome: null, error: null },
    };
    board.set(progress);
    push({ ...state.status, state: 'busy', sentence: 'Beginning', run: progress });
    return run;
  };
  const planning: Planning = { present: () => state.present, secrets };
  const deed = (verb: Progress['verb'], dryRun: boolean, message: string) => ({
    ...outcome(dryRun, message),
    run: dryRun ? null : begin(verb),
  });
  const calls: Partial<Calls> = {
    'stack.questions': () => stackQuestions(templates, facts),
    'stack.plan': (input) => ({ ...planned(input, planning), backsUp: [...(options.backsUp ?? [])] }),
    'stack.up': (input) => {
      const { plan } = planned({ ...input, files: false }, planning);
      if (plan === null || plan.hash !== input.plan)
        throw new AutoGitError({
          ...{ key: 'stack.plan-changed', message: 'What would be done is not what was agreed to.' },
          next: 'Nothing was changed. Look at the plan again: autogit stack plan',
        });
      const read = readAnswers(input.answers);
      if (read.ok) state.present = presentOf(read.answers, []);
      return {
        ...deed('up', input.dryRun, 'It has begun.'),
        plan: stackPlanSchema.parse(plan),
        gitlabUrl: null,
      };
    },
    'stack.status': () => state.status,
    'stack.restart': ({ dryRun, services = [] }) =>
      deed('restart', dryRun, `Would restart ${services.join(', ') || 'every service'}.`),
    'stack.down': ({ dryRun }) => deed('down', dryRun, 'Would remove the containers of the stack.'),
    'stack.destroy': ({ dryRun, deleteData }) =>
      deed('destroy', dryRun, `Would remove the stack${deleteData ? ' and all data in /srv/lab' : ''}.`),
    'stack.secret': ({ name }) => ({
      secrets: secretRows(state.present.answers, secrets),
      value: name === undefined ? null : (secrets.get(name) ?? 'kei7-Wah4-quo9-Aeng'),
    }),
    'stack.set-secret': ({ name, value, dryRun }) => {
      if (!dryRun) secrets.set(name, value);
      return outcome(dryRun, `The secret "${name}" is set.`);
    },
  };
  const streams: Partial<FakeStreams> = {
    'stack.watch': (_input, stop) => board.watch(stop),
    'stack.logs': async function* ({ service = 'gitlab', follow }, stop) {
      yield { text: `${service}-1  | Listening on \u001b[32m0.0.0.0\u001b[0m\n${service}-1  | ready\n` };
      if (follow)
        await new Promise<undefined>((resolve) => stop.addEventListener('abort', () => resolve(undefined)));
    },
  };
  world.change(({ snapshot }) => ({
    snapshot: {
      ...snapshot,
      gitlab: { ...snapshot.gitlab, kind: gitlab, state: gitlab === 'none' ? 'none' : 'ready' },
      ...summaryOf(state.status),
    },
  }));
  return {
    core: createFakeCore(world, undefined, calls, undefined, streams),
    secrets,
    change: (change) => push({ ...state.status, ...change }),
    tell: (change) => {
      const before = board.get();
      if (before === null) throw new Error('no run goes on');
      const progress = { ...before, ...change };
      board.set(progress);
      const isOver = progress.outcome !== null || progress.error !== null;
      const sentence = isOver ? 'The lab "lab" is up.' : progress.message;
      push({ ...state.status, state: isOver ? 'up' : 'busy', sentence, run: isOver ? null : progress });
    },
  };
}
