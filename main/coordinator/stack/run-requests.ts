// What `stack.up`, `restart`, `down` and `destroy` do: each begins a run that outlives the request, and may wait for its end.
import type { Output, ParsedInput } from '../../contract/contract.ts';
import { stackPlanSchema } from '../../contract/stack-fields.ts';
import { AutoGitError } from '../../errors.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type { AnswerProblem, StackPlan, StackVerb, StackWish } from '../../model/stack/stack.ts';
import { requireSettings } from '../effect.ts';
import { toOutcome } from '../outcome.ts';
import type { RequestContext } from '../requests.ts';
import { makePlan } from './plan-request.ts';
import { requireService } from './require-service.ts';
import type { StackDesk } from './stack-desk.ts';
import { showStack } from './stack-status.ts';
import { rememberTrusted } from './trust-requests.ts';

type Outcome = Output<'stack.down'>;

/** The first problem as an error; how many more there are. */
function answersWrong(problems: readonly AnswerProblem[]): AutoGitError {
  const [first] = problems;
  const more = problems.length > 1 ? ` And ${problems.length - 1} more: autogit stack plan.` : '';
  return new AutoGitError({
    key: first?.key ?? 'stack.answers-invalid',
    message: `${first?.field ?? 'answers'}: ${first?.message ?? 'they are wrong.'}${more}`,
    next: first?.next ?? 'See what can be answered: autogit stack questions',
    fields: { field: first?.field ?? '' },
  });
}

/** Raises what stands against a plan: files that wait for a word first, then the rest. */
function requirePlan(plan: StackPlan): void {
  const errors = plan.issues.filter(({ severity }) => severity === 'error');
  const [first] = errors.toSorted((a, b) => Number(isFile(b)) - Number(isFile(a)));
  if (first === undefined) return;
  const { key, message, next } = first;
  if (isFile(first) || errors.length === 1) throw new AutoGitError({ key, message, next });
  throw new AutoGitError({
    key: 'stack.plan-refused',
    message: `${errors.length} things stand against it: ${errors.map((one) => one.message).join(' ')}`,
    next: 'See each of them with what to do: autogit stack plan',
    fields: { keys: errors.map((one) => one.key).join(', ') },
  });
}

function isFile({ key }: { readonly key: string }): boolean {
  return key === 'stack.file-changed';
}

function requireAgreed(plan: StackPlan, hash: string | undefined): void {
  if (hash === plan.hash || (hash === undefined && plan.isNothing)) return;
  if (hash === undefined)
    throw new AutoGitError({
      key: 'stack.not-agreed',
      message: 'Nobody has agreed to the plan, so nothing was changed.',
      next: 'Look at it with autogit stack plan, then: autogit stack up --yes. Over HTTP, send the hash of the plan as `plan`.',
    });
  throw new AutoGitError({
    key: 'stack.plan-changed',
    message: 'What would be done is not what was agreed to: something has changed since the plan was made.',
    next: 'Nothing was changed. Look at the plan again: autogit stack plan',
    retry: true,
  });
}

/** What a plan does, as actions. */
function actionsOf(plan: StackPlan): Outcome['actions'] {
  return [
    ...plan.pulls.map(({ reference }) => ({ kind: 'pull', target: reference, reason: 'it is not here' })),
    ...plan.files
      .filter(({ change }) => change !== 'same')
      .map(({ path, change }) => ({
        kind: `${change}-file`,
        target: path,
        reason: 'the answers ask for it',
      })),
    ...plan.services
      .filter(({ change }) => change !== 'none')
      .map(({ service, change, why }) => ({ kind: `${change}-service`, target: service, reason: why })),
  ];
}

interface Wanted {
  readonly verb: StackVerb;
  readonly answers: StackAnswers;
  readonly wish: StackWish;
  readonly wait: boolean;
}

/** Begins a run and, where that is asked for, waits for its end. Rejects with `stack.busy` and with what ended it. */
async function carryOut(
  { verb, answers, wish, wait }: Wanted,
  { runs }: StackDesk,
): Promise<{ readonly run: number; readonly message: string }> {
  const run = await runs.begin(verb, answers, wish);
  if (!wait) return { run, message: 'It has begun. Watch it: autogit stack watch' };
  const ended = await runs.ended();
  if (ended?.error) throw new AutoGitError(ended.error);
  if (ended?.outcome === null)
    throw new AutoGitError({
      key: 'stack.run-lost',
      message: 'The core ended before the stack was done.',
      next: 'Nothing is lost: the next start of AutoGit goes on where it stopped. See autogit stack status.',
      retry: true,
    });
  return { run, message: ended?.message ?? 'Done.' };
}

