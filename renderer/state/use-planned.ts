// What a stack would become by the present answers: asked again soon after they were changed.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Input } from '../../main/contract/contract.ts';
import { toCoreError } from '../client.ts';
import type { CoreError } from '../client.ts';
import type { PlannedStack } from './stack-plan.ts';
import { useLab } from './use-live.ts';

export type PlanWish = Pick<Input<'stack.plan'>, 'answers' | 'replace' | 'keep'>;

export interface Planned {
  /** The newest answer; stays while another is asked for. */
  readonly value: PlannedStack | null;
  readonly error: CoreError | null;
  /** What is shown is not yet of the present answers. */
  readonly isAsking: boolean;
  again(): void;
}

/** After the last letter. Milliseconds. */
const pauseMs = 400;

interface State {
  /** What `value` was asked for. */
  readonly of: string | null;
  readonly value: PlannedStack | null;
  readonly error: CoreError | null;
}

/** `wish`: `null`: nothing is asked. Another one is known by its contents. One question at a time; the newest counts. */
export function usePlanned(wish: PlanWish | null): Planned {
  const { client } = useLab();
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<State>({ of: null, value: null, error: null });
  const asked = useRef(0);
  const latest = useRef(wish);
  useEffect(() => {
    latest.current = wish;
  });
  const text = wish === null ? null : JSON.stringify(wish);
  const key = text === null ? null : `${attempt} ${text}`;
  useEffect(() => {
    if (key === null) return;
    asked.current += 1;
    const mine = asked.current;
    const end = (next: Partial<State>): void => {
      if (asked.current === mine) setState((before) => ({ ...before, error: null, ...next, of: key }));
    };
    const ask = (): void => {
      client.call('stack.plan', latest.current ?? {}).then(
        (value) => end({ value }),
        (error: unknown) => end({ error: toCoreError(error) }),
      );
    };
    const timer = setTimeout(ask, pauseMs);
    return () => {
      clearTimeout(timer);
      asked.current += 1;
    };
  }, [client, key]);
  const again = useCallback(() => setAttempt((before) => before + 1), []);
  return { value: state.value, error: state.error, isAsking: key !== null && state.of !== key, again };
}
