// `autogit stack up`: answers, the plan, a person's agreement, then the run as it goes on.
import type { CoreDoor, Output } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import { interruptCode } from '../access.ts';
import type { CliWorld } from '../access.ts';
import { checkInput } from '../check-input.ts';
import { labelIn } from '../commands.ts';
import { reachCore } from '../reach.ts';
import type { Reached } from '../reach.ts';
import { renderPlannedStack } from '../render/stack-plan.ts';
import { renderStackUp, renderWelcome } from '../render/stack.ts';
import type { View } from '../render/text.ts';
import type { Asked } from '../request.ts';
import { viewOf } from '../view.ts';
import { answersFor } from './answers.ts';
import type { Answers } from './answers.ts';
import { awaitFormer, followRun } from './follow-run.ts';
import { stackUpForm } from './forms.ts';

type Plan = NonNullable<Output<'stack.plan'>['plan']>;
type Up = Output<'stack.up'>;

interface Decisions {
  readonly replace: string[];
  readonly keep: string[];
}

interface Doing {
  readonly asked: Asked;
  readonly world: CliWorld;
  readonly view: View;
  readonly door: CoreDoor;
}

/** Of the files that a person has changed, those that nobody has decided about. */
function undecidedIn(plan: Plan, { replace, keep }: Decisions): readonly string[] {
  return plan.files
    .filter(({ byHand, change }) => byHand && change !== 'same')
    .map(({ path }) => path)
    .filter((path) => !replace.includes(path) && !keep.includes(path));
}

/** Asks about each of them; where nobody can answer, nothing is decided. */
async function decide(paths: readonly string[], before: Decisions, world: CliWorld): Promise<Decisions> {
  const decided: Decisions = { replace: [...before.replace], keep: [...before.keep] };
  for (const path of paths) {
    const answer = await world.ask(`Replace ${path}, which was changed by hand? No keeps it as it is.`);
    if (answer === null) return before;
    (answer ? decided.replace : decided.keep).push(path);
  }
  return decided;
}

interface Agreed {
  readonly plan: Plan;
  readonly decisions: Decisions;
}

/** Asks for what only a person has; false where nobody answers. */
async function giveSecrets(
  { askedSecrets }: Plan,
  lab: string | undefined,
  { door, world }: Doing,
): Promise<boolean> {
  for (const { name, label } of askedSecrets) {
    const value = await world.prompt(`${label} (${name}, not shown): `, { hidden: true });
    if (value === null || value === '') return false;
    await door.call('stack.set-secret', { name, lab, value });
  }
  return true;
}

/** Shows the plan until all is decided. Rejects with the first problem of the answers. */
async function planAndShow(given: Answers, before: Decisions, doing: Doing): Promise<Agreed> {
  const { door, world, asked } = doing;
  const planned = await door.call('stack.plan', { ...given, ...before });
  const { plan, problems } = planned;
  const isQuiet = asked.flags.json || plan?.isNothing === true;
  if (!isQuiet) world.err.write(`${renderPlannedStack(planned, viewOf(world.err, world))}\n`);
  if (plan === null) {
    const [first] = problems;
    throw new AutoGitError({
      key: first?.key ?? 'stack.answers-invalid',
      message:
        first === undefined
          ? 'The answers are wrong.'
          : [first.field, first.message].filter(Boolean).join(': '),
      next: first?.next ?? 'See autogit stack plan.',
      fields: first === undefined ? {} : { field: first.field },
    });
  }
  if (asked.flags.json || asked.flags.yes) return { plan, decisions: before };
  const lab = planned.answers?.lab;
  if (plan.askedSecrets.length > 0 && (await giveSecrets(plan, lab, doing)))
    return planAndShow(given, before, doing);
  const open = undecidedIn(plan, before);
  if (open.length === 0) return { plan, decisions: before };
  const decisions = await decide(open, before, world);
  return decisions === before ? { plan, decisions } : planAndShow(given, decisions, doing);
}

/** Lets the plan pass, or raises `stack.not-agreed`. What stands against it the core refuses by itself. */
async function agree({ plan }: Agreed, { asked, world }: Doing): Promise<void> {
  const refused = plan.issues.some(({ severity }) => severity === 'error');
  if (asked.flags.yes || plan.isNothing || refused) return;
  const answer = asked.flags.json ? null : await world.ask('Do this?');
  if (answer === true) return;
  throw new AutoGitError({
    key: 'stack.not-agreed',
    message: 'Nobody has agreed to the plan, so nothing was changed.',
    next: 'Look at it with autogit stack plan, then: autogit stack up --yes',
  });
}

/** The first password is shown to a person once, and not to a script that keeps what it reads. */
async function welcome({ gitlabUrl }: Up, { door, world, view }: Doing): Promise<void> {
  const status = await door.call('stack.status', {});
  if (!status.isNew || gitlabUrl === null) return;
  const password = world.out.isTTY
    ? (await door.call('stack.secret', { name: 'gitlab-root-password' })).value
    : null;
  const root = status.certificate?.root ?? null;
  world.out.write(
    `\n${renderWelcome({ gitlabUrl, password, root, needsCodes: status.needsCodes === true }, view)}`,
  );
}

function show(up: Up, { asked, world, view }: Doing): void {
  world.out.write(asked.flags.json ? `${JSON.stringify(up, null, 2)}\n` : renderStackUp(up, view));
}

async function follow(up: Up, run: number, doing: Doing, isOwn: boolean): Promise<number> {
  const { world, asked, door } = doing;
  const last = await followRun(run, door, world, asked.flags.json);
  if (last === null) {
    const goesOn = isOwn ? 'It goes on with the next autogit stack up.' : 'It goes on: autogit stack watch';
    world.err.write(`${goesOn}\n`);
    return interruptCode(world.interrupt);
  }
  show({ ...up, message: last.message }, doing);
  if (!asked.flags.json) await welcome(up, doing);
  return 0;
}

async function up(doing: Doing, { isOwn }: Reached): Promise<number> {
  const { asked, world, door } = doing;
  const input = checkInput(stackUpForm, asked.given, labelIn(asked.command));
  const given = await answersFor(input.answers, door, world);
  const first = { replace: input.replace ?? [], keep: input.keep ?? [] };
  if (input.dryRun) {
    const would = await door.call('stack.up', { ...given, ...first, dryRun: true });
    show(would, doing);
    return (would.plan?.issues ?? []).some(({ severity }) => severity === 'error') ? 1 : 0;
  }
  // A core that has just started takes up what a killed one has left.
  if (isOwn && !(await awaitFormer(door, world, asked.flags.json))) return interruptCode(world.interrupt);
  const agreed = await planAndShow(given, first, doing);
  await agree(agreed, doing);
  const begun = await door.call('stack.up', {
    ...{ ...given, ...agreed.decisions, plan: agreed.plan.hash, wait: false },
    ...(input.withoutBackup ? { withoutBackup: true } : {}),
  });
  // A core of our own would end with us, and the run with it.
  if (begun.run !== null && (input.wait || isOwn)) return follow(begun, begun.run, doing, isOwn);
  show(begun, doing);
  return 0;
}

/** Resolves with the exit code. Rejects with what the core refuses, and what ended the run. */
export async function runStackUp(asked: Asked, world: CliWorld, view: View): Promise<number> {
  const reached = await reachCore(world, { act: true, observe: true, needsHome: true });
  try {
    return await up({ asked, world, view, door: reached.door }, reached);
  } finally {
    await reached.close();
  }
}
