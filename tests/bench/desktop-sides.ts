// What is taken of one side, AutoGit's or the empty one: its starts, and how it rests.
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../chaos/wait-for.ts';
import { startApp, watchTray } from './desktop-app.ts';
import type { AppStart, RunningApp } from './desktop-app.ts';
import type { TreeUse } from './process-tree.ts';

export interface Side {
  readonly app: AppStart;
  /** True in its page once it can be used. */
  readonly ready: string;
}

/** Milliseconds. */
export interface Starts {
  readonly iconMs: readonly number[];
  readonly windowMs: readonly number[];
  readonly reopenMs: readonly number[];
}

export interface Rest {
  /** With its window open. */
  readonly window: Share;
  /** Without one. */
  readonly tray: Share;
}

type Share = TreeUse & { readonly share: number };

/** Times that the window is opened again after each start. */
const reopens = 2;
/** Until what was needed for the last change alone has been let go. Milliseconds. */
const settleMs = 15_000;

async function closeWindow(app: RunningApp): Promise<void> {
  const devtools = await app.devtools();
  await devtools.closePages();
  await waitFor(
    async () => {
      if ((await app.look()).pages > 0) throw new Error('the page is still there');
    },
    { timeout: 20_000, interval: 100 },
  );
}

/** Starts it, waits for icon and window, and opens the window again from the icon. */
export async function timeStarts({ app: start, ready }: Side): Promise<Starts> {
  const tray = await watchTray(start.screen);
  const app = startApp(start);
  try {
    const icon = tray.untilIcon();
    const devtools = await app.devtools();
    await devtools.untilPage(ready);
    const windowMs = [performance.now() - app.begunAt];
    const iconMs = [(await icon) - app.begunAt];
    const reopenMs: number[] = [];
    for (let time = 0; time < reopens; time += 1) {
      await closeWindow(app);
      const begun = performance.now();
      await tray.panel.activate();
      await devtools.untilPage(ready);
      reopenMs.push(performance.now() - begun);
    }
    return { iconMs, windowMs, reopenMs };
  } finally {
    await app.end();
    tray.panel.close();
  }
}

/** Watches it for `ms` with its window, and as long without. `bare`: who takes its place for the latter. */
export async function watchAtRest(side: Side & { readonly bare?: AppStart }, ms: number): Promise<Rest> {
  const tray = await watchTray(side.app.screen);
  const app = startApp(side.app);
  try {
    const devtools = await app.devtools();
    await devtools.untilPage(side.ready);
    await sleep(settleMs);
    const window = await app.watch(ms);
    await closeWindow(app);
    if (side.bare === undefined) {
      await sleep(settleMs);
      return { window, tray: await app.watch(ms) };
    }
    await app.end();
    return { window, tray: await watchBare(side.bare, ms) };
  } finally {
    await app.end();
    tray.panel.close();
  }
}

async function watchBare(start: AppStart, ms: number): Promise<Share> {
  const app = startApp(start);
  try {
    await sleep(settleMs);
    return await app.watch(ms);
  } finally {
    await app.end();
  }
}
