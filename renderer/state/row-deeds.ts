// What can be done with one job, one runner or one pool.
import type { Input, Outcome } from '../../main/contract/contract.ts';
import type { ArchitectureView, GpuView } from '../../main/contract/snapshot.ts';
import type { CoreClient } from '../client.ts';
import type { Deed } from './deeds.ts';
import { capital, listed } from './words.ts';
import { count, t } from '../language/strings.ts';

type Call = (client: CoreClient, dryRun: boolean) => Promise<Outcome>;

/** A deed of one request. */
export function deedOf(
  {
    title,
    effect = title,
    note = null,
  }: { readonly title: string; readonly effect?: string; readonly note?: string | null },
  command: string | null,
  call: Call,
  grave = false,
): Deed {
  return {
    ...{ title, effect, note, grave },
    steps: [{ words: title, preview: (client) => call(client, true), run: (client) => call(client, false) }],
    commands: command === null ? [] : [`autogit ${command}`],
  };
}

export function cancelJobDeed(id: number, isRunning: boolean): Deed {
  const note = isRunning
    ? t('Its runner is told to end it; what it has done so far stays in its log.')
    : null;
  return deedOf(
    { title: t('Cancel job {{id}}', { id }), note },
    `job cancel ${id}`,
    (client, dryRun) => client.call('job.cancel', { id, dryRun }),
    isRunning,
  );
}

export function retryJobDeed(id: number): Deed {
  return deedOf(
    { title: t('Run job {{id}} again', { id }), note: t('It gets a new number.') },
    `job retry ${id}`,
    (client, dryRun) => client.call('job.retry', { id, dryRun }),
  );
}

export function drainRunnerDeed(id: string): Deed {
  const note = t('A job that it has is finished first. Another runner takes its place where jobs wait.');
  return deedOf(
    { title: t('Let runner {{id}} leave', { id }), note },
    `runner drain ${id}`,
    (client, dryRun) => client.call('runner.drain', { id, dryRun }),
  );
}

export function removeRunnerDeed(id: string): Deed {
  const note = t('It has no job. Should it get one in this moment, it finishes that first.');
  return deedOf({ title: t('Remove runner {{id}}', { id }), note }, `runner remove ${id}`, (client, dryRun) =>
    client.call('runner.remove', { id, dryRun }),
  );
}

/** What a pool has at the moment that somebody would change for it. */
export interface PoolBusiness {
  /** Runners with a job. */
  readonly busy: number;
  /** Jobs that it is expected to take. */
  readonly waiting: number;
}

function finishing(busy: number): string {
  if (busy === 0) return t('None of its runners has a job.');
  return count(busy, 'A runner finishes its job first.', '{{n}} runners finish their jobs first.');
}

/** What becomes of jobs while the pool is paused. */
function waitingOn(waiting: number): string {
  if (waiting === 0) return t('Jobs that only this pool takes go on waiting until you resume it.');
  return count(
    waiting,
    '{{n}} job waits for it now; those that no other pool takes go on waiting until you resume it.',
    '{{n}} jobs wait for it now; those that no other pool takes go on waiting until you resume it.',
  );
}

/** What becomes of jobs when the pool is gone. */
function stranded(waiting: number): string {
  if (waiting === 0) return t('Jobs that only this pool takes wait for ever.');
  return count(
    waiting,
    '{{n}} job waits for it now; those that no other pool takes wait for ever.',
    '{{n}} jobs wait for it now; those that no other pool takes wait for ever.',
  );
}

export function pausePoolDeed(name: string, { busy, waiting }: PoolBusiness): Deed {
  const note = [finishing(busy), waitingOn(waiting)].join(' ');
  return deedOf({ title: t('Pause pool {{name}}', { name }), note }, `pool pause ${name}`, (client, dryRun) =>
    client.call('pool.pause', { name, dryRun }),
  );
}

export function resumePoolDeed(name: string): Deed {
  return deedOf({ title: t('Resume pool {{name}}', { name }) }, `pool resume ${name}`, (client, dryRun) =>
    client.call('pool.resume', { name, dryRun }),
  );
}

export function removePoolDeed(name: string, { busy, waiting }: PoolBusiness): Deed {
  return deedOf(
    {
      title: t('Remove pool {{name}}', { name }),
      note: [finishing(busy), t('Its settings are gone.'), stranded(waiting)].join(' '),
    },
    `pool remove ${name}`,
    (client, dryRun) => client.call('pool.remove', { name, dryRun }),
    true,
  );
}

/** Adds the pools that fit the machine and are not there. */
export function addReadyPoolsDeed(names: readonly string[]): Deed {
  const pools = capital(listed(names));
  const title =
    names.length === 1
      ? t('Add pool {{name}}', { name: names.join() })
      : count(names.length, 'Add {{n}} pool', 'Add {{n}} pools');
  const note =
    names.length === 1
      ? t('{{pool}} is added; no pool that is there is changed.', { pool: pools })
      : t('{{pools}} are added; no pool that is there is changed.', { pools });
  return deedOf({ title, note }, 'pool ready --apply', (client, dryRun) =>
    client.call('pool.ready', { apply: true, dryRun }),
  );
}

