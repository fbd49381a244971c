// The plan of a restore as it is asked for, and asked for anew with or without a safety backup.
import { useState } from 'react';
import type { CoreError } from '../client.ts';
import type { RestorePlan, RestoreWish } from './backup-restore.ts';
import { useTry } from './use-try.ts';

/** A plan with the answer that it was made for. */
interface Planned {
  readonly plan: RestorePlan;
  readonly withoutSafety: boolean;
}

export interface Planning {
  /** The last one; it stays while another is made. */
  readonly planned: Planned | null;
  readonly error: CoreError | null;
  readonly isTrying: boolean;
  /** As it was asked for last: the plan that says so may be on its way. */
  readonly withoutSafety: boolean;
  ask(wish: RestoreWish): void;
  forget(): void;
}

/** Of the wish nothing else is kept: it may have secrets in it. */
export function useRestorePlan(): Planning {
  const asking = useTry<Planned>();
  const [last, setLast] = useState<Planned | null>(null);
  const [wanted, setWanted] = useState(false);
  const { value, error, isTrying } = asking;
  if (value !== null && value !== last) setLast(value);
  return {
    ...{ planned: value ?? last, error, isTrying },
    withoutSafety: isTrying ? wanted : ((value ?? last)?.withoutSafety ?? false),
    ask: (wish) => {
      const withoutSafety = wish.withoutSafety ?? false;
      setWanted(withoutSafety);
      void asking.tryIt(async (client) => ({
        plan: await client.call('backup.plan-restore', wish),
        withoutSafety,
      }));
    },
    forget: () => {
      asking.forget();
      setLast(null);
    },
  };
}
