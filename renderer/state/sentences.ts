// The sentence that each page opens with: its state in words, before any number.
import type { HostMetrics } from '../../main/model/host-metrics.ts';
import type { JobView, RunnerView, Snapshot } from '../../main/contract/snapshot.ts';
import { countGroups } from './jobs.ts';
import type { Problem } from './problem.ts';
import { gpuLooks } from './tones.ts';
import { engineWords, listed } from './words.ts';
import { count, t } from './strings.ts';
import { numeral } from './locale.ts';

/** `4 jobs running, 996 waiting; 3 failed lately.` */
export function jobsSentence(jobs: readonly JobView[]): string {
  const { running, waiting, failed, all } = countGroups(jobs);
  if (all === 0) return t('No job waits, runs, or ended lately.');
  const open =
    running + waiting === 0
      ? t('No job waits or runs')
      : t('{{counted}} running, {{waiting}} waiting', {
          counted: count(running, '{{n}} job', '{{n}} jobs'),
          waiting: numeral(waiting),
        });
  return failed === 0
    ? `${open}.`
    : t('{{open}}; {{failed}} failed lately.', { open, failed: numeral(failed) });
}

function inStates(runners: readonly RunnerView[], state: RunnerView['state'], word: string): string[] {
  const number = runners.filter((runner) => runner.state === state).length;
  return number === 0 ? [] : [`${number} ${word}`];
}

/** `3 runners: 2 busy and 1 idle.` */
export function runnersSentence(runners: readonly RunnerView[], mode: Snapshot['mode']): string {
  const drain = mode === 'serve' ? '' : t(' No new ones start while AutoGit drains.');
  if (runners.length === 0)
    return t('No runner is alive{{words}}.{{drain}}', {
      words: mode === 'serve' ? t(', as no job waits') : '',
      drain,
    });
  const states = [
    ...inStates(runners, 'busy', 'busy'),
    ...inStates(runners, 'idle', 'idle'),
    ...inStates(runners, 'warm', 'warm'),
    ...inStates(runners, 'starting', 'starting'),
    ...inStates(runners, 'prepared', 'prepared'),
    ...inStates(runners, 'leaving', 'leaving'),
    ...inStates(runners, 'finished', 'finished'),
    ...inStates(runners, 'lost', 'lost'),
  ];
  return `${count(runners.length, '{{n}} runner', '{{n}} runners')}: ${listed(states)}.${drain}`;
}

/** All names where they are few; else the first two, and how many more. */
function namedFew(names: readonly string[]): string {
  if (names.length <= 3) return listed(names);
  return listed([...names.slice(0, 2), t('{{number}} more', { number: numeral(names.length - 2) })]);
}

/** `2 pools with room for 12 runners; 4 jobs wait for demo.` */
export function poolsSentence(pools: Snapshot['pools']): string {
  if (pools.length === 0) return t('There is no pool, so no job can run.');
  const room = pools.reduce((sum, pool) => sum + pool.max, 0);
  const alive = pools.reduce(
    (sum, { runners }) => sum + Object.values(runners).reduce((a, b) => a + b, 0),
    0,
  );
  const waited = pools.filter((pool) => pool.waiting > 0);
  const waiting = waited.reduce((sum, pool) => sum + pool.waiting, 0);
  const queue =
    waiting === 0
      ? t('no job waits')
      : t('{{counted}} {{words}} for {{namedFew}}', {
          counted: count(waiting, '{{n}} job', '{{n}} jobs'),
          words: waiting === 1 ? 'waits' : 'wait',
          namedFew: namedFew(waited.map(({ name }) => name)),
        });
  return t('{{counted}}, {{alive}} of {{counted2}} in use; {{queue}}.', {
    counted: count(pools.length, '{{n}} pool', '{{n}} pools'),
    alive,
    counted2: count(room, '{{n}} runner', '{{n}} runners'),
    queue,
  });
}

interface SeenGpus {
  readonly gpus: Snapshot['gpus'];
  /** Why it is not known which there are; `null`: it is. */
  readonly unseen: Problem | null;
}

/** `2 GPUs: 1 free, 1 in use.` */
export function gpusSentence({ gpus, unseen }: SeenGpus): string {
  if (gpus.length === 0 && unseen !== null) return unseen.message;
  if (gpus.length === 0) return t('No GPU was found on this machine.');
  const parts = [...new Set(gpus.map(({ state }) => state))].map((state) => {
    const number = gpus.filter((gpu) => gpu.state === state).length;
    return `${number} ${gpuLooks[state].word.toLowerCase()}`;
  });
  return `${count(gpus.length, '{{n}} GPU', '{{n}} GPUs')}: ${listed(parts)}.`;
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
    ...(isFull(cpuPercent, 100) ? ['processor'] : []),
    ...(isFull(memoryUsedMiB, memoryTotalMiB) ? ['memory'] : []),
    ...(isFull(diskUsedBytes, diskTotalBytes) ? ['disk'] : []),
  ];
  if (scarce.length === 0) return t('The machine has room.');
  return t('The machine is nearly out of {{list}}.', { list: listed(scarce) });
}

/** `2 GPUs: 1 free and 1 in use. The machine has room.` */
export function hardwareSentence(seen: SeenGpus, host: HostMetrics | null): string {
  const room = host === null ? null : roomSentence(host);
  return room === null ? gpusSentence(seen) : `${gpusSentence(seen)} ${room}`;
}

/** `Docker 20.10.24, root, answers.` */
export function enginesSentence(nodes: Snapshot['nodes']): string {
  if (nodes.length === 0) return t('No container engine was found yet.');
  const parts = nodes.map(({ name, engine }) => {
    const where = nodes.length === 1 ? '' : t(' on {{name}}', { name });
    switch (engine.state) {
      case 'fresh':
        return t('{{engine}}, answers{{where}}', { engine: engineWords(engine), where });
      case 'stale':
        return t('{{engine}}, has fallen silent{{where}}', { engine: engineWords(engine), where });
      case 'failed':
        return t('No container engine answers{{where}}', { where });
      case 'never':
        return t('The container engine{{where}} was not looked at yet', { where });
    }
  });
  return `${parts.join('; ')}.`;
}
