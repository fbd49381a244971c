// Which questions a step of an installation asks, and whether their answers are good enough to go on.
import { z } from 'zod';
import { directorySchema, oidcSchema, tlsSchema } from '../../main/model/stack/answers.ts';
import type { Asked } from '../../main/model/stack/questions.ts';
import { allAsked, isAsked } from './stack-draft.ts';
import type { AnswerProblem, Draft, StackQuestions } from './stack-draft.ts';
import { placeProblems } from './stack-form.ts';

/** In the order of `fields`; one that ends in a dot stands for all below it. */
export function askedAmong(questions: StackQuestions, fields: readonly string[]): readonly Asked[] {
  return fields.flatMap((field) =>
    allAsked(questions).filter(
      (one) => one.field === field || (field.endsWith('.') && one.field.startsWith(field)),
    ),
  );
}

/** Problems that these fields have, of those that are asked now. */
export function problemsOf(
  problems: readonly AnswerProblem[],
  questions: StackQuestions,
  answers: Draft,
  fields: readonly string[],
): number {
  const asked = askedAmong(questions, fields).filter((one) => isAsked(one, answers, questions));
  const paths = asked.map(({ field }) => field);
  return Object.keys(placeProblems(problems, paths, true).at).length;
}

type Given = Readonly<Record<string, unknown>>;

const groups = z.object({
  tls: tlsSchema.optional().catch(undefined),
  directory: directorySchema.optional().catch(undefined),
  oidc: oidcSchema.optional().catch(undefined),
  domain: z.string().max(253).optional().catch(undefined),
});

/** Parts of the answers that can be tried by themselves; missing: not good enough for that yet. */
export function triable(given: Given): z.infer<typeof groups> {
  return groups.parse(given);
}
