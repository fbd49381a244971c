// The desks of the window before they are read: what they know of the contract takes a while to read, and the window
// opens meanwhile.
import type { DesktopDesk } from './desktop-desk.ts';
import type { Desk } from './desk.ts';

/** A desk that is loaded with its first question. */
export function lateDesk(load: () => Promise<Desk>): Desk {
  let loading: Promise<Desk> | null = null;
  const desk = (): Promise<Desk> => (loading ??= load());
  return {
    call: async (name, input) => (await desk()).call(name, input),
    open: async (name, input) => (await desk()).open(name, input),
    next: async (id) => (await desk()).next(id),
    close: async (id) => (await desk()).close(id),
    clear: () => {
      // Nothing was asked of one that was never loaded. One that could not be has answered so.
      loading?.then(
        (loaded) => loaded.clear(),
        () => undefined,
      );
    },
  };
}

/** The same for questions to the desktop itself. */
export function lateDesktopDesk(load: () => Promise<DesktopDesk>): DesktopDesk {
  let loading: Promise<DesktopDesk> | null = null;
  return { ask: async (name, input) => (await (loading ??= load())).ask(name, input) };
}
