// The sentence that each page opens with: its state in words, before any number.
import type { HostMetrics } from '../../main/model/host-metrics.ts';
import type { GpuView, JobView, RunnerView, Snapshot } from '../../main/contract/snapshot.ts';
import { countGroups } from './jobs.ts';
import type { Problem } from './problem.ts';
import { engineWords, listed } from './words.ts';
import { count, t } from '../language/strings.ts';

/** `4 jobs running, 996 waiting; 3 failed lately.` */
export function jobsSentence(jobs: readonly JobView[]): string {
  const { running, waiting, failed, all } = countGroups(jobs);
  if (all === 0) return t('No job waits, runs, or ended lately.');
  if (running + waiting === 0)
    return failed === 0
      ? t('No job waits or runs.')
      : count(
          failed,
          'No job waits or runs; {{n}} failed lately.',
          'No job waits or runs; {{n}} failed lately.',
        );
  const open = {
    running: count(running, '{{n}} job running', '{{n}} jobs running'),
    waiting: count(waiting, '{{n}} waiting', '{{n}} waiting'),
  };
  return failed === 0
    ? t('{{running}}, {{waiting}}.', open)
    : t('{{running}}, {{waiting}}; {{failed}}.', {
        ...open,
        failed: count(failed, '{{n}} failed lately', '{{n}} failed lately'),
      });
}

type CountWords = (number: number) => string;

/** In this order. */
const runnerCounts: readonly (readonly [RunnerView['state'], CountWords])[] = [
  ['busy', (number) => count(number, '{{n}} busy', '{{n}} busy')],
  ['idle', (number) => count(number, '{{n}} idle', '{{n}} idle')],
  ['warm', (number) => count(number, '{{n}} warm', '{{n}} warm')],
  ['starting', (number) => count(number, '{{n}} starting', '{{n}} starting')],
  ['prepared', (number) => count(number, '{{n}} prepared', '{{n}} prepared')],
  ['leaving', (number) => count(number, '{{n}} leaving', '{{n}} leaving')],
  ['finished', (number) => count(number, '{{n}} finished', '{{n}} finished')],
  ['lost', (number) => count(number, '{{n}} lost', '{{n}} lost')],
];

/** `3 runners: 2 busy and 1 idle.` */
export function runnersSentence(runners: readonly RunnerView[], mode: Snapshot['mode']): string {
  if (runners.length === 0 && mode === 'serve') return t('No runner is alive, as no job waits.');
  const states = runnerCounts.flatMap(([state, words]) => {
    const number = runners.filter((runner) => runner.state === state).length;
    return number === 0 ? [] : [words(number)];
  });
  const alive =
    runners.length === 0
      ? t('No runner is alive.')
      : t('{{runners}}: {{states}}.', {
          runners: count(runners.length, '{{n}} runner', '{{n}} runners'),
          states: listed(states),
        });
  return mode === 'serve' ? alive : `${alive} ${t('No new ones start while AutoGit drains.')}`;
}

/** All names where they are few; else the first two, and how many more. */
function namedFew(names: readonly string[]): string {
  if (names.length <= 3) return listed(names);
  return listed([...names.slice(0, 2), count(names.length - 2, '{{n}} more', '{{n}} more')]);
}

/** `2 pools with room for 12 runners; 4 jobs wait for demo.` */
export function poolsSentence(pools: Snapshot['pools']): string {
  if (pools.length === 0) return t('There is no pool, so no job can run.');
  const most = pools.reduce((sum, pool) => sum + pool.max, 0);
  const alive = pools.reduce(
    (sum, { runners }) => sum + Object.values(runners).reduce((a, b) => a + b, 0),
    0,
  );
  const waited = pools.filter((pool) => pool.waiting > 0);
  const waiting = waited.reduce((sum, pool) => sum + pool.waiting, 0);
  const room = {
    pools: count(pools.length, '{{n}} pool', '{{n}} pools'),
    alive,
    runners: count(most, '{{n}} runner', '{{n}} runners'),
  };
  if (waiting === 0) return t('{{pools}}, {{alive}} of {{runners}} in use; no job waits.', room);
  return t('{{pools}}, {{alive}} of {{runners}} in use; {{jobs}} for {{waitedFor}}.', {
    ...room,
    jobs: count(waiting, '{{n}} job waits', '{{n}} jobs wait'),
    waitedFor: namedFew(waited.map(({ name }) => name)),
  });
}