/** Fields of a pool as a request takes them. */
export type PoolChange = Omit<Input<'pool.set'>, 'name' | 'dryRun'>;

/** `options`: the same on a command line; `null` where it cannot be said there. */
export function setPoolDeed(name: string, change: PoolChange, options: string | null): Deed {
  return deedOf(
    { title: t('Change pool {{name}}', { name }), effect: t('Change it') },
    options === null ? null : `pool set ${name}${options}`,
    (client, dryRun) => client.call('pool.set', { name, ...change, dryRun }),
  );
}

export function addPoolDeed(name: string, change: PoolChange, options: string | null): Deed {
  return deedOf(
    { title: t('Add pool {{name}}', { name }), effect: t('Add it') },
    options === null ? null : `pool add ${name}${options}`,
    (client, dryRun) => client.call('pool.add', { name, ...change, dryRun }),
  );
}

/** Asks for a proof at once. */
export function provePoolDeed(name: string): Deed {
  const note = t(
    'A tiny job looks at its limits, its processor, its GPUs and its way to GitLab from inside.',
  );
  return deedOf({ title: t('Prove pool {{name}}', { name }), note }, `pool prove ${name}`, (client, dryRun) =>
    client.call('pool.prove', { name, dryRun }),
  );
}

/** Forgets what has failed, and tries at once. */
export function recoverPoolDeed(name: string): Deed {
  const note = t('Its jobs went on waiting. Should the reason still be there, it stops again and says so.');
  return deedOf(
    { title: t('Let pool {{name}} try anew', { name }), note },
    `pool recover ${name}`,
    (client, dryRun) => client.call('pool.recover', { name, dryRun }),
  );
}

/** Sets the limits of a pool to what its advice says. */
export function applyAdviceDeed(name: string): Deed {
  return deedOf(
    { title: t('Apply the advice to pool {{name}}', { name }) },
    `pool apply-advice ${name}`,
    (client, dryRun) => client.call('pool.apply-advice', { name, dryRun }),
  );
}

const gpuUseWords: Readonly<Record<GpuView['use'], { readonly title: string; readonly note: string }>> = {
  off: {
    title: t('Keep the GPU from jobs'),
    note: t('No job gets it from now on. A job that has it goes on to its end.'),
  },
  exclusive: {
    title: t('Give the GPU to one job at a time'),
    note: t('Jobs of pools that share cards do not get it. Jobs that have it go on to their end.'),
  },
  shared: {
    title: t('Let jobs share the GPU'),
    note: t('As many at once as their pool lets share it; jobs of other pools have it alone.'),
  },
};

/** A word as it is typed on a command line; in single quotes where a shell would take it apart. */
export function typed(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Says which jobs a GPU is for. `keeper`: with `off`, the program that it is kept for. */
export function gpuUseDeed(id: string, use: GpuView['use'], keeper: string | null = null): Deed {
  const { title, note } = gpuUseWords[use];
  const purpose = use === 'off' && keeper !== null ? keeper : null;
  const option = purpose === null ? '' : ` --for ${typed(purpose)}`;
  const given = purpose === null ? {} : { for: purpose };
  return deedOf(
    { title: purpose === null ? title : t('Keep the GPU for {{program}}', { program: purpose }), note },
    `gpu use ${id} ${use}${option}`,
    (client, dryRun) => client.call('gpu.use', { id, use, ...given, dryRun }),
  );
}

type Architecture = ArchitectureView['architecture'];

export function testArchitectureDeed(architecture: Architecture): Deed {
  const note = t('A tiny real program of this processor runs in a container; nothing is changed.');
  return deedOf(
    { title: t('Try {{architecture}}', { architecture }), note },
    `arch test ${architecture}`,
    (client, dryRun) => client.call('arch.test', { architecture, dryRun }),
  );
}

/** `fix`: how the distribution does it. */
export function enableArchitectureDeed(architecture: Architecture, fix: string | null): Deed {
  const image = t('A privileged container of a pinned image registers the emulator, now and after restarts.');
  return deedOf(
    {
      title: t('Emulate {{architecture}}', { architecture }),
      effect: t('Let a privileged container register it'),
      note: fix === null ? image : [image, t('Without one: {{fix}}', { fix })].join(' '),
    },
    `arch enable ${architecture} --privileged`,
    (client, dryRun) => client.call('arch.enable', { architecture, privileged: true, dryRun }),
  );
}

export function disableArchitectureDeed(architecture: Architecture): Deed {
  return deedOf(
    {
      title: t('Emulate {{architecture}} no more', { architecture }),
      note: t(
        'An emulator that AutoGit has registered is removed; what was there before stays. Jobs of this processor wait.',
      ),
    },
    `arch disable ${architecture}`,
    (client, dryRun) => client.call('arch.disable', { architecture, dryRun }),
  );
}
