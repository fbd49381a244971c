// Everything about this machine in one document: host, container engine and cards, looked at side by side.
import { detectGpus } from '../detect-gpus.ts';
import { gpuEngineOf, inventoryOf } from '../host-gpus.ts';
import type { HostGpus } from '../host-gpus.ts';
import type { EngineInfo } from '../../model/engine.ts';
import type { SeenGpu } from '../../model/gpu.ts';
import type { Issue } from '../../model/issue.ts';
import type { Machine, MachineEngine } from '../../model/machine.ts';
import type { Clock } from '../../ports.ts';
import type { Probe } from '../../probe-port.ts';
import { detectCompose, noCompose } from './compose.ts';
import { detectHost } from './detect-host.ts';
import { engineOf } from './engine.ts';
import { below, inTime, reasonsFor } from './part.ts';
import type { Part } from './part.ts';

/** Podman takes most of a second to describe itself, and a cold one longer. Milliseconds. */
const engineMs = 5_000;
/** Every tool of a maker has its own deadline, which is shorter. Milliseconds. */
const gpusMs = 20_000;
/** Go programs on a busy machine. Milliseconds. */
const composeMs = 1_500;

/** The engine that is used, or would be; or why there is none. */
export type AskedEngine =
  { readonly info: EngineInfo; readonly node: string } | { readonly info: null; readonly why: string };

export interface MachineQuestion {
  readonly probe: Probe;
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'sleep'>;
  /** Never rejects. */
  readonly askEngine: () => Promise<AskedEngine>;
}

const gpusHang: Issue = {
  key: 'gpu.tool-hangs',
  severity: 'warning',
  subject: 'GPUs',
  message: 'Looking for graphics cards took so long that it was given up: a driver or its tool hangs.',
  next: 'Run the tool of its maker by hand, such as nvidia-smi. Mostly a restart of the machine helps.',
};

const elsewhere = {
  why: 'the container engine runs on another machine',
  fix: 'Use the engine of this machine: autogit engine list',
};

/** Cards with whether the engine can hand them out; without one, nobody can. */
function gpusOf(host: HostGpus | null, asked: AskedEngine): readonly SeenGpu[] {
  if (host === null) return [];
  if (asked.info !== null && asked.info.isHere)
    return inventoryOf(host, asked.node, gpuEngineOf(host, asked.info));
  const devices = { runtimes: [], cdiNames: [], cdi: false };
  const none = gpuEngineOf(host, { kind: 'docker', version: '0', rootless: false, devices });
  const trouble =
    asked.info === null
      ? { why: 'no container engine answers', fix: 'Start Docker or Podman, or install one of them' }
      : elsewhere;
  return inventoryOf(host, '', none).map((gpu, index) => ({
    ...gpu,
    use: { usable: false, ...(host.gpus[index]?.trouble ?? trouble) },
  }));
}

/** Reasons of values that are not there because there is no engine at all. */
function enginePart(asked: AskedEngine, compose: Part<MachineEngine['compose']>): Part<MachineEngine | null> {
  return asked.info === null ? { value: null, reasons: { '': asked.why } } : engineOf(asked.info, compose);
}

/** Cards have no reasons here: `Gpu` says of each field when it is `null`. */
const withoutReasons = new Set(['gpus']);

/** Never rejects. Under a second where no tool of a maker is slow. */
export async function detectMachine({ probe, clock, askEngine }: MachineQuestion): Promise<Machine> {
  const startedAt = clock.monotonic();
  const [found, asked, compose, gpus] = await Promise.all([
    detectHost(probe, clock),
    inTime<AskedEngine>(clock, engineMs, async () => ({ value: await askEngine(), reasons: {} }), {
      info: null,
      why: `no container engine answered within ${engineMs / 1000} s`,
    }),
    inTime(clock, composeMs, () => detectCompose(probe), noCompose),
    inTime<HostGpus | null>(
      clock,
      gpusMs,
      async () => ({ value: await detectGpus(probe), reasons: {} }),
      null,
    ),
  ]);
  const engine = enginePart(asked.value, compose);
  const machine: Omit<Machine, 'reasons'> = {
    at: clock.now(),
    tookMs: Math.round(clock.monotonic() - startedAt),
    host: found.host.value,
    rootless: found.rootless.value,
    engine: engine.value,
    gpus: gpusOf(gpus.value, asked.value),
    issues: gpus.value?.issues ?? [gpusHang],
  };
  const given = {
    ...below('host', found.host.reasons),
    ...below('rootless', found.rootless.reasons),
    ...below('engine', engine.reasons),
  };
  return { ...machine, reasons: reasonsFor(machine, given, withoutReasons) };
}
