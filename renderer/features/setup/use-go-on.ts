// Going on from a step of an installation: once the core has nothing against its answers, and what was secret is kept.
import { useState } from 'react';
import type { RefObject } from 'react';
import type { CoreError } from '../../client.ts';
import { problemsOf } from '../../state/setup-answers.ts';
import { useTry } from '../../state/use-try.ts';
import { useLeadToWrong } from '../../ui/stack/use-lead-to-wrong.ts';
import type { OnButton } from './step-frame.tsx';
import type { Install } from './use-install.ts';
import { t } from '../../language/strings.ts';

interface GoOn {
  /** Somebody wanted to: now also what is only missing is said. */
  readonly wasAsked: boolean;
  readonly isGoing: boolean;
  /** How many answers have to be mended first. */
  readonly wrong: number;
  readonly error: CoreError | null;
  goOn(): void;
}

/** The button that goes on. */
export function goOnButton({ isGoing }: Pick<GoOn, 'isGoing'>, words: string): OnButton {
  return {
    words: isGoing ? t('Looking…') : words,
    blockedBy: isGoing ? t('The answers are being looked at.') : null,
  };
}

interface GoOnOptions {
  readonly install: Install;
  /** Those that this step asks. */
  readonly fields: readonly string[];
  /** Names of secrets that it asks. */
  readonly secrets?: readonly string[];
  readonly element: RefObject<HTMLElement | null>;
  next(): void;
}

export function useGoOn({ install, fields, secrets = [], element, next }: GoOnOptions): GoOn {
  const [wasAsked, setWasAsked] = useState(false);
  const going = useTry<number>();
  const { questions, answers, given, planned } = install;
  const wrong =
    questions === null ? 0 : problemsOf(planned.value?.problems ?? [], questions, answers, fields);
  const lead = useLeadToWrong(element, wrong);
  return {
    ...{ wasAsked, isGoing: going.isTrying, error: going.error, wrong: wasAsked ? wrong : 0 },
    goOn: () => {
      if (questions === null || going.isTrying) return;
      setWasAsked(true);
      void going.tryIt(async (client) => {
        const { problems } = await client.call('stack.plan', { answers: { ...given } });
        const count = problemsOf(problems, questions, answers, fields);
        if (count === 0) {
          await install.keep(client, secrets);
          next();
        } else {
          lead();
        }
        return count;
      });
    },
  };
}
