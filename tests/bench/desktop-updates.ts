// The window while a core beside it changes a thousand times a second: frames that are drawn, memory.
import { setTimeout as sleep } from 'node:timers/promises';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { announceCore } from '../e2e/announced-core.ts';
import { createPageWorld } from '../e2e/page-world.ts';
import type { Screen } from '../e2e/screen.ts';
import { builtDesktop, startApp } from './desktop-app.ts';
import type { AppStart } from './desktop-app.ts';

export interface Updates {
  /** Drawn in a second. */
  readonly frames: number;
  readonly emptyFrames: number;
  /** Of all processes, and of the page's alone. */
  readonly pssMb: number;
  readonly pageMb: number;
  /** What the core has changed in a second. */
  readonly rate: number;
}

const perSecond = 1_000;
const seconds = 10;
const countFrames = `new Promise((done) => {
  const begun = performance.now();
  let frames = 0;
  const step = (now) => {
    frames += 1;
    if (now - begun < ${String(seconds * 1_000)}) requestAnimationFrame(step);
    else done((frames * 1000) / (now - begun));
  };
  requestAnimationFrame(step);
})`;

async function framesOf(start: AppStart): Promise<number> {
  const app = startApp(start);
  try {
    const page = await (await app.devtools()).untilPage(`document.querySelector('p') !== null`);
    await sleep(1_000);
    return Number(await page.ask(countFrames));
  } finally {
    await app.end();
  }
}

interface UpdatesStart {
  readonly screen: Screen;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly empty: AppStart;
}

/** The list of a thousand jobs, of which one moves on with every change. */
export async function drawUpdates({ screen, env, home, empty }: UpdatesStart): Promise<Updates> {
  const emptyFrames = await framesOf(empty);
  await mkdir(path.join(home, 'desktop'), { recursive: true, mode: 0o700 });
  await writeFile(path.join(home, 'desktop', 'shell.json'), JSON.stringify({ route: '/jobs' }));
  const world = createPageWorld(1_000);
  const doors = await announceCore(home, world.core);
  const app = startApp({ screen, folder: builtDesktop, env: { ...env, AUTOGIT_HOME: home } });
  try {
    const page = await (
      await app.devtools()
    ).untilPage(`document.querySelectorAll('[role=gridcell]').length > 20`);
    world.start(perSecond);
    await sleep(2_000);
    const [before, begun] = [world.steps(), performance.now()];
    const frames = Number(await page.ask(countFrames));
    const rate = ((world.steps() - before) * 1_000) / (performance.now() - begun);
    const { pssMb, pageMb } = await app.look();
    return { frames, emptyFrames, pssMb, pageMb, rate };
  } finally {
    world.stop();
    await app.end();
    await doors.close();
  }
}
