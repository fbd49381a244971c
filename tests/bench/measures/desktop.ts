// What the desktop costs a person: how long its icon and its window take, and what it uses while nobody looks.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildParts } from '../../../main/bootstrap/build.js';
import { canShowDesktop, electron, root } from '../../e2e/needs.ts';
import { startScreen } from '../../e2e/screen.ts';
import { makeEmptyApp } from '../desktop-app.ts';
import { makeBusyHome, makeQuietHome } from '../desktop-homes.ts';
import { drawUpdates } from '../desktop-updates.ts';
import type { Updates } from '../desktop-updates.ts';
import { timeStarts, watchAtRest } from '../desktop-sides.ts';
import type { Rest, Side, Starts } from '../desktop-sides.ts';
import { median, p95 } from '../frame.ts';
import type { BenchGround, Budget, Measure, Outcome, Samples, Unit } from '../frame.ts';

const nothing = (): void => undefined;
const silence = {
  ...{ line: nothing, note: nothing, problem: nothing },
  begin: () => ({ say: nothing, end: nothing }),
};

interface Taken {
  readonly ours: Starts;
  readonly empty: Starts;
  readonly rest: readonly Rest[];
  readonly emptyRest: readonly Rest[];
  readonly updates: readonly Updates[];
}

/** Both sides in turn, so that what the machine does meanwhile falls on both. */
async function take(ground: BenchGround): Promise<Taken> {
  if (!canShowDesktop) throw new Error('Electron, Xvfb and D-Bus are needed: npm run bootstrap -- e2e');
  await buildParts(root, ['page', 'desktop'], {
    ...{ node: process.execPath, env: process.env, report: silence },
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-bench-'));
  ground.afterwards(() => rm(folder, { recursive: true, force: true }));
  const screen = await startScreen();
  ground.afterwards(() => screen.stop());
  const env = { XDG_CONFIG_HOME: path.join(folder, 'config') };
  const bare = { screen, env, folder: await makeEmptyApp(path.join(folder, 'nothing'), 'nothing') };
  const shown = { screen, env, folder: await makeEmptyApp(path.join(folder, 'shown'), 'tray and window') };
  const { rounds, say } = ground;

  const busy = await makeBusyHome(ground, path.join(folder, 'busy'));
  const side: Side = { app: { screen, ...busy, env: { ...env, ...busy.env } }, ready: busy.ready };
  const emptySide: Side = { app: shown, ready: `document.querySelector('p') !== null` };
  // The first start of a home makes its database and reads the queue from GitLab.
  say(`first start of a home: ${JSON.stringify(await timeStarts(side))}`);
  const starts: { ours: Starts[]; empty: Starts[] } = { ours: [], empty: [] };
  for (let round = 0; round < rounds; round += 1) {
    starts.empty.push(await timeStarts(emptySide));
    starts.ours.push(await timeStarts(side));
    say(`starts: ${JSON.stringify({ ours: starts.ours.at(-1), empty: starts.empty.at(-1) })}`);
  }
  await busy.close();

  const quiet = await makeQuietHome(ground, path.join(folder, 'quiet'));
  const rest: Rest[] = [];
  const emptyRest: Rest[] = [];
  for (let time = 0; time < (ground.minutes >= 2 ? 1 : Math.min(rounds, 3)); time += 1) {
    const ms = ground.minutes * 60_000;
    emptyRest.push(await watchAtRest({ ...emptySide, bare }, ms));
    const own = { screen, ...quiet, env: { ...env, ...quiet.env } };
    rest.push(await watchAtRest({ app: own, ready: quiet.ready }, ms));
    say(`at rest: ${JSON.stringify({ ours: rest.at(-1), empty: emptyRest.at(-1) })}`);
  }
  const updates: Updates[] = [];
  for (let round = 0; round < rounds; round += 1) {
    updates.push(
      await drawUpdates({ screen, env, home: path.join(folder, `updates-${round}`), empty: shown }),
    );
    say(`updates: ${JSON.stringify(updates.at(-1))}`);
  }
  return { ours: joined(starts.ours), empty: joined(starts.empty), rest, emptyRest, updates };
}

function joined(starts: readonly Starts[]): Starts {
  return {
    iconMs: starts.flatMap(({ iconMs }) => iconMs),
    windowMs: starts.flatMap(({ windowMs }) => windowMs),
    reopenMs: starts.flatMap(({ reopenMs }) => reopenMs),
  };
}

const sample = (what: string, unit: Unit, values: readonly number[]): Samples => ({ what, unit, values });
const atMost = (what: string, unit: Unit, limit: number, measured: number): Budget => ({
  ...{ what, unit, limit, measured, better: 'lower' },
});

function startSamples({ ours, empty }: Taken): readonly Samples[] {
  const beside = (what: string, its: string, key: keyof Starts): readonly Samples[] => [
    sample(what, 'ms', ours[key]),
    sample(`${what}, ${its}`, 'ms', empty[key]),
    sample(`${what}, against it`, 'x', [median(ours[key]) / median(empty[key])]),
  ];
  return [
    ...beside('icon in the tray', 'empty app', 'iconMs'),
    ...beside('window usable with 1,000 jobs', 'empty app: drawn', 'windowMs'),
    ...beside('window opened again', 'empty app', 'reopenMs'),
  ];
}

function restSamples({ rest, emptyRest }: Taken): readonly Samples[] {
  const of = (rests: readonly Rest[], where: keyof Rest, key: 'share' | 'pssMb'): readonly number[] =>
    rests.map((one) => one[where][key]);
  const beside = (where: keyof Rest, place: string): readonly Samples[] => [
    sample(`share of a core, ${place}`, '%', of(rest, where, 'share')),
    sample(`share of a core, ${place}, empty app`, '%', of(emptyRest, where, 'share')),
    sample(`memory, ${place}`, 'MB', of(rest, where, 'pssMb')),
    sample(`memory, ${place}, empty app`, 'MB', of(emptyRest, where, 'pssMb')),
  ];
  return [...beside('tray', 'in the tray'), ...beside('window', 'window open')];
}

function updateSamples({ updates }: Taken): readonly Samples[] {
  const of = (key: keyof Updates): readonly number[] => updates.map((one) => one[key]);
  return [
    sample('updates from the core', 'per second', of('rate')),
    sample('frames at 1,000 updates a second', 'per second', of('frames')),
    sample('frames of the empty app', 'per second', of('emptyFrames')),
    sample('memory of all processes at 1,000 updates a second', 'MB', of('pssMb')),
    sample('memory of the page at 1,000 updates a second', 'MB', of('pageMb')),
  ];
}

function budgetsOf({ ours, rest, emptyRest, updates }: Taken): readonly Budget[] {
  const tray = rest.map((one) => one.tray);
  const over = median(tray.map(({ pssMb }) => pssMb)) - median(emptyRest.map((one) => one.tray.pssMb));
  return [
    atMost('icon in the tray, p50', 'ms', 800, median(ours.iconMs)),
    atMost('window usable with 1,000 jobs, p50', 'ms', 1_500, median(ours.windowMs)),
    atMost('window opened again, p50', 'ms', 300, median(ours.reopenMs)),
    atMost('share of a core in the tray', '%', 0.3, median(tray.map(({ share }) => share))),
    atMost('memory in the tray over the empty app', 'MB', 60, over),
    atMost('share of a core, window open', '%', 1, median(rest.map(({ window }) => window.share))),
    {
      what: 'frames at 1,000 updates a second',
      ...{ unit: 'per second', limit: 60, better: 'higher' },
      measured: Math.round(median(updates.map(({ frames }) => frames))),
    },
    atMost(
      'memory of the page at 1,000 updates a second',
      'MB',
      250,
      p95(updates.map(({ pageMb }) => pageMb)),
    ),
  ];
}

export const desktop: Measure = {
  name: 'desktop',
  about: 'the desktop beside an empty Electron: icon, window, rest, and many updates',
  needsEngine: false,
  run: async (ground): Promise<Outcome> => {
    const taken = await take(ground);
    const pages = Math.max(...taken.rest.map(({ tray }) => tray.pages));
    if (pages > 0) throw new Error(`${pages} processes of pages are left in the tray`);
    return {
      samples: [...startSamples(taken), ...restSamples(taken), ...updateSamples(taken)],
      budgets: budgetsOf(taken),
      notes: [
        `Electron ${electron?.version ?? '(version unknown)'}${electron?.kind === 'registry' ? ', the copy for development' : ''}, under Xvfb and a D-Bus of its own. The empty app has the same flags; for starts it shows an icon and a window with one line, for rest in the tray it shows nothing at all.`,
        'times begin with the start of the process, or with the click on the icon. An icon is there when the panel has it; a window is usable when the rows of 1,000 jobs are drawn and the page answers.',
        `at rest: ${ground.minutes} minutes each, from 15 s after the last change, with a core in the process, a GitLab that it reads every 5 s and an engine on which nothing happens. The window had been open before; no process of a page was left in the tray.`,
        'memory is PSS of all processes, so that what Electrons that run at the same time share is divided among them. On a machine with other work every time and share is an upper bound.',
        'updates come from a core beside the desktop, in the process of the benchmark, which takes most of a processor for them.',
      ],
    };
  },
};
