// The answers of the first set-up as a page has them: read once, changed here, and kept by the core soon after.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { z } from 'zod';
import { setupDraftSchema } from '../../main/contract/requests/setup.ts';
import { CoreError, toCoreError } from '../client.ts';
import type { CoreClient } from '../client.ts';
import { noAnswers } from './setup-steps.ts';
import type { SetupDraft } from './setup-steps.ts';
import { useLab, useLive } from './use-live.ts';
import { t } from '../language/strings.ts';

/** After the last letter. Milliseconds. */
const pauseMs = 300;

export interface Setup {
  /** `null`: not read yet. */
  readonly draft: SetupDraft | null;
  /** Why nothing could be read. */
  readonly error: CoreError | null;
  /** Whether all of it is with the core, so that it survives whatever ends. */
  readonly keeping: 'kept' | 'soon' | 'failed';
  /** Why it could not be kept. */
  readonly failure: CoreError | null;
  change(change: Partial<SetupDraft>): void;
  /** Forgets every answer. */
  forget(): Promise<void>;
}

/** The draft as the contract has it. Throws a `CoreError` for one that is far too large. */
function keepable(draft: SetupDraft): z.output<typeof setupDraftSchema> {
  const read = setupDraftSchema.safeParse(draft);
  if (read.success) return read.data;
  throw new CoreError({
    key: 'request.invalid',
    message: t('an answer is too long to be kept.'),
    next: t('Make it shorter.'),
    retry: false,
  });
}

/** Writes the newest draft, one write after the other. */
function createKeeper(client: CoreClient, onEnd: (left: SetupDraft | null, error: CoreError | null) => void) {
  let wanted: SetupDraft | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWriting = false;
  const write = async (): Promise<void> => {
    clearTimeout(timer);
    if (isWriting || wanted === null) return;
    isWriting = true;
    const draft = wanted;
    wanted = null;
    let error: CoreError | null = null;
    try {
      await client.call('setup.keep', { draft: keepable(draft) });
    } catch (thrown) {
      error = toCoreError(thrown);
      // Unless there is a newer one already.
      wanted ??= draft;
    }
    isWriting = false;
    onEnd(wanted, error);
    if (wanted !== null && error === null) await write();
  };
  return {
    keep: (draft: SetupDraft) => {
      wanted = draft;
      clearTimeout(timer);
      timer = setTimeout(() => void write(), pauseMs);
    },
    flush: () => void write(),
    drop: () => {
      wanted = null;
      clearTimeout(timer);
    },
  };
}

type Keeping = Pick<Setup, 'keeping' | 'failure'>;

/** A keeper for as long as the page is there; what it has not written yet goes with the page's end. */
function useKeeper(client: CoreClient, setState: (state: Keeping) => void) {
  const keeper = useRef<ReturnType<typeof createKeeper> | null>(null);
  useEffect(() => {
    let isLeft = false;
    const made = createKeeper(client, (left, failure) => {
      if (isLeft) return;
      setState({ keeping: failure !== null ? 'failed' : left === null ? 'kept' : 'soon', failure });
    });
    keeper.current = made;
    window.addEventListener('pagehide', made.flush);
    return () => {
      isLeft = true;
      window.removeEventListener('pagehide', made.flush);
      made.flush();
    };
  }, [client, setState]);
  return keeper;
}

export function useSetup(): Setup {
  const { client } = useLab();
  const isLive = useLive(({ connection }) => connection.state === 'live');
  const [draft, setDraft] = useState<SetupDraft | null>(null);
  const [error, setError] = useState<CoreError | null>(null);
  const [state, setState] = useState<Keeping>({ keeping: 'kept', failure: null });
  const keeper = useKeeper(client, setState);
  const latest = useRef<SetupDraft | null>(null);
  useEffect(() => {
    if (!isLive) return;
    // A core that has come back has what was kept; what was not is told to it now.
    if (latest.current !== null) {
      keeper.current?.flush();
      return;
    }
    let isLeft = false;
    client.call('setup.show', {}).then(
      ({ draft: kept }) => {
        if (isLeft || latest.current !== null) return;
        latest.current = kept ?? noAnswers;
        setDraft(latest.current);
        setError(null);
      },
      (thrown: unknown) => {
        if (!isLeft) setError(toCoreError(thrown));
      },
    );
    return () => {
      isLeft = true;
    };
  }, [client, isLive, keeper]);
  const change = useCallback(
    (part: Partial<SetupDraft>) => {
      if (latest.current === null) return;
      latest.current = { ...latest.current, ...part };
      setDraft(latest.current);
      setState({ keeping: 'soon', failure: null });
      keeper.current?.keep(latest.current);
      // What was typed may wait for the next letter; where somebody is, not.
      if (part.step !== undefined || part.way !== undefined) keeper.current?.flush();
    },
    [keeper],
  );
  const forget = useCallback(async () => {
    keeper.current?.drop();
    await client.call('setup.forget', {});
    latest.current = noAnswers;
    setDraft(noAnswers);
    setState({ keeping: 'kept', failure: null });
  }, [client, keeper]);
  return { draft, error, ...state, change, forget };
}
