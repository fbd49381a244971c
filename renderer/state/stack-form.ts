// The form of a stack's answers: its sections, what a search finds in it, and where problems stand.
import type { Asked } from '../../main/model/stack/questions.ts';
import {
  allAsked,
  effective,
  isAsked,
  isChosen,
  templateAsked,
  templateSecrets,
  textOf,
} from './stack-draft.ts';
import type { AnswerProblem, AskedTemplate, Draft, StackQuestions } from './stack-draft.ts';
import { t } from '../language/strings.ts';

/** Everything beside the three decisions, by what it is about: the first names of the answers. */
const topics = [
  { title: t('How people sign in'), heads: ['sso', 'oidc'] },
  { title: t('Who the people are'), heads: ['directory', 'admin'] },
  { title: t('How much GitLab may take'), heads: ['preset'] },
  { title: t('Where it is found'), heads: ['domain', 'address', 'address6', 'bind'] },
  { title: t('More about certificates'), heads: ['tls'] },
  { title: t('Who tells names'), heads: ['dns'] },
  { title: t('Ports'), heads: ['ports', 'ssh'] },
  { title: t('What GitLab allows'), heads: ['policy'] },
] as const;

export interface AskedSection {
  readonly title: string;
  readonly asked: readonly Asked[];
}

function headOf({ field }: Asked): string {
  return field.split('.')[0] ?? '';
}

/** What has a default, in its sections; what no section is about comes last. */
export function settingSections({ settings }: StackQuestions): readonly AskedSection[] {
  const known: readonly string[] = topics.flatMap(({ heads }) => [...heads]);
  const sections = topics.map(({ title, heads }) => ({
    title,
    asked: settings.filter((one) => heads.some((head) => head === headOf(one))),
  }));
  const rest = settings.filter((one) => !known.includes(headOf(one)));
  return [...sections, { title: t('More'), asked: rest }].filter(({ asked }) => asked.length > 0);
}

/** Words of a search, each of which has to be found. */
function wordsOf(search: string): readonly string[] {
  return search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}

function hasAll(text: string, search: string): boolean {
  const all = text.toLowerCase();
  return wordsOf(search).every((word) => all.includes(word));
}

/** Whether a search finds it: by its name, what it is for, its choices, or the answer's own name. */
export function isFound({ field, label, help, choices }: Asked, title: string, search: string): boolean {
  return hasAll([title, field, label, help, ...choices.map((one) => one.label)].join(' '), search);
}

/** Whether a search finds a template itself, without its questions. */
export function isTemplateFound(
  { id, title, description, provides }: AskedTemplate,
  search: string,
): boolean {
  return hasAll([id, title, description, ...provides].join(' '), search);
}

/** A template as the form shows it. */
export interface TemplatePart {
  readonly template: AskedTemplate;
  readonly isChosen: boolean;
  readonly asked: readonly Asked[];
  readonly secrets: readonly string[];
}

/** What can be chosen, and what comes with other answers as far as it asks for anything; as a search finds it. */
export function templateParts(
  questions: StackQuestions,
  draft: Draft,
  search: string,
): readonly TemplatePart[] {
  const all = allAsked(questions);
  return questions.templates.flatMap((template) => {
    const chosen = isChosen(template, draft, all);
    const whole = isTemplateFound(template, search);
    const asked = templateAsked(template).filter((one) => whole || isFound(one, template.title, search));
    const isShown = template.kind === 'option' ? whole || asked.length > 0 : chosen && asked.length > 0;
    if (!isShown) return [];
    return [{ template, isChosen: chosen, asked: chosen ? asked : [], secrets: templateSecrets(template) }];
  });
}

/** Those of a section that are asked now, as a search finds them. */
export function shownAsked(
  { title, asked }: AskedSection,
  draft: Draft,
  questions: StackQuestions,
  search: string,
): readonly Asked[] {
  return asked.filter((one) => isAsked(one, draft, questions) && isFound(one, title, search));
}

/** Fields that the form shows as the answers stand, without any search. */
export function shownFields(questions: StackQuestions, draft: Draft): readonly string[] {
  const own = allAsked(questions).filter((one) => isAsked(one, draft, questions));
  const more = templateParts(questions, draft, '').flatMap(({ asked }) => asked);
  return [...own, ...more].map(({ field }) => field);
}

export interface PlacedProblems {
  /** By field. */
  readonly at: Readonly<Record<string, AnswerProblem>>;
  /** Of no field that is shown. */
  readonly rest: readonly AnswerProblem[];
}

/** What is only not there yet is no mistake before somebody wants to go on. */
function isMissing({ key }: AnswerProblem): boolean {
  return key.endsWith('-missing');
}

/** Each problem at its field; one of a whole group at the first field of that. */
export function placeProblems(
  problems: readonly AnswerProblem[],
  fields: readonly string[],
  wasAsked: boolean,
): PlacedProblems {
  const at: Record<string, AnswerProblem> = {};
  const rest: AnswerProblem[] = [];
  for (const problem of problems) {
    if (!wasAsked && isMissing(problem)) continue;
    const { field } = problem;
    const place =
      fields.find((one) => one === field) ??
      (field === ''
        ? undefined
        : fields.find((one) => one.startsWith(`${field}.`) || field.startsWith(`${one}.`)));
    if (place === undefined) rest.push(problem);
    else at[place] ??= problem;
  }
  return { at, rest };
}

/** What the default is, in words; `null`: there is none, or `help` says it. */
export function defaultWords({ type, suggested, choices }: Asked): string | null {
  if (suggested === null || suggested === '') return null;
  if (type === 'boolean') return suggested === true ? t('on') : t('off');
  return choices.find(({ value }) => value === suggested)?.label ?? String(suggested);
}

/** The answer that the stack has now, where the draft has another; `null`: it is the same. */
export function presentWords(asked: Asked, draft: Draft, present: Draft | null): string | null {
  if (present === null) return null;
  const [now, before] = [textOf(effective(asked, draft)), textOf(effective(asked, present))];
  if (now === before) return null;
  if (asked.type === 'boolean') return before === 'true' ? t('on') : t('off');
  const words = asked.choices.find(({ value }) => value === before)?.label ?? before;
  return words === '' ? t('none') : words;
}
