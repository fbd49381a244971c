// Answers about a stack while they are given: nested as answers are, holding what was typed, as it was typed.
import type { Output } from '../../main/contract/contract.ts';
import { stackAnswersSchema } from '../../main/model/stack/answers.ts';
import type { StackAnswers } from '../../main/model/stack/answers.ts';
import type { Asked } from '../../main/model/stack/questions.ts';

export type StackQuestions = Output<'stack.questions'>;
export type AskedTemplate = StackQuestions['templates'][number];
export type AnswerProblem = Output<'stack.plan'>['problems'][number];

export type DraftValue = string | number | boolean | null | readonly DraftValue[] | Draft;
/** Plain data: it can be kept as JSON. It holds no secret. */
export interface Draft {
  readonly [name: string]: DraftValue;
}

export const emptyDraft: Draft = {};

function isDraft(value: DraftValue | undefined): value is Draft {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a path such as `tls.mode`; `undefined`: nothing. */
export function valueAt(draft: Draft, path: string): DraftValue | undefined {
  return path
    .split('.')
    .reduce<DraftValue | undefined>(
      (value, name) => (isDraft(value) && Object.hasOwn(value, name) ? value[name] : undefined),
      draft,
    );
}

/** Something with nothing in it says nothing, but for a template, which is chosen by being there. */
function isVoid(value: Draft, path: string): boolean {
  return Object.keys(value).length === 0 && !path.startsWith('templates.');
}

/** The draft with another answer; `undefined`: without it. */
export function withValue(draft: Draft, path: string, value: DraftValue | undefined, below = ''): Draft {
  const [name = '', ...more] = path.split('.');
  const { [name]: present, ...rest } = draft;
  if (more.length === 0) return value === undefined ? rest : { ...draft, [name]: value };
  const here = below === '' ? name : `${below}.${name}`;
  const inner = withValue(isDraft(present) ? present : {}, more.join('.'), value, here);
  return value === undefined && isVoid(inner, here) ? rest : { ...draft, [name]: inner };
}

/** What a text means where answers are read from data alone, such as an address: `null`: no answers. */
function draftFrom(value: unknown): DraftValue | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.flatMap((one) => draftFrom(one) ?? []);
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value).flatMap(([name, one]: [string, unknown]) => {
    const read = draftFrom(one);
    return read === undefined || name === '__proto__' ? [] : [[name, read] as const];
  });
  return Object.fromEntries(entries);
}

/** Answers that were given before: what is `null` there was not answered. */
export function draftOf(answers: StackAnswers): Draft {
  const draft = draftFrom(answers);
  return isDraft(draft) ? draft : emptyDraft;
}

/** Some answers as JSON, as an address carries them, put in the place of the present ones. Anything else is nothing. */
export function withGiven(present: Draft, text: string | undefined): Draft {
  if (text === undefined) return present;
  try {
    const given = draftFrom(JSON.parse(text));
    if (!isDraft(given)) return present;
    const known = Object.keys(stackAnswersSchema.shape);
    return {
      ...present,
      ...Object.fromEntries(Object.entries(given).filter(([name]) => known.includes(name))),
    };
  } catch {
    return present;
  }
}

/** A template's questions in the form of all others. A secret is no answer: it is asked for with the plan. */
export function templateAsked({ id, questions }: AskedTemplate): readonly Asked[] {
  return questions.flatMap((question) => {
    const { type, label, help } = question;
    if (type === 'secret') return [];
    const common = { field: `templates.${id}.${question.id}`, label, help, onlyIf: null };
    const choices = type === 'choice' ? question.choices : [];
    return [
      {
        ...{ ...common, type, suggested: question.default },
        choices: choices.map((value) => ({ value, label: value, help: '' })),
      },
    ];
  });
}

/** Labels of the secrets that a template asks for. */
export function templateSecrets({ questions }: AskedTemplate): readonly string[] {
  return questions.flatMap(({ type, label }) => (type === 'secret' ? [label] : []));
}

/** Every question that is no template's. */
export function allAsked({ decisions, settings }: StackQuestions): readonly Asked[] {
  return [...decisions, ...settings];
}

/** The answer, or what is taken without one. */
export function effective({ field, suggested }: Asked, draft: Draft): DraftValue {
  const value = valueAt(draft, field);
  return value === undefined || value === '' ? suggested : value;
}

type OnlyIf = Asked['onlyIf'];

function holds(onlyIf: OnlyIf, draft: Draft, all: readonly Asked[]): boolean {
  if (onlyIf === null) return true;
  const other = all.find(({ field }) => field === onlyIf.field);
  if (other === undefined) return true;
  // Of one that is not asked itself, no answer counts.
  return holds(other.onlyIf, draft, all) && onlyIf.values.includes(textOf(effective(other, draft)));
}

/** Whether it is asked, as the other answers stand. */
export function isAsked(asked: Asked, draft: Draft, questions: StackQuestions): boolean {
  return holds(asked.onlyIf, draft, allAsked(questions));
}

/** Whether a template is part of the stack, as the answers stand. */
export function isChosen({ id, kind, onlyIf }: AskedTemplate, draft: Draft, all: readonly Asked[]): boolean {
  if (kind === 'option') return valueAt(draft, `templates.${id}`) !== undefined;
  return onlyIf === undefined || holds(onlyIf, draft, all);
}

const number = /^[+-]?\d+(?:\.\d+)?$/;

/** A text as what was asked for. What cannot be read goes as it is: the core says what is wrong with it. */
function read(value: DraftValue, type: Asked['type']): DraftValue | undefined {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  if (text === '') return undefined;
  if (type === 'number') return number.test(text) ? Number(text) : text;
  return type === 'list' ? text.split(/[\s,]+/).filter((one) => one !== '') : text;
}

/** What says of which kind a group of answers is, and so which others may stand beside it. */
const kinds = ['tls.mode', 'directory.kind', 'dns.mode'] as const;

/** The draft as requests take it: only what is asked, read as what it is. */
export function givenAnswers(draft: Draft, questions: StackQuestions): Record<string, unknown> {
  const all = allAsked(questions);
  const templates = questions.templates.filter((one) => isChosen(one, draft, all)).flatMap(templateAsked);
  let given = draft;
  for (const asked of [...all, ...templates]) {
    const value = valueAt(draft, asked.field);
    if (value === undefined) continue;
    given = withValue(
      given,
      asked.field,
      isAsked(asked, draft, questions) ? read(value, asked.type) : undefined,
    );
  }
  for (const kind of kinds) {
    const asked = all.find(({ field }) => field === kind);
    const [group = ''] = kind.split('.');
    if (asked !== undefined && isDraft(given[group]) && valueAt(given, kind) === undefined)
      given = withValue(given, kind, asked.suggested ?? undefined);
  }
  return { ...given };
}

/** Where a text field shows an answer. */
export function textOf(value: DraftValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(String).join(', ');
  return typeof value === 'object' ? '' : String(value);
}
