// The answers of an installation and what the core says of them, for all of its steps.
import { useMemo, useState } from 'react';
import type { CoreClient, CoreError } from '../../client.ts';
import { givenAnswers, textOf, valueAt } from '../../state/stack-draft.ts';
import type { Draft, StackQuestions } from '../../state/stack-draft.ts';
import type { SetupDraft } from '../../state/setup-steps.ts';
import { decidedFiles, noDecisions } from '../../state/stack-plan.ts';
import type { FileDecisions } from '../../state/stack-plan.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { usePlanned } from '../../state/use-planned.ts';
import type { Planned } from '../../state/use-planned.ts';
import type { Setup } from '../../state/use-setup.ts';

export interface Install {
  /** `null`: not known yet. */
  readonly questions: StackQuestions | null;
  readonly error: CoreError | null;
  readonly answers: Draft;
  /** The answers as requests take them. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly planned: Planned;
  readonly decisions: FileDecisions;
  /** The lab's name, under which its secrets are kept. */
  readonly lab: string;
  /** What was typed of secrets, by their names: here until it is kept, and in no draft. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Names of those that were kept since the page was opened. */
  readonly kept: ReadonlySet<string>;
  answer(answers: Draft): void;
  decide(path: string, decision: 'replace' | 'keep'): void;
  type(name: string, text: string): void;
  /** Gives these to the secrets of the home, as far as they were typed. */
  keep(client: CoreClient, names: readonly string[]): Promise<void>;
}

function askQuestions(client: CoreClient): Promise<StackQuestions> {
  return client.call('stack.questions', {});
}

/** What can be another, and nobody has to type: a name, and certificates of the lab's own. */
function withFirst(answers: Draft): Draft {
  const lab = valueAt(answers, 'lab') === undefined ? { lab: 'lab' } : {};
  const tls = valueAt(answers, 'tls') === undefined ? { tls: { mode: 'local-ca' } } : {};
  return { ...answers, ...lab, ...tls };
}

export function useInstall(setup: Setup, draft: SetupDraft): Install {
  const { value: questions, error } = useAnswer(askQuestions);
  const answers = useMemo(() => withFirst(draft.answers), [draft.answers]);
  const given = useMemo(
    () => (questions === null ? {} : givenAnswers(answers, questions)),
    [answers, questions],
  );
  const [decisions, setDecisions] = useState<FileDecisions>(noDecisions);
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({});
  const [kept, setKept] = useState<ReadonlySet<string>>(new Set());
  const planned = usePlanned(questions === null ? null : { answers: given, ...decidedFiles(decisions) });
  const lab = textOf(valueAt(answers, 'lab'));
  return {
    ...{ questions, error, answers, given, planned, decisions, lab, secrets, kept },
    answer: (next) => setup.change({ answers: next }),
    decide: (path, decision) => setDecisions((before) => ({ ...before, [path]: decision })),
    type: (name, text) => setSecrets((before) => ({ ...before, [name]: text })),
    keep: async (client, names) => {
      for (const name of names) {
        const value = secrets[name] ?? '';
        if (value === '') continue;
        await client.call('stack.set-secret', { name, lab, value });
        setSecrets((before) => ({ ...before, [name]: '' }));
        setKept((before) => new Set([...before, name]));
      }
    },
  };
}
