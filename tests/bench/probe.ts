// Loaded into a measured process with `node --import`: once a second it writes down its memory and how long its event
// loop was blocked meanwhile, as one JSON object a line, into the file that AUTOGIT_BENCH_PROBE names.
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const file = process.env['AUTOGIT_BENCH_PROBE'];
const delay = monitorEventLoopDelay({ resolution: 2 });
delay.enable();

if (file !== undefined) {
  setInterval(() => {
    const rssMb = process.memoryUsage.rss() / 1024 ** 2;
    const blockedMs = delay.max / 1e6;
    delay.reset();
    appendFileSync(file, `${JSON.stringify({ rssMb, blockedMs })}\n`);
  }, 1_000).unref();
}
