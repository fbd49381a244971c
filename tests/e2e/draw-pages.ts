// Pictures of every page and of its main states, in light and in dark: `node tests/e2e/draw-pages.ts [WORDS]` writes docs/screenshots/.
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright';
import type { Snapshot } from '../../main/contract/snapshot.ts';
import { patience, waitFor } from '../chaos/wait-for.ts';
import { idOf, noBackups } from '../fakes/backup-lab.ts';
import type { BackupOptions } from '../fakes/fake-backup-calls.ts';
import type { FakeCore } from '../fakes/fake-core.ts';
import { createFakeCore } from '../fakes/fake-core.ts';
import { createStackPage } from '../fakes/fake-stack-page.ts';
import { openDoors } from '../fakes/open-doors.ts';
import { backupLab } from '../fakes/page-labs.ts';
import { launchBrowser } from './browser.ts';
import { buildPage } from './built-page.ts';
import { createHardwareWorld } from './hardware-world.ts';
import { endedLog, worldWithLog, writtenLog } from './log-world.ts';
import { root } from './needs.ts';
import { createPageWorld } from './page-world.ts';

interface Picture {
  readonly name: string;
  readonly route: string;
  readonly core?: () => FakeCore;
  /** What somebody does before the picture is taken. */
  readonly act?: (page: Page, core: FakeCore) => Promise<void>;
  /** In a window as narrow as a telephone. */
  readonly isNarrow?: boolean;
  /** By the token of its address; false: before somebody has signed in. */
  readonly isSignedIn?: boolean;
}

/** A lab as it may be at any moment, in which what has begun was seen before. */
function busyWith(core: FakeCore): FakeCore {
  core.world.change(({ snapshot }) => ({
    snapshot: {
      ...snapshot,
      jobs: snapshot.jobs.map((job) =>
        job.startedAt === null ? job : { ...job, firstSeenAt: job.startedAt - 8_400, waitedMs: 8_400 },
      ),
    },
  }));
  return core;
}

const busy = (): FakeCore => busyWith(createPageWorld(14).core);

const backedUp = (options: BackupOptions = {}): FakeCore => backupLab(options, busy().world).core;

function withIssues(): FakeCore {
  const core = busy();
  const issues: Snapshot['issues'] = [
    {
      ...{ key: 'certificate.ending', severity: 'error', subject: 'gitlab.lab.home.arpa' },
      message: 'The certificate of GitLab ends in 3 days, and renewing it has failed since Thursday.',
      next: 'See what stands in the way: autogit certificate list',
    },
    {
      ...{ key: 'pool.paused', severity: 'warning', subject: 'pool demo' },
      message: 'Pool "demo" is paused while jobs wait for it.',
      next: 'Let it take jobs again: autogit pool resume demo',
    },
  ];
  core.world.change(({ snapshot }) => ({
    snapshot: { ...snapshot, issues, sentence: `${snapshot.sentence} 2 issues to look at.` },
  }));
  return core;
}

/** Job 5 has failed, as its log says. */
function withFailedJob(): FakeCore {
  const core = busyWith(worldWithLog(endedLog(jobLog), 14));
  const failure = {
    class: 'script',
    sentence: 'Its script ended with an error.',
    next: 'Its last lines are in the log.',
  } as const;
  core.world.change(({ snapshot }) => ({
    snapshot: {
      ...snapshot,
      jobs: snapshot.jobs.map((job) =>
        job.id === 5
          ? {
              ...job,
              status: 'failed',
              failureReason: 'script_failure',
              failure,
              finishedAt: Date.now() - 4_000,
            }
          : job,
      ),
    },
  }));
  return core;
}

const start = (name: string, at: number, options = ''): string =>
  `\u001b[0Ksection_start:${at}:${name}${options}\r\u001b[0K`;
const end = (name: string, at: number): string => `\u001b[0Ksection_end:${at}:${name}\r\u001b[0K`;

const jobLog = [
  '\u001b[0KRunning with gitlab-runner 18.7.0\u001b[0;m\n',
  `${start('prepare_executor', 100)}\u001b[0K\u001b[36;1mPreparing the "docker" executor\u001b[0;m\n`,
  'Using Docker executor with image node:24-slim …\nUsing effective pull policy of [if-not-present]\n',
  `${end('prepare_executor', 103)}${start('get_sources', 103)}\u001b[36;1mGetting source from Git repository\u001b[0;m\n`,
  '\u001b[32;1mFetching changes with git depth set to 20…\u001b[0;m\nChecking out 4f0d2c1a as main…\n',
  `${end('get_sources', 105)}${start('step_script', 105)}\u001b[36;1mExecuting "step_script" stage of the job script\u001b[0;m\n`,
  `${start('install', 106, '[collapsed=true]')}\u001b[32;1m$ npm ci\u001b[0;m\nadded 812 packages in 38 s\n${end('install', 144)}\n`,
  '\u001b[32;1m$ npm test\u001b[0;m\n\n \u001b[7m\u001b[32m PASS \u001b[0m \u001b[38;5;244msrc/\u001b[0mqueue.test.ts (41 tests) \u001b[38;5;208m1.2 s\u001b[0m\n',
  ' \u001b[7m\u001b[32m PASS \u001b[0m \u001b[38;5;244msrc/\u001b[0mrunners.test.ts (18 tests) \u001b[38;5;208m0.8 s\u001b[0m\n',
  ' \u001b[7m\u001b[31m FAIL \u001b[0m \u001b[38;5;244msrc/\u001b[0mpools.test.ts (22 tests, 1 failed) \u001b[38;5;208m2.4 s\u001b[0m\n',
  '   \u001b[31m✗ a paused pool takes no job\u001b[0m\n     \u001b[32m- expected\u001b[0m 0\n     \u001b[31m+ received\u001b[0m 1\n\n',
  'Tests: \u001b[1m\u001b[31m1 failed\u001b[0m, \u001b[1m\u001b[32m80 passed\u001b[0m, 81 total\n',
  `${end('step_script', 171)}\u001b[31;1mERROR: Job failed: exit code 1\u001b[0;m\n`,
].join('');

