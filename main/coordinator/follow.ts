// Following something that changes: for everybody who watches a run.

/** The present state and every change, until it is over or the signal fires; a slow reader misses what was between. */
export async function* follow<T extends object>(
  look: () => {
    readonly current: T | null;
    readonly isOver: boolean;
    readonly changed: Promise<unknown>;
  },
  signal: AbortSignal,
): AsyncGenerator<T> {
  const gone = Promise.withResolvers<undefined>();
  const leave = (): void => gone.resolve(undefined);
  signal.addEventListener('abort', leave, { once: true });
  let told: T | null = null;
  try {
    while (!signal.aborted) {
      // Before what is told: news that come while it is read are waited for no more.
      const { current, isOver, changed } = look();
      if (current !== null && current !== told) {
        told = current;
        yield current;
        if (isOver) return;
      } else if (isOver) return;
      await Promise.race([changed, gone.promise]);
    }
  } finally {
    // A signal may outlive many watches.
    signal.removeEventListener('abort', leave);
  }
}