/** `stack.up`. Rejects with what is wrong with the answers, `stack.plan-refused`, `stack.plan-changed`, `stack.file-changed`. */
export async function upStack(
  input: ParsedInput<'stack.up'>,
  context: RequestContext,
): Promise<Output<'stack.up'>> {
  requireSettings(context);
  const { stack: desk } = context;
  const planned = await makePlan(input, desk);
  if (!planned.ok) throw answersWrong(planned.problems);
  const { plan: made, answers, wish } = planned;
  const plan = stackPlanSchema.parse(made);
  const shown = { plan, gitlabUrl: made.gitlabUrl };
  const { dryRun, wait, withoutBackup } = input;
  if (dryRun) {
    const message = made.isNothing ? 'There would be nothing to do.' : 'This would be done:';
    return { ...toOutcome([], true, message), actions: actionsOf(made), run: null, ...shown };
  }
  requirePlan(made);
  requireAgreed(made, input.plan);
  // No part of the plan: what is changed is the same.
  const whole: StackWish = withoutBackup ? { ...wish, withoutBackup } : wish;
  const { run, message } = await carryOut({ verb: 'up', answers, wish: whole, wait }, desk);
  const next = 'See how it stands: autogit stack status';
  return { ...toOutcome([], false, message, next), actions: actionsOf(made), run, ...shown };
}

interface Deed {
  readonly verb: Exclude<StackVerb, 'up'>;
  readonly wish: Partial<StackWish>;
  readonly input: { readonly dryRun: boolean; readonly wait: boolean };
  readonly would: string;
  /** What to do when it has ended. */
  readonly done: string | null;
}

async function doDeed({ verb, wish, input, would, done }: Deed, context: RequestContext): Promise<Outcome> {
  requireSettings(context);
  const { stack: desk } = context;
  const answers = desk.requireCurrent();
  if (input.dryRun) return { ...toOutcome([], true, would), run: null };
  const whole: StackWish = { files: {}, services: [], deleteData: false, ...wish };
  const { run, message } = await carryOut({ verb, answers, wish: whole, wait: input.wait }, desk);
  const said = input.wait ? (await showStack(context)).sentence : message;
  return { ...toOutcome([], false, said, done), run };
}

/** `stack.restart`. Rejects with `stack.none`, `stack.service-unknown`, `stack.busy`, and with what ended it. */
export async function restartStack(
  input: ParsedInput<'stack.restart'>,
  context: RequestContext,
): Promise<Outcome> {
  const { services = [] } = input;
  const answers = context.stack.requireCurrent();
  for (const name of services) requireService(name, context.stack, answers);
  const what = services.length === 0 ? 'every service' : services.join(', ');
  const would = `Would restart ${what}.`;
  return doDeed({ verb: 'restart', wish: { services }, input, would, done: null }, context);
}

/** `stack.down`. Rejects with `stack.none`, `stack.busy`, and with what ended it. */
export async function downStack(input: ParsedInput<'stack.down'>, context: RequestContext): Promise<Outcome> {
  const { data } = context.stack.requireCurrent();
  const would = `Would remove the containers and networks of the stack. Its files, and its data in ${data}, would stay.`;
  const done = 'Bring it up again with: autogit stack up';
  return doDeed({ verb: 'down', wish: {}, input, would, done }, context);
}

/** `stack.destroy`. Rejects with `stack.none`, `stack.busy`, and with what ended it. */
export async function destroyStack(
  input: ParsedInput<'stack.destroy'>,
  context: RequestContext,
): Promise<Outcome> {
  const { deleteData } = input;
  const { data, lab } = context.stack.requireCurrent();
  const rest = deleteData
    ? `all data in ${data} and every secret: nobody could bring them back`
    : `nothing else: data in ${data} and secrets would stay, and an up with the same answers would find them`;
  const would = `Would remove the containers, networks and the folder of the lab "${lab}", and ${rest}.`;
  // Asked before, as the root's name goes with the secrets.
  const trusting = input.dryRun ? [] : await rememberTrusted(context);
  const kept = deleteData
    ? null
    : `Its data is in ${data}. To bring it back: autogit stack up with the same answers.`;
  const done = [kept, trusting.length === 0 ? null : stillTrustedHint(trusting)];
  const next = done.filter((sentence) => sentence !== null).join(' ') || null;
  return doDeed({ verb: 'destroy', wish: { deleteData }, input, would, done: next }, context);
}

function stillTrustedHint(labels: readonly string[]): string {
  return `The lab's root is still trusted here (${labels.join('; ')}): autogit certificate untrust`;
}
