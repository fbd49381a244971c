// The answer to a question that a view asks when it comes, and again on demand.
import { useCallback, useEffect, useState } from 'react';
import { toCoreError } from '../client.ts';
import type { CoreClient, CoreError } from '../client.ts';
import { useLab } from './use-live.ts';

export interface Asked<T> {
  /** The last answer; stays while it is asked again, and when that fails. */
  readonly value: T | null;
  readonly error: CoreError | null;
  readonly isAsking: boolean;
  again(): void;
}

type Ask<T> = (client: CoreClient) => Promise<T>;

interface State<T> {
  /** What `value` answers: another question begins with nothing. */
  readonly ask: Ask<T> | null;
  readonly attempt: number;
  readonly value: T | null;
  readonly error: CoreError | null;
}

/** Asks whenever `ask` is another function, so it has to stay the same between drawings. `null`: nothing to ask. */
export function useAnswer<T>(ask: Ask<T> | null): Asked<T> {
  const { client } = useLab();
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<State<T>>({ ask: null, attempt: -1, value: null, error: null });
  useEffect(() => {
    if (ask === null) return;
    let isLeft = false;
    ask(client).then(
      (value) => {
        if (!isLeft) setState({ ask, attempt, value, error: null });
      },
      (error: unknown) => {
        const failed = { ask, attempt, error: toCoreError(error) };
        if (!isLeft) setState((before) => ({ ...failed, value: before.ask === ask ? before.value : null }));
      },
    );
    return () => {
      isLeft = true;
    };
  }, [client, ask, attempt]);
  const again = useCallback(() => setAttempt((before) => before + 1), []);
  const isSame = ask !== null && state.ask === ask;
  return {
    value: isSame ? state.value : null,
    error: isSame ? state.error : null,
    isAsking: ask !== null && !(isSame && state.attempt === attempt),
    again,
  };
}
