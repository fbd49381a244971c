// One run of chaos on one engine, from an empty home to its report.
import { openGate } from '../fixtures/gate.ts';
import { judge } from './judgement.ts';
import type { Faults } from './judgement.ts';
import { openLab } from './lab.ts';
import { raiseStorm } from './storm.ts';

export interface ChaosOptions {
  /** The command line's main file. */
  readonly program: string;
  /** Address of the engine: `unix://…`. */
  readonly host: string;
  readonly kills: number;
  readonly seed: number;
  readonly jobs: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface ChaosReport {
  readonly seed: number;
  /** By the moment at which they came. */
  readonly kills: Readonly<Record<string, number>>;
  readonly jobs: number;
  readonly faults: Faults;
  readonly details: readonly string[];
  /** From the start of a core until its state was the engine's. Milliseconds. */
  readonly settledMs: { readonly count: number; readonly median: number; readonly max: number };
  readonly durationMs: number;
}

/** Leaves nothing on the engine, whatever it finds there. Rejects when AutoGit could not be run at all. */
export async function runChaos({ host, program, signal, ...options }: ChaosOptions): Promise<ChaosReport> {
  const startedAt = performance.now();
  const cleaning: (() => Promise<void>)[] = [];
  const gate = await openGate({ socketPath: host.slice('unix://'.length) });
  cleaning.push(() => gate.close());
  try {
    const lab = await openLab((clean) => cleaning.push(clean), {
      ...{ host, program },
      env: { DOCKER_HOST: gate.address },
    });
    const after = await raiseStorm({ ...options, lab, gate, signal });
    cleaning.push(() => after.decoys.remove());
    const { faults, details, jobs } = await judge(lab, after);
    return {
      ...{ seed: options.seed, kills: after.kills, jobs, faults, details },
      settledMs: spread(after.settledMs),
      durationMs: Math.round(performance.now() - startedAt),
    };
  } finally {
    for (const clean of cleaning.toReversed()) await clean();
  }
}

function spread(values: readonly number[]): ChaosReport['settledMs'] {
  const sorted = values.map(Math.round).toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    max: sorted.at(-1) ?? 0,
  };
}

/** Whether there is nothing to complain about. */
export function isClean({ faults }: ChaosReport): boolean {
  return Object.values(faults).every((count) => count === 0);
}
