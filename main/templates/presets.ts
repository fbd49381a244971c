// How much of the machine GitLab takes: the four presets, sized by memory and threads.
import type { Preset } from '../model/stack/answers.ts';
import type { StackFacts } from '../model/stack/stack.ts';

/**
 * Sizes of GitLab's parts. What each saves: https://docs.gitlab.com/omnibus/settings/memory_constrained_envs/ ;
 * workers and threads: https://docs.gitlab.com/administration/operations/puma/
 */
export interface PresetSizes {
  readonly name: Preset;
  /** Processors that it may take. */
  readonly cpus: number;
  /** Memory that it may take at most. */
  readonly memoryMiB: number;
  readonly leastMiB: number;
  readonly usualMiB: number;
  /** 0: all in one process. */
  readonly pumaWorkers: number;
  readonly pumaThreads: number;
  readonly sidekiqConcurrency: number;
  readonly sharedBuffersMiB: number;
  readonly maxConnections: number;
  readonly gitalyMiB: number;
  /** Git programs that Gitaly starts at the same time. */
  readonly gitalySpawns: number;
  readonly shmMiB: number;
  /** GitLab's own Prometheus and exporters. */
  readonly monitoring: boolean;
  /** GitLab's agent server for Kubernetes. */
  readonly kas: boolean;
  /** Memory is given back to the system early, which costs a little time. */
  readonly thrifty: boolean;
}

/** Memory from which a preset is chosen (GiB as the kernel shows it, so below the number on the box), and threads. */
const grounds: readonly {
  readonly preset: Preset;
  readonly fromGiB: number;
  readonly fromThreads: number;
}[] = [
  { preset: 'beast', fromGiB: 30, fromThreads: 8 },
  { preset: 'team', fromGiB: 14, fromThreads: 4 },
  { preset: 'homelab', fromGiB: 5, fromThreads: 2 },
];

/** Memory of a machine in GiB; `null`: not known. */
export function gibibytes(bytes: number | null): number | null {
  return bytes === null ? null : bytes / 2 ** 30;
}

/** What suits the machine. Unknown is taken for small: what is too small is slow, what is too big ends. */
export function suitablePreset({
  memoryBytes,
  threads,
}: Pick<StackFacts, 'memoryBytes' | 'threads'>): Preset {
  const memory = gibibytes(memoryBytes) ?? 0;
  return (
    grounds.find(({ fromGiB, fromThreads }) => memory >= fromGiB && (threads ?? 2) >= fromThreads)?.preset ??
    'minimal'
  );
}

/** What GitLab may take at most: never less than it usually does, and a tenth of the machine stays for the rest. */
function mostOf(usualMiB: number, mostMiB: number, memory: number | null): number {
  return Math.max(usualMiB, Math.min(mostMiB, memory === null ? mostMiB : Math.floor(memory * 1_024 * 0.9)));
}

function between(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(Math.floor(value), most));
}

/** A preset's sizes on this machine. */
export function sizesOf(preset: Preset, facts: Pick<StackFacts, 'memoryBytes' | 'threads'>): PresetSizes {
  const threads = facts.threads ?? 2;
  const memory = gibibytes(facts.memoryBytes);
  const common = { name: preset, pumaThreads: 4 } as const;
  switch (preset) {
    case 'minimal':
      return {
        ...{
          ...common,
          cpus: between(1, threads, 2),
          memoryMiB: mostOf(2_816, 3_584, memory),
          leastMiB: 2_560,
          usualMiB: 2_816,
        },
        ...{ pumaWorkers: 0, sidekiqConcurrency: 5, sharedBuffersMiB: 128, maxConnections: 60 },
        ...{ gitalyMiB: 512, gitalySpawns: 2, shmMiB: 256, monitoring: false, kas: false, thrifty: true },
      };
    case 'homelab':
      return {
        ...{
          ...common,
          cpus: between(1, threads, 6),
          memoryMiB: mostOf(4_096, 5_632, memory),
          leastMiB: 3_584,
          usualMiB: 4_096,
        },
        ...{ pumaWorkers: 2, sidekiqConcurrency: 10, sharedBuffersMiB: 256, maxConnections: 100 },
        ...{ gitalyMiB: 1_024, gitalySpawns: 4, shmMiB: 256, monitoring: false, kas: false, thrifty: true },
      };
    case 'team':
      return {
        ...{
          ...common,
          cpus: between(1, threads, 12),
          memoryMiB: mostOf(8_192, 12_288, memory),
          leastMiB: 6_144,
          usualMiB: 8_192,
        },
        ...{ pumaWorkers: between(2, threads / 2, 6), sidekiqConcurrency: 20, sharedBuffersMiB: 1_024 },
        ...{ maxConnections: 200, gitalyMiB: 3_072, gitalySpawns: 10, shmMiB: 512 },
        ...{ monitoring: true, kas: true, thrifty: false },
      };
    case 'beast': {
      // A worker takes up to 1.2 GB; half of the machine stays for jobs.
      const half = (memory ?? 32) / 2;
      const workers = between(4, Math.min(threads, (half - 6) / 1.2), 16);
      const usualMiB = 8_192 + workers * 896;
      return {
        ...{ ...common, cpus: between(1, threads, 64), memoryMiB: between(usualMiB, half * 1_024, 65_536) },
        ...{ leastMiB: 10_240, usualMiB, pumaWorkers: workers, sidekiqConcurrency: 25 },
        ...{ sharedBuffersMiB: between(2_048, half * 128, 8_192), maxConnections: 400 },
        ...{ gitalyMiB: 8_192, gitalySpawns: 20, shmMiB: 1_024, monitoring: true, kas: true, thrifty: false },
      };
    }
  }
}