interface SeenGpus {
  readonly gpus: Snapshot['gpus'];
  /** Why it is not known which there are; `null`: it is. */
  readonly unseen: Problem | null;
}

const gpuCounts: Readonly<Record<GpuView['state'], CountWords>> = {
  free: (number) => count(number, '{{n}} free', '{{n}} free'),
  'in-use': (number) => count(number, '{{n}} in use', '{{n}} in use'),
  reserved: (number) => count(number, '{{n}} kept', '{{n}} kept'),
  foreign: (number) => count(number, '{{n}} used by others', '{{n}} used by others'),
  drained: (number) => count(number, '{{n}} unhealthy', '{{n}} unhealthy'),
  divided: (number) => count(number, '{{n}} in slices', '{{n}} in slices'),
  unusable: (number) => count(number, '{{n}} not usable', '{{n}} not usable'),
  unknown: (number) => count(number, '{{n}} unknown', '{{n}} unknown'),
};

/** `2 GPUs: 1 free, 1 in use.` */
export function gpusSentence({ gpus, unseen }: SeenGpus): string {
  if (gpus.length === 0 && unseen !== null) return unseen.message;
  if (gpus.length === 0) return t('No GPU was found on this machine.');
  const parts = [...new Set(gpus.map(({ state }) => state))].map((state) => {
    const number = gpus.filter((gpu) => gpu.state === state).length;
    return gpuCounts[state](number);
  });
  return t('{{gpus}}: {{states}}.', {
    gpus: count(gpus.length, '{{n}} GPU', '{{n}} GPUs'),
    states: listed(parts),
  });
}

/** Of what a machine has, more than this in use leaves no room for one more job. */
const fullShare = 0.9;

function isFull(used: number | null, total: number | null): boolean {
  return used !== null && total !== null && total > 0 && used / total > fullShare;
}

/** What the machine has nearly run out of; `null` while nothing is known of it. */
function roomSentence(host: HostMetrics): string | null {
  const { cpuPercent, memoryUsedMiB, memoryTotalMiB, diskUsedBytes, diskTotalBytes } = host;
  if (cpuPercent === null && memoryUsedMiB === null && diskUsedBytes === null) return null;
  const scarce = [
    ...(isFull(cpuPercent, 100) ? [t('processor')] : []),
    ...(isFull(memoryUsedMiB, memoryTotalMiB) ? [t('memory')] : []),
    ...(isFull(diskUsedBytes, diskTotalBytes) ? [t('disk')] : []),
  ];
  if (scarce.length === 0) return t('The machine has room.');
  return t('The machine is nearly out of {{resources}}.', { resources: listed(scarce) });
}

/** `2 GPUs: 1 free and 1 in use. The machine has room.` */
export function hardwareSentence(seen: SeenGpus, host: HostMetrics | null): string {
  const room = host === null ? null : roomSentence(host);
  return room === null ? gpusSentence(seen) : `${gpusSentence(seen)} ${room}`;
}

type Node = Snapshot['nodes'][number];

/** Of the only machine. */
function engineState({ engine: status }: Node): string {
  const engine = engineWords(status);
  switch (status.state) {
    case 'fresh':
      return t('{{engine}}, answers', { engine });
    case 'stale':
      return t('{{engine}}, has fallen silent', { engine });
    case 'failed':
      return t('No container engine answers');
    case 'never':
      return t('The container engine was not looked at yet');
  }
}

/** Of one machine among others. */
function engineStateOn({ name: machine, engine: status }: Node): string {
  const engine = engineWords(status);
  switch (status.state) {
    case 'fresh':
      return t('{{engine}}, answers on {{machine}}', { engine, machine });
    case 'stale':
      return t('{{engine}}, has fallen silent on {{machine}}', { engine, machine });
    case 'failed':
      return t('No container engine answers on {{machine}}', { machine });
    case 'never':
      return t('The container engine on {{machine}} was not looked at yet', { machine });
  }
}

/** `Docker 20.10.24, root, answers.` */
export function enginesSentence(nodes: Snapshot['nodes']): string {
  if (nodes.length === 0) return t('No container engine was found yet.');
  return `${nodes.map(nodes.length === 1 ? engineState : engineStateOn).join('; ')}.`;
}
