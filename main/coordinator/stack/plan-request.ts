// What `stack.questions` and `stack.plan` answer: nothing is changed by either.
import type { Output, ParsedInput } from '../../contract/contract.ts';
import { plannedStackSchema } from '../../contract/stack-fields.ts';
import { AutoGitError, problemOf } from '../../errors.ts';
import type { Issue } from '../../model/issue.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type {
  AnswerProblem,
  RenderedStack,
  StackPlan,
  StackPresent,
  StackWish,
} from '../../model/stack/stack.ts';
import { planStack } from '../../plan/stack/plan-stack.ts';
import { upgradedServices } from '../../plan/stack/upgrades.ts';
import { stackQuestions } from '../../templates/questions.ts';
import { parseAnswers, readAnswers } from '../../templates/read-answers.ts';
import type { ReadAnswers } from '../../templates/read-answers.ts';
import type { RequestContext } from '../requests.ts';
import { findingsBeforeUp } from './doctor-stack.ts';
import type { StackDesk } from './stack-desk.ts';
import { stackFacts } from './stack-facts.ts';

type Context = Pick<RequestContext, 'stack'> & Partial<Pick<RequestContext, 'backups'>>;
type Given = Pick<ParsedInput<'stack.plan'>, 'answers' | 'text' | 'replace' | 'keep'>;

/** `stack.questions`. Rejects with `template.invalid`. */
export async function showQuestions({ stack }: Context): Promise<Output<'stack.questions'>> {
  const [sources, facts] = await Promise.all([stack.templates.read(), stackFacts(stack.look)]);
  return stackQuestions(sources, facts);
}

function noAnswers(): AutoGitError {
  return new AutoGitError({
    key: 'stack.answers-missing',
    message:
      'The stack needs three decisions: the name of the lab, where its data lives, and how TLS is done.',
    next: 'Answer at a terminal (autogit stack up), or give a file: --answers lab.yaml. autogit stack questions says what can be in it.',
  });
}

function givenAnswers({ answers, text }: Given, { journal }: StackDesk): ReadAnswers {
  if (text !== undefined) return parseAnswers(text);
  if (answers !== undefined) return readAnswers(answers);
  const current = journal.current();
  if (current === null) throw noAnswers();
  return { ok: true, answers: current };
}

/** What a person has decided about files that they changed. */
export function wishOf({ replace = [], keep = [] }: Pick<Given, 'replace' | 'keep'>): StackWish {
  const files = [
    ...replace.map((path) => [path, 'replace'] as const),
    ...keep.map((path) => [path, 'keep'] as const),
  ];
  return { files: Object.fromEntries(files), services: [], deleteData: false };
}

/** A plan with what it was made of; `problems`: there is none, because the answers are wrong. */
export type Planned =
  | {
      readonly ok: true;
      /** As they were given, with what the schema fills in. */
      readonly answers: StackAnswers;
      readonly stack: RenderedStack;
      readonly plan: StackPlan;
      readonly wish: StackWish;
    }
  | { readonly ok: false; readonly problems: readonly AnswerProblem[] };

/** A folder that cannot be read stands against the plan; what is in it is not known then. */
async function presentOf(
  stack: RenderedStack,
  { stackLook }: StackDesk,
): Promise<{ readonly present: StackPresent; readonly issues: readonly Issue[] }> {
  try {
    return { present: await stackLook.presentOf(stack), issues: [] };
  } catch (error) {
    const issue: Issue = { ...problemOf(error), severity: 'error', subject: stack.project };
    const nothing = { answers: null, files: null, written: {}, secrets: [], started: {} };
    return { present: { ...nothing, images: null, containers: null }, issues: [issue] };
  }
}

/** The plan for these answers, or for those of the last time. Rejects with `stack.answers-missing`, `template.invalid`. */
export async function makePlan(given: Given, desk: StackDesk): Promise<Planned> {
  const read = givenAnswers(given, desk);
  if (!read.ok) return read;
  const { rendering, facts } = await desk.render(read.answers);
  if (!rendering.ok) return rendering;
  const { stack, warnings } = rendering;
  const wish = wishOf(given);
  const { present, issues } = await presentOf(stack, desk);
  const [own, others] = await Promise.all([
    desk.ownFindings(stack),
    findingsBeforeUp(desk.look, stack, { facts, present }),
  ]);
  const findings = [...own, ...others];
  const plan = planStack({
    ...{ stack, present, wish, folder: desk.folder.pathOf(stack.lab) },
    issues: [...issues, ...findings, ...warnings],
  });
  return { ok: true, answers: read.answers, stack, plan, wish };
}

/** `stack.plan`. */
export async function planRequest(
  input: ParsedInput<'stack.plan'>,
  { stack: desk, backups }: Context,
): Promise<Output<'stack.plan'>> {
  const planned = await makePlan(input, desk);
  if (!planned.ok)
    return { valid: false, problems: [...planned.problems], plan: null, answers: null, services: [] };
  const { plan, stack } = planned;
  return plannedStackSchema.parse({
    valid: plan.issues.every(({ severity }) => severity !== 'error'),
    problems: [],
    plan,
    answers: stack.answers,
    services: stack.services.map(({ name, image, template }) => ({ service: name, image, template })),
    ...(backups?.backsUpBefore() === true ? { backsUp: upgradedOf(stack, desk) } : {}),
    ...(input.files ? { files: stack.files } : {}),
  });
}

function upgradedOf({ services }: RenderedStack, { journal }: StackDesk): readonly string[] {
  const standing = journal.standing();
  return standing === null ? [] : upgradedServices(services, standing.images ?? {});
}
