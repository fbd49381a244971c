// A question that is asked when somebody presses a button, of whose input nothing is kept.
import { useCallback, useEffect, useRef, useState } from 'react';
import { toCoreError } from '../client.ts';
import type { CoreClient, CoreError } from '../client.ts';
import { useLab } from './use-live.ts';

export interface Tried<T> {
  /** The last answer; it goes when something is tried again. */
  readonly value: T | null;
  readonly error: CoreError | null;
  readonly isTrying: boolean;
  /** Resolves when it was answered, or refused. One that was asked since takes its place. */
  tryIt(ask: (client: CoreClient) => Promise<T>): Promise<void>;
  forget(): void;
}

interface State<T> {
  readonly value: T | null;
  readonly error: CoreError | null;
  readonly isTrying: boolean;
}

const nothing = { value: null, error: null, isTrying: false };

/** `ask` is called once and let go: secrets in it end with the question. */
export function useTry<T>(): Tried<T> {
  const { client } = useLab();
  const [state, setState] = useState<State<T>>(nothing);
  const turn = useRef(0);
  useEffect(
    () => () => {
      turn.current += 1;
    },
    [],
  );
  const tryIt = useCallback(
    async (ask: (client: CoreClient) => Promise<T>): Promise<void> => {
      turn.current += 1;
      const mine = turn.current;
      setState({ ...nothing, isTrying: true });
      const end = (next: Partial<State<T>>): void => {
        if (turn.current === mine) setState({ ...nothing, ...next });
      };
      try {
        end({ value: await ask(client) });
      } catch (error) {
        end({ error: toCoreError(error) });
      }
    },
    [client],
  );
  const forget = useCallback(() => {
    turn.current += 1;
    setState(nothing);
  }, []);
  return { ...state, tryIt, forget };
}
