// Small work between the runs of a stack, one at a time, which gives way to a run.

export interface SmallWork {
  /** `null`: other work goes on. Rejects like the work. */
  begin<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | null>;
  isGoing(): boolean;
  /** Stops what goes on. Resolves when that has ended, however it did. */
  giveWay(): Promise<void>;
}

/** `stop`: fires when the core stops. */
export function createSmallWork(stop: AbortSignal): SmallWork {
  let going: { readonly own: AbortController; readonly ended: Promise<unknown> } | null = null;
  return {
    begin: async (work) => {
      if (going !== null) return null;
      const own = new AbortController();
      const result = work(AbortSignal.any([stop, own.signal])).finally(() => {
        going = null;
      });
      going = { own, ended: Promise.allSettled([result]) };
      return result;
    },
    isGoing: () => going !== null,
    giveWay: async () => {
      going?.own.abort(new Error('a run of the stack begins'));
      await going?.ended;
    },
  };
}
