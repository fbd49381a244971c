// What watching the hardware costs: detection, and the sampler at each pace beside a process for each look.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { createProbe } from '../../../main/adapters/host/probe.ts';
import { detectGpus } from '../../../main/detect/detect-gpus.ts';
import { nvidiaArguments } from '../../../main/detect/metrics/nvidia-metrics.ts';
import { baseFields, newerFields } from '../../../main/detect/nvidia-csv.ts';
import type { Probe } from '../../../main/probe-port.ts';
import { fakeProbe, pciFiles } from '../../fakes/hardware.ts';
import { fakeCards, makeFakeTool, startMs, tableMs } from '../fake-nvidia-smi.ts';
import { median } from '../frame.ts';
import type { BenchGround, Measure, Samples } from '../frame.ts';

const cards = 8;
const seconds = 20;
/** The sampler's clock at the slow pace: 20 s are 20 looks of 30 s. */
const speed = 30;

const answerSchema = z.object({ looks: z.number(), cpuMs: z.number(), rssMb: z.number() });
type Answer = z.infer<typeof answerSchema>;

async function runProcess(mode: string, bin: string): Promise<Answer> {
  const program = path.join(import.meta.dirname, '../sampler-process.ts');
  const given = [mode, String(cards), String(seconds), String(mode === 'slow' ? speed : 1)];
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...given], { env });
  return answerSchema.parse(JSON.parse(stdout));
}

/** Share of a core, in percent, over the time that the sampler's clock has seen. */
function shareOf({ cpuMs }: Answer, idle: Answer, times: number): number {
  return (Math.max(0, cpuMs - idle.cpuMs) / (seconds * 1_000 * times)) * 100;
}

/** A machine whose bus has these cards and whose tool is the stand-in. */
function probeOf(bin: string, count: number): Probe {
  const files = fakeCards(count).map(({ pciAddress }) =>
    pciFiles(pciAddress, { vendor: '10de', device: '2684', driver: 'nvidia' }, ['card0']),
  );
  const links = fakeCards(count).map(
    ({ pciAddress }) =>
      [`/sys/bus/pci/devices/${pciAddress}/driver`, '../../../bus/pci/drivers/nvidia'] as const,
  );
  const machine = fakeProbe({
    files: Object.fromEntries(files.flatMap((one) => Object.entries(one))),
    links: Object.fromEntries(links),
  });
  const real = createProbe();
  return {
    ...machine,
    run: (program, given, ms) =>
      real.run(program === 'nvidia-smi' ? path.join(bin, program) : program, given, ms),
  };
}

async function timeDetection(
  ground: BenchGround,
  probe: () => Probe,
  want: number,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < ground.rounds; round += 1) {
    const begun = performance.now();
    const { gpus } = await detectGpus(probe());
    times.push(performance.now() - begun);
    if (gpus.length !== want) throw new Error(`${gpus.length} cards are found, not ${want}`);
  }
  return times;
}

export const hardware: Measure = {
  name: 'hardware',
  about: 'detection of graphics cards, and the sampler at each pace against a process for each look',
  needsEngine: false,
  run: async (ground) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'autogit-bench-'));
    ground.afterwards(() => rm(folder, { recursive: true, force: true }));
    const asked = (nvidiaArguments(true, null)[0] ?? '').split('=')[1]?.split(',') ?? [];
    const bin = await makeFakeTool(folder, cards, [asked, [...baseFields, ...newerFields]]);
    const none = (await detectGpus(createProbe())).gpus.length;
    const bare = await timeDetection(ground, createProbe, none);
    const found = await timeDetection(ground, () => probeOf(bin, cards), cards);
    const runs: Record<string, Answer[]> = { idle: [], watch: [], slow: [], poll: [] };
    for (let round = 0; round < ground.rounds; round += 1)
      for (const [mode, answers] of Object.entries(runs)) {
        answers.push(await runProcess(mode, bin));
        ground.say(`${mode}: ${JSON.stringify(answers.at(-1))}`);
      }
    const { idle = [], watch = [], slow = [], poll = [] } = runs;
    const shares = (answers: readonly Answer[], times: number): readonly number[] =>
      answers.flatMap((answer, round) =>
        idle[round] === undefined ? [] : [shareOf(answer, idle[round], times)],
      );
    const [fast, often, seldom] = [shares(watch, 1), shares(poll, 1), shares(slow, speed)];
    const cpu = (what: string, values: readonly number[]): Samples => ({ what, unit: '%', values });
    const memory = (what: string, answers: readonly Answer[]): Samples => ({
      ...{ what, unit: 'MB' },
      values: answers.map(({ rssMb }) => rssMb),
    });
    return {
      samples: [
        { what: `detection, ${none} cards, this machine`, unit: 'ms', values: bare },
        { what: `detection, ${cards} cards of NVIDIA`, unit: 'ms', values: found },
        cpu(`share of a core, sampler every second, ${cards} cards`, fast),
        cpu(`share of a core, a process for each look every second, ${cards} cards`, often),
        cpu('share of a core, sampler every 30 s', seldom),
        memory('memory of a process that does nothing', idle),
        memory('memory with the sampler every second', watch),
        memory('memory with a process for each look', poll),
      ],
      budgets: [
        {
          what: 'share of a core at the slow pace',
          ...{ unit: '%', better: 'lower', measured: median(seldom), limit: 0.2 },
        },
        {
          what: 'sampler every second against a process for each look',
          ...{ unit: 'x', better: 'lower', measured: median(fast) / median(often), limit: 0.5 },
        },
      ],
      notes: [
        `no GPU was there: the tool is a stand-in that takes ${startMs} ms of processor time to start, an assumption, and ${tableMs} ms for a table; with a real one, both sides change alike.`,
        'processor time is that of the process and of all that it started, less that of the same process doing nothing.',
        `at the slow pace the sampler's clock went ${speed} times as fast: ${seconds} s are ${(seconds * speed) / 60} minutes.`,
      ],
    };
  },
};
