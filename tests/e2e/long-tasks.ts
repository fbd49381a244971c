// What holds up a page: tasks of its main thread of more than 50 ms (https://www.w3.org/TR/longtasks-1/).
import type { Browser, Page } from 'playwright';
import { z } from 'zod';

const longMs = 50;

const script = `
  globalThis.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) longTasks.push({ startTime, duration });
  }).observe({ type: 'longtask', buffered: true });
`;

/** Before the page is loaded: lets its browser count. */
export async function countLongTasks(page: Page): Promise<void> {
  await page.addInitScript(script);
}

/** Long tasks while `deed` is done, as the browser counts them by the clock; milliseconds. */
export async function longTasksDuring(page: Page, deed: () => Promise<void>): Promise<readonly number[]> {
  const since = await page.evaluate<number>('performance.now()');
  await deed();
  return page.evaluate<number[]>(
    `longTasks.filter(({ startTime }) => startTime >= ${since}).map(({ duration }) => Math.round(duration))`,
  );
}

/** https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU: microseconds. */
const traceSchema = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      pid: z.number(),
      tid: z.number(),
      /** What the task has used of a processor. */
      tdur: z.number().default(0),
      args: z.object({ name: z.string().optional() }).optional(),
    }),
  ),
});

/** Long tasks of a trace, by the processor time that they have used; milliseconds. */
export function heavyTasksIn(trace: Buffer): readonly number[] {
  const { traceEvents } = traceSchema.parse(JSON.parse(trace.toString()));
  const threads = traceEvents.filter(
    ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  return traceEvents
    .filter(({ name }) => name === 'ThreadControllerImpl::RunTask')
    .filter(({ pid, tid }) => threads.some((thread) => thread.pid === pid && thread.tid === tid))
    .map(({ tdur }) => Math.round(tdur / 1000))
    .filter((ms) => ms > longMs);
}

/**
 * Long tasks while `deed` is done: by the clock; and where there are any, once more by processor time, because on a
 * busy machine a page waits for its turn in the middle of a task, which is no doing of the page.
 */
export async function measureLongTasks(
  browser: Browser,
  page: Page,
  deed: () => Promise<void>,
): Promise<readonly number[]> {
  const byClock = await longTasksDuring(page, deed);
  if (byClock.length === 0) return [];
  await browser.startTracing(page, { categories: ['toplevel'] });
  await deed();
  return heavyTasksIn(await browser.stopTracing());
}
