// How smooth the log of a job with 100,000 lines is: `node tests/e2e/measure-log.ts` prints tasks of more than 50 ms, and fails nothing.
import { openDoors } from '../fakes/open-doors.ts';
import { launchBrowser } from './browser.ts';
import { buildPage } from './built-page.ts';
import { endedLog, worldWithLog } from './log-world.ts';
import { countLongTasks, longTasksDuring } from './long-tasks.ts';

const lines = 100_000;
const section = (at: number): string =>
  `\u001b[0Ksection_end:${at}:part\r\u001b[0K\u001b[0Ksection_start:${at}:part\r\u001b[0K\u001b[36;1mPart ${at}\u001b[0;m\n`;

/** Coloured lines of 80 characters, in sections of a thousand. */
function longLog(): string {
  return Array.from({ length: lines }, (_, at) =>
    at % 1_000 === 0
      ? section(at)
      : `\u001b[32mstep ${at}\u001b[0m \u001b[38;5;${at % 256}mof the build\u001b[0m ${'x'.repeat(50)}\n`,
  ).join('');
}

const say = (what: string, tasks: readonly number[]): void =>
  void process.stdout.write(
    `${what}: ${tasks.length === 0 ? 'no long task' : `${tasks.length} long, the longest ${Math.max(...tasks)} ms`}\n`,
  );

await buildPage();
const browser = await launchBrowser();
const doors = await openDoors({ core: worldWithLog(endedLog(longLog())) });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await countLongTasks(page);
  await page.goto(`${doors.address}/#token=${doors.token}`);
  await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
  const begin = performance.now();
  const load = await longTasksDuring(page, async () => {
    await page.goto(`${doors.address}/#/jobs/2`);
    await page.getByText(`${lines.toLocaleString('en')} lines`, { exact: true }).waitFor();
  });
  say(`Loading ${lines.toLocaleString('en')} lines, ${Math.round(performance.now() - begin)} ms`, load);
  const scroll = await longTasksDuring(page, async () => {
    await page.getByRole('log').hover();
    for (let turn = 0; turn < 60; turn += 1) {
      await page.mouse.wheel(0, turn < 30 ? -4_000 : 4_000);
      await page.waitForTimeout(50);
    }
  });
  say('Scrolling', scroll);
  const search = await longTasksDuring(page, async () => {
    await page.getByLabel('Words to find in the log').fill('step 9999');
    await page.getByText(/of 11$/).waitFor();
  });
  say('Looking for words', search);
  const fold = await longTasksDuring(page, async () => {
    await page.getByRole('button', { name: 'Fold every section' }).click();
    await page.getByRole('button', { name: 'Open every section' }).click();
    await page.waitForTimeout(300);
  });
  say('Folding and opening everything', fold);
} finally {
  await browser.close();
  await doors.close();
}
