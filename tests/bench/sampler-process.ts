// The measured process of `npm run bench -- hardware`: samples or polls for a while, and says what that has cost.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { systemClock } from '../../main/adapters/host/clock.ts';
import { createStartLoop } from '../../main/adapters/host/loop-program.ts';
import { createProbe } from '../../main/adapters/host/probe.ts';
import { gpuSources } from '../../main/coordinator/gpu-sources.ts';
import { readHostMetrics } from '../../main/detect/metrics/host-metrics.ts';
import type { HostCounters } from '../../main/detect/metrics/host-metrics.ts';
import { nvidiaArguments, parseNvidiaMetrics } from '../../main/detect/metrics/nvidia-metrics.ts';
import { processFields } from '../../main/detect/nvidia-csv.ts';
import type { SeenGpu } from '../../main/model/gpu.ts';
import { createHardwareHistory } from '../../main/observe/hardware-history.ts';
import { createHardwareSampler } from '../../main/observe/hardware-sampler.ts';
import { GuardedSource } from '../../main/observe/hardware-source.ts';
import type { Clock } from '../../main/ports.ts';
import type { StartLoop } from '../../main/probe-port.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { fakeCards } from './fake-nvidia-smi.ts';

const words = z
  .object({
    mode: z.enum(['idle', 'watch', 'slow', 'poll']),
    cards: z.coerce.number(),
    seconds: z.coerce.number(),
    /** How many times as fast as the real one the sampler's clock goes. */
    speed: z.coerce.number(),
  })
  .parse({ mode: process.argv[2], cards: process.argv[3], seconds: process.argv[4], speed: process.argv[5] });

const clock: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic() * words.speed,
  sleep: (ms, signal) => systemClock.sleep(ms / words.speed, signal),
};

/** A tool that stays has the real clock: it is told to go faster as well. */
const startRealLoop = createStartLoop();
const startLoop: StartLoop = (program, given, onText) => {
  const faster = given.map((word) => {
    const ms = /^--loop-ms=(\d+)$/.exec(word)?.[1];
    return ms === undefined ? word : `--loop-ms=${Math.round(Number(ms) / words.speed)}`;
  });
  return startRealLoop(program, faster, onText);
};

function inventory(count: number): readonly SeenGpu[] {
  return fakeCards(count).map(({ id, pciAddress }) => ({
    ...{
      id,
      pciAddress,
      node: 'bench',
      vendor: 'nvidia',
      model: 'NVIDIA GeForce RTX 4090',
      memoryMiB: 24_564,
    },
    ...{ renderNode: null, parent: null, cards: 1, integrated: false, numaNode: null, celsius: 61 },
    use: { usable: true },
  }));
}

function startSampler() {
  const probe = createProbe();
  let before: HostCounters | null = null;
  const read = async () => {
    const now = { at: clock.now(), monotonic: clock.monotonic() };
    const { metrics, counters } = await readHostMetrics(probe, { ...now, before, disk: null });
    before = counters;
    return metrics;
  };
  const host = new GuardedSource({ read, rest: () => undefined }, clock, () => {
    throw new Error('the kernel does not answer');
  });
  const store = { saveHistory: () => undefined, history: () => [] };
  const history = createHardwareHistory({ store, clock, log: silentLog, act: true });
  const sources = gpuSources({ probe, startLoop, clock });
  const cards = inventory(words.cards);
  let samples = 0;
  const sampler = createHardwareSampler({
    ...{ clock, log: silentLog, host, gpus: () => sources(cards), attribute: (metrics) => metrics },
    onSample: (sample) => {
      samples += 1;
      history.add('bench', sample);
      const read = sample.gpus.filter(({ utilization }) => utilization !== null).length;
      if (samples > 2 && read !== words.cards) throw new Error(`${read} of ${words.cards} cards were read`);
    },
  });
  return { sampler, samples: () => samples };
}

/** A process for each look, and one for its programs. */
async function poll(stop: AbortSignal): Promise<number> {
  const ask = async (given: readonly string[]): Promise<string> =>
    (await promisify(execFile)('nvidia-smi', given)).stdout;
  let looks = 0;
  while (!stop.aborted) {
    const begun = performance.now();
    parseNvidiaMetrics(await ask(nvidiaArguments(true, null)), Date.now());
    await ask([`--query-compute-apps=${processFields.join(',')}`, '--format=csv,nounits']);
    looks += 1;
    await sleep(Math.max(0, 1_000 - (performance.now() - begun)), undefined, { signal: stop }).catch(
      () => undefined,
    );
  }
  return looks;
}

/** Processor time of this process and of those of its children that have ended. Milliseconds; a tick has 10. */
async function spentMs(): Promise<number> {
  const own = process.cpuUsage();
  const fields = (await readFile('/proc/self/stat', 'utf8')).split(') ')[1]?.split(' ') ?? [];
  const children = (Number(fields[13]) + Number(fields[14])) * 10;
  return (own.user + own.system) / 1_000 + children;
}

/** Of the newest sample: a reader reads. */
let lastAt = 0;

async function measure(): Promise<number> {
  const stop = new AbortController();
  const wait = sleep(words.seconds * 1_000).then(() => stop.abort());
  if (words.mode === 'idle') {
    await wait;
    return 0;
  }
  if (words.mode === 'poll') return poll(stop.signal);
  const { sampler, samples } = startSampler();
  if (words.mode === 'slow') {
    sampler.attend({ node: 'bench', isHere: true, hasCard: true, hasRunner: true });
    await wait;
  } else for await (const sample of sampler.follow(1_000, stop.signal)) lastAt = sample.at;
  await sampler.stop();
  // What stays has a second to end, and is then counted among the children.
  await sleep(1_500);
  if (words.mode === 'watch' && lastAt === 0) throw new Error('nothing was sampled');
  return samples();
}

const before = await spentMs();
const looks = await measure();
const cpuMs = (await spentMs()) - before;
process.stdout.write(`${JSON.stringify({ looks, cpuMs, rssMb: process.memoryUsage.rss() / 1024 ** 2 })}\n`);
