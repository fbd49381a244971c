// Where the answers come from: a file, the last time, or three questions at the terminal.
import type { CoreDoor, Input, Output } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import type { CliWorld } from '../access.ts';
import { whyUnreadable } from '../unreadable.ts';

export type Answers = Pick<Input<'stack.plan'>, 'answers' | 'text'>;

/** The text of a file with answers. Rejects with `stack.answers-unreadable`. */
export async function readAnswersFile(file: string, world: CliWorld): Promise<Answers> {
  try {
    return { text: await world.readText(file, 200_000) };
  } catch (error) {
    throw new AutoGitError({
      key: 'stack.answers-unreadable',
      message: `The answers in ${file} cannot be read: ${whyUnreadable(error)}.`,
      next: 'Name a file with answers that you may read, or - for standard input.',
      fields: { file },
      cause: error,
    });
  }
}

/** No answer is no agreement either. */
function givenUp(): AutoGitError {
  return new AutoGitError({
    key: 'stack.answers-missing',
    message:
      'The stack needs three decisions: the name of the lab, where its data lives, and how TLS is done.',
    next: 'Answer at a terminal, or give a file: autogit stack up --answers lab.yaml. autogit stack questions says what can be in it.',
  });
}

type Questions = Output<'stack.questions'>;
type Question = Questions['decisions'][number];
type Given = ReadonlyMap<string, string>;

/** What is taken when nobody types anything; a choice by its number. */
function fallbackOf({ field, suggested, choices }: Question, given: Given): string {
  // Where a home has its data nobody can say better than the person, but a place has to be offered.
  if (field === 'data') return `/srv/${given.get('lab') ?? 'lab'}`;
  const at = choices.findIndex(({ value }) => value === suggested);
  return at < 0 ? String(suggested ?? '') : String(at + 1);
}

async function askOne(question: Question, given: Given, world: CliWorld): Promise<string> {
  const { label, help, choices } = question;
  const fallback = fallbackOf(question, given);
  // Long lists are typed, short ones are numbered.
  const numbered = choices.length > 0 && choices.length <= 9;
  const lines = numbered ? choices.map((one, at) => `  ${at + 1}  ${one.label}: ${one.help}\n`) : [];
  const text = `\n${help}\n${lines.join('')}${label}${fallback === '' ? '' : ` [${fallback}]`}: `;
  const typed = await world.prompt(text);
  if (typed === null) throw givenUp();
  const answer = typed.trim() === '' ? fallback : typed.trim();
  return numbered ? (choices[Number(answer) - 1]?.value ?? answer) : answer;
}

function isAsked({ onlyIf }: Question, given: Given): boolean {
  return onlyIf === null || onlyIf.values.includes(given.get(onlyIf.field) ?? '');
}

/** `{ tls: { mode } }` of `tls.mode`. */
function nested(given: Given): Record<string, unknown> {
  let answers: Record<string, unknown> = {};
  for (const [field, value] of given) answers = withAnswer(answers, field.split('.'), value);
  return answers;
}

function withAnswer(answers: object, path: readonly string[], value: string): Record<string, unknown> {
  const [name = '', ...rest] = path;
  const present: unknown = Object.entries(answers).find(([one]) => one === name)?.[1];
  const inner = typeof present === 'object' && present !== null ? present : {};
  return { ...answers, [name]: rest.length === 0 ? value : withAnswer(inner, rest, value) };
}

/** The three decisions and what they bring with them, one by one. Rejects with `stack.answers-missing` where nobody answers. */
export async function askAnswers({ decisions, settings }: Questions, world: CliWorld): Promise<Answers> {
  const given = new Map<string, string>();
  // A certificate that everybody trusts is for a domain of one's own.
  const domain = settings
    .filter(({ field }) => field === 'domain')
    .map((question) => ({
      ...question,
      onlyIf: { field: 'tls.mode', values: ['own', 'acme-dns', 'acme-http'] },
    }));
  for (const question of [...decisions, ...domain]) {
    if (question.type === 'boolean' || !isAsked(question, given)) continue;
    given.set(question.field, await askOne(question, given, world));
  }
  return { answers: nested(given) };
}

/** The answers that a command goes by: those of a file, none (then those of the last time count), or asked for. */
export async function answersFor(
  file: string | undefined,
  door: CoreDoor,
  world: CliWorld,
): Promise<Answers> {
  if (file !== undefined) return readAnswersFile(file, world);
  const { answers } = await door.call('stack.status', {});
  if (answers !== null) return {};
  return askAnswers(await door.call('stack.questions', {}), world);
}