const pressed =
  (name: string) =>
  async (page: Page): Promise<void> => {
    await page.getByRole('button', { name }).first().click();
  };

const pictures: readonly Picture[] = [
  { name: 'overview', route: '/' },
  { name: 'overview-issues', route: '/', core: withIssues },
  { name: 'overview-first', route: '/', core: () => createFakeCore() },
  {
    ...{ name: 'overview-offline', route: '/' },
    act: async (page, core) => {
      core.crash();
      await page
        .getByText(/does not answer|is not reached|gone/i)
        .first()
        .waitFor();
    },
  },
  { name: 'overview-narrow', route: '/', isNarrow: true },
  { name: 'sign-in', route: '/', isSignedIn: false },
  { name: 'setup', route: '/setup', core: () => createFakeCore() },
  { name: 'jobs', route: '/jobs', core: () => busyWith(createPageWorld(12).core) },
  { name: 'jobs-waiting', route: '/jobs/12' },
  { name: 'jobs-log', route: '/jobs/5', core: withFailedJob },
  {
    ...{ name: 'jobs-log-large', route: '/jobs/5', core: withFailedJob },
    act: async (page) => {
      await page.getByLabel('Words to find in the log').fill('pass');
      await page.getByText(/of 3$/).waitFor();
      await pressed('In all of the window')(page);
    },
  },
  {
    ...{ name: 'jobs-log-narrow', route: '/jobs/2', isNarrow: true },
    core: () => busyWith(worldWithLog(writtenLog(jobLog.slice(0, 900)), 14)),
  },
  {
    ...{ name: 'jobs-empty', route: '/jobs' },
    core: () => createFakeCore(),
  },
  { name: 'runners', route: '/runners/00000001' },
  { name: 'pools', route: '/pools/demo' },
  { name: 'pools-edit', route: '/pools/demo', act: pressed('Edit') },
  { name: 'hardware', route: '/hardware', core: () => createHardwareWorld('one').core },
  { name: 'stack', route: '/stack', core: () => createStackPage().core },
  { name: 'backups', route: '/backups', core: () => backedUp() },
  { name: 'backups-first', route: '/backups', core: () => backedUp({ shown: noBackups, records: [] }) },
  {
    ...{ name: 'backups-restore', route: `/backups/${idOf(3)}?do=restore`, core: () => backedUp() },
    act: async (page) => {
      await pressed('Show what changes')(page);
      await page.getByRole('form', { name: 'Plan of the restore' }).waitFor();
    },
  },
  { name: 'backups-schedules', route: '/backups?tab=schedules', core: () => backedUp() },
  {
    name: 'backups-sheet',
    route: '/backups?tab=sheet',
    core: () => backedUp({ shown: { sheetKeptAt: null } }),
  },
  { name: 'backups-narrow', route: '/backups', core: () => backedUp(), isNarrow: true },
  { name: 'certificates', route: '/certificates' },
  { name: 'people', route: '/people/ana' },
  { name: 'people-sign-in', route: '/people?tab=sign-in' },
  { name: 'engines', route: '/engines' },
  { name: 'notifications', route: '/notifications' },
  { name: 'settings', route: '/settings' },
  { name: 'audit', route: '/audit' },
  { name: 'about', route: '/about' },
];

const folder = path.join(root, 'docs/screenshots');
/** They lie in the repository. Bytes. */
const mostBytes = 150_000;

async function draw(browser: Browser, picture: Picture, colorScheme: 'light' | 'dark'): Promise<number> {
  const core = picture.core?.() ?? busy();
  const doors = await openDoors({ core });
  const viewport = picture.isNarrow === true ? { width: 480, height: 800 } : { width: 1120, height: 700 };
  const page = await browser.newPage({ colorScheme, viewport, reducedMotion: 'reduce' });
  try {
    if (picture.isSignedIn === false) {
      await page.goto(doors.address);
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
    } else {
      await page.goto(`${doors.address}/#token=${doors.token}`);
      await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
      await page.goto(`${doors.address}/#${picture.route}`);
      await page.getByRole('heading', { level: 1 }).or(page.getByRole('complementary')).first().waitFor();
      await untilRead(page);
      await picture.act?.(page, core);
    }
    // What was pressed has been drawn after two frames.
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    const file = path.join(folder, `${picture.name}-${colorScheme}.png`);
    await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
    return (await stat(file)).size;
  } finally {
    await page.close();
    await doors.close();
  }
}

const isReading = `[...document.querySelectorAll('[role=status]')].some((one) => /^(Reading|Looking|Asking)/.test(one.textContent))`;

/** Asked from outside: what polls within the page evaluates strings, which its content policy forbids. */
async function untilRead(page: Page): Promise<void> {
  await waitFor(async () => {
    if (await page.evaluate<boolean>(isReading)) throw new Error('the page is still reading');
  }, patience);
}

async function drawAll(words: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await buildPage();
  const browser = await launchBrowser();
  try {
    for (const picture of pictures.filter(({ name }) => name.includes(words)))
      for (const colorScheme of ['light', 'dark'] as const) {
        const bytes = await draw(browser, picture, colorScheme);
        const note = bytes > mostBytes ? ', too large for the repository' : '';
        process.stdout.write(`${picture.name}-${colorScheme}.png: ${Math.round(bytes / 1000)} kB${note}\n`);
      }
  } finally {
    await browser.close();
  }
}

await drawAll(process.argv[2] ?? '');
