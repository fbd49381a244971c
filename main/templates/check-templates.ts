// Rules for templates as they lie in their folders, before any answer is known.
import { commonNames } from './context.ts';
import { templateProblem } from './problem.ts';
import type { AnswerProblem } from '../model/stack/stack.ts';
import type { TemplateSource } from '../model/stack/template.ts';

/** Names that folders, services and secrets of the stack itself have. */
const reserved = ['autogit', 'stack', 'secrets', 'tls', 'compose', 'socket-proxy', 'inner', 'edge', 'socket'];

/** What is wrong with the templates among themselves and with each one's manifest. */
export function checkTemplates(templates: readonly TemplateSource[]): readonly AnswerProblem[] {
  return templates.flatMap((template) => [
    ...checkName(template, templates),
    ...checkKind(template),
    ...checkNames(template, templates),
    ...checkExpressions(template),
    ...checkQuestions(template),
  ]);
}

function checkName(
  { manifest: { id }, origin }: TemplateSource,
  all: readonly TemplateSource[],
): readonly AnswerProblem[] {
  const others = all.filter(({ manifest }) => manifest.id === id).length > 1;
  const taken: readonly string[] = [...commonNames, ...reserved];
  if (origin === 'bundled' ? !others : !others && !taken.includes(id) && !id.startsWith('autogit')) return [];
  return [
    templateProblem(id, 'id', {
      key: 'template.reserved',
      message: `The name ${id} of a template belongs to another part of the stack.`,
      next: 'Rename the folder and the id of your own template.',
    }),
  ];
}

function checkKind({ manifest: { id, kind }, origin }: TemplateSource): readonly AnswerProblem[] {
  if (origin === 'bundled' || kind === 'option') return [];
  return [
    templateProblem(id, 'kind', {
      key: 'template.kind',
      message: `The template ${id} would be part of the stack without having been chosen.`,
      next: 'Give it the kind option.',
    }),
  ];
}

/** An own template takes no name of another one. */
function checkNames(
  { manifest: { id, names }, origin }: TemplateSource,
  all: readonly TemplateSource[],
): readonly AnswerProblem[] {
  if (origin === 'bundled') return [];
  const others = all.filter(({ manifest }) => manifest.id !== id).flatMap(({ manifest }) => manifest.names);
  const taken: readonly string[] = [...commonNames, ...others.map(({ name }) => name)];
  return names
    .filter(({ name }) => taken.includes(name))
    .map(({ name }) =>
      templateProblem(id, `names.${name}`, {
        key: 'template.reserved',
        message: `The name ${name} that the template ${id} wants belongs to another part of the stack.`,
        next: 'Choose another name.',
      }),
    );
}

function checkExpressions({
  manifest: { id, harmless, milestones },
}: TemplateSource): readonly AnswerProblem[] {
  const patterns = [...harmless, ...milestones.flatMap(({ log }) => log ?? [])];
  return patterns.filter(isBroken).map((pattern) =>
    templateProblem(id, 'harmless', {
      key: 'template.expression',
      message: `The template ${id} has a regular expression that can not be read: ${pattern}`,
      next: 'Correct it in its template.json.',
    }),
  );
}

function isBroken(pattern: string): boolean {
  try {
    return new RegExp(pattern).source === '';
  } catch {
    return true;
  }
}

function checkQuestions({ manifest: { id, questions } }: TemplateSource): readonly AnswerProblem[] {
  return questions
    .filter((question, index) => {
      const isDouble = questions.findIndex((other) => other.id === question.id) !== index;
      return isDouble || (question.type === 'choice' && !question.choices.includes(question.default));
    })
    .map((question) =>
      templateProblem(id, `questions.${question.id}`, {
        key: 'template.question',
        message: `The question ${question.id} of the template ${id} is there twice, or its default is none of its choices.`,
        next: 'Correct it in its template.json.',
      }),
    );
}
