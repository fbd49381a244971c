// Which templates a stack consists of, and their own answers, checked against the questions.
import { holds } from './liquid.ts';
import type { Scope } from './liquid.ts';
import { judgePath } from './paths.ts';
import { shown, templateProblem } from './problem.ts';
import { nearest } from '../model/nearest.ts';
import type { AnswerValue } from '../model/stack/answers.ts';
import type { AnswerProblem } from '../model/stack/stack.ts';
import type { Question, TemplateSource } from '../model/stack/template.ts';
import { z } from 'zod';

export type TemplateAnswers = Readonly<Record<string, Readonly<Record<string, AnswerValue>>>>;

/** In Liquid's expressions a hyphen is no part of every name. */
export function liquidName(id: string): string {
  return id.replaceAll('-', '_');
}

/** A value under its name and, where it is another, under its name for Liquid. */
export function byBothNames<Value>(
  pairs: readonly (readonly [string, Value])[],
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    pairs.flatMap(([name, value]) => [
      [name, value],
      [liquidName(name), value],
    ]),
  );
}

/** Core ones first, then fixed, then options; each kind by name. */
export function inOrder(templates: readonly TemplateSource[]): readonly TemplateSource[] {
  const rank = { core: 0, fixed: 1, option: 2 } as const;
  return templates.toSorted(
    (a, b) => rank[a.manifest.kind] - rank[b.manifest.kind] || (a.manifest.id < b.manifest.id ? -1 : 1),
  );
}

export interface Selection {
  readonly chosen: readonly TemplateSource[];
  readonly problems: readonly AnswerProblem[];
}

/**
 * The templates that the answers ask for. `when` of a fixed one reads the scope, in whose `has` are so far the core
 * ones and the options.
 */
export function selectTemplates(
  templates: readonly TemplateSource[],
  answers: TemplateAnswers,
  scope: Scope,
): Selection {
  const ids = templates.map(({ manifest }) => manifest.id);
  const unknown = Object.keys(answers)
    .filter((id) => !ids.includes(id))
    .map((id): AnswerProblem => {
      const meant = nearest(id, ids);
      return templateProblem(id, '', {
        key: 'template.unknown',
        message: `There is no template ${shown(id)}.`,
        next: meant === null ? 'See the templates with: autogit stack questions' : `Did you mean ${meant}?`,
      });
    });
  const problems: AnswerProblem[] = [...unknown];
  const chosen = inOrder(templates).filter(({ manifest }) => {
    if (manifest.kind === 'core') return true;
    if (manifest.kind === 'option') return Object.hasOwn(answers, manifest.id);
    try {
      return holds(manifest.when, scope);
    } catch (error) {
      problems.push(badExpression(manifest.id, 'when', error));
      return false;
    }
  });
  const here = new Set(chosen.map(({ manifest }) => manifest.id));
  const missing = chosen.flatMap(({ manifest: { id, needs } }) =>
    needs
      .filter((need) => !here.has(need))
      .map((need) =>
        templateProblem(id, 'needs', {
          key: 'template.needs',
          message: `The template ${id} can not do without ${need}, which is not part of this stack.`,
          next: ids.includes(need)
            ? needed(templates, need)
            : `Add the template ${need}, or leave ${id} out.`,
        }),
      ),
  );
  return { chosen, problems: [...problems, ...missing] };
}

function needed(templates: readonly TemplateSource[], id: string): string {
  const template = templates.find(({ manifest }) => manifest.id === id)?.manifest;
  if (template?.kind === 'option') return `Add it to the answers: templates: { ${id}: {} }`;
  return `It is there when this holds: ${template?.when ?? 'always'}`;
}

/** What an expression of a manifest did wrong. */
export function badExpression(id: string, place: string, error: unknown): AnswerProblem {
  return templateProblem(id, place, {
    key: 'template.expression',
    message: `An expression of the template ${id} can not be read: ${error instanceof Error ? error.message : 'it failed'}.`,
    next: 'Correct it in its template.json; docs/templates.md lists what an expression may name.',
  });
}

/** A template's answers with its defaults; `null` for what is not answered and has none. */
export function defaultsOf(questions: readonly Question[]): Readonly<Record<string, AnswerValue | null>> {
  return Object.fromEntries(questions.map((question) => [question.id, defaultOf(question)]));
}

function defaultOf(question: Question): AnswerValue | null {
  return question.type === 'secret' ? !question.optional : question.default;
}

/** What is wrong with a template's own answers. */
export function checkTemplateAnswers(
  { manifest: { id, questions } }: TemplateSource,
  given: Readonly<Record<string, AnswerValue>>,
): readonly AnswerProblem[] {
  const names = questions.map((question) => question.id);
  const unknown = Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const meant = nearest(name, names);
      return templateProblem(id, name, {
        key: 'template.unknown-answer',
        message: `The template ${id} asks for no ${shown(name)}.`,
        next: meant === null ? 'Leave it out.' : `Did you mean ${meant}?`,
      });
    });
  const wrong = questions.flatMap((question): readonly AnswerProblem[] => {
    const value = Object.hasOwn(given, question.id) ? (given[question.id] ?? null) : defaultOf(question);
    const found = judgeAnswer(question, value);
    return found === null ? [] : [templateProblem(id, question.id, found)];
  });
  return [...unknown, ...wrong];
}

type Found = Omit<AnswerProblem, 'field'>;

function expected(question: Question, what: string): Found {
  return {
    key: 'template.answer',
    message: `The answer to "${question.label}" has to be ${what}.`,
    next: question.help,
  };
}

function judgeAnswer(question: Question, value: AnswerValue | null): Found | null {
  if (value === null)
    return {
      key: 'template.answer-missing',
      message: `"${question.label}" has no default and was not answered.`,
      next: question.help,
    };
  switch (question.type) {
    case 'boolean':
      return typeof value === 'boolean' ? null : expected(question, 'true or false');
    case 'number': {
      const isFine = typeof value === 'number' && value >= question.min && value <= question.max;
      return isFine ? null : expected(question, `a number from ${question.min} to ${question.max}`);
    }
    case 'choice': {
      const isFine = typeof value === 'string' && question.choices.includes(value);
      return isFine ? null : expected(question, `one of ${question.choices.join(', ')}`);
    }
    case 'text':
      if (typeof value !== 'string') return expected(question, 'a text');
      // What is the default is right: an empty one stands for "none".
      if (value === question.default) return null;
      return judgeText(question, value);
    case 'secret':
      if (typeof value !== 'boolean' || (!question.optional && !value))
        return {
          key: 'template.secret-answer',
          message: `The value of "${question.label}" does not belong into the answers, which are shown and kept as they are.`,
          next: 'Write true to have it, and give its value with: autogit stack set-secret',
        };
      return null;
  }
}

const host = z.hostname().or(z.ipv4()).or(z.ipv6());

function judgeText(question: Extract<Question, { readonly type: 'text' }>, value: string): Found | null {
  switch (question.format) {
    case 'line':
      return /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(value) ? expected(question, 'one line') : null;
    case 'host':
      return /^[\x21-\x7e]+$/.test(value) && host.safeParse(value).success
        ? null
        : expected(question, 'the name or the address of a machine');
    case 'email':
      return z.email().safeParse(value).success ? null : expected(question, 'an e-mail address');
    case 'path':
      return judgePath(value);
    case 'username':
      return /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/.test(value)
        ? null
        : expected(question, 'a name of letters, digits and . _ @ + -');
  }
}
