// Shows other devices the root for some minutes: one page at a time, which ends by itself.
import type { OpenPage, ShowPage } from '../../access-ports.ts';
import { answerShared } from '../../plan/trust-page/page.ts';
import type { SharedRoot } from '../../plan/trust-page/page.ts';
import type { Clock } from '../../ports.ts';

export interface Sharing {
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export interface RootShare {
  /** `null`: nothing is shown. */
  now(): Sharing | null;
  /** In the place of what is shown already. Rejects with `trust.share-failed`. */
  show(root: SharedRoot, address: string, minutes: number): Promise<Sharing>;
  /** Nothing shown is success. */
  end(): Promise<void>;
}

interface Shown {
  readonly sharing: Sharing;
  readonly page: OpenPage;
  readonly stopping: AbortController;
}

/** Nothing is shown at first, and nothing after the core has ended. */
export function createRootShare({
  showPage,
  clock,
}: {
  readonly showPage: ShowPage;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
}): RootShare {
  let shown: Shown | null = null;
  const close = async (one: Shown | null): Promise<void> => {
    if (one === null || shown !== one) return;
    shown = null;
    one.stopping.abort();
    await one.page.close();
  };
  const endLater = async (one: Shown, ms: number): Promise<void> => {
    await clock.sleep(ms, one.stopping.signal);
    await close(one);
  };
  return {
    now: () => shown?.sharing ?? null,
    end: () => close(shown),
    show: async (root, address, minutes) => {
      await close(shown);
      const page = await showPage(address, (path, agent) => answerShared(path, agent, root));
      const host = address.includes(':') ? `[${address}]` : address;
      const ms = minutes * 60_000;
      const sharing = { url: `http://${host}:${page.port}/`, until: clock.now() + ms };
      const one = { sharing, page, stopping: new AbortController() };
      const before = shown;
      shown = one;
      // Somebody else has asked meanwhile: the last one is right.
      before?.stopping.abort();
      await before?.page.close();
      void endLater(one, ms);
      return sharing;
    },
  };
}
