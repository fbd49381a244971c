// A short queue between who finds things and who takes them: who finds waits while it is full.

export interface Channel<T> {
  /** Resolves when there is room for more; things for nobody are dropped. */
  put(item: T): Promise<void>;
  /** No more will come. */
  close(): void;
  /** Ends whoever takes, after what is there already. */
  fail(error: unknown): void;
  take(): AsyncGenerator<T>;
}

const mostWaiting = 1_000;

const now = Promise.resolve();

export function createChannel<T>(): Channel<T> {
  let items: T[] = [];
  let end: { readonly error: unknown } | 'closed' | null = null;
  let news = createDoor();
  let room = createDoor();
  return {
    put: (item) => {
      if (end !== null) return now;
      items.push(item);
      news.open();
      return items.length < mostWaiting ? now : room.opened;
    },
    close: () => {
      end ??= 'closed';
      news.open();
      room.open();
    },
    fail: (error) => {
      end ??= { error };
      news.open();
      room.open();
    },
    take: async function* () {
      for (;;) {
        const taken = items;
        items = [];
        news = createDoor();
        room.open();
        room = createDoor();
        yield* taken;
        if (items.length > 0) continue;
        if (end === null) await news.opened;
        else if (end === 'closed') return;
        else throw end.error;
      }
    },
  };
}

interface Door {
  readonly opened: Promise<void>;
  open(): void;
}

function createDoor(): Door {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
