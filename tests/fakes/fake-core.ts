// A core over a pretended lab: what the doors are tested against.
import type { z } from 'zod';
import { contract } from '../../main/contract/contract.ts';
import type {
  CallName,
  CoreDoor,
  CoreEvent,
  Outcome,
  Output,
  ParsedInput,
  RequestName,
  StopSignal,
  StreamName,
} from '../../main/contract/contract.ts';
import { newsBetween } from '../../main/contract/news.ts';
import type { Snapshot } from '../../main/contract/snapshot.ts';
import { AutoGitError } from '../../main/errors.ts';
import { machineSchema } from '../../main/model/machine.ts';
import type { Door } from '../../main/model/request.ts';
import { someMachine } from './some-machine.ts';
import { createFakeWorld, someEngine, someEngineInDetail } from './fake-world.ts';
import type { FakeWorld } from './fake-world.ts';
import { someGpuDetail } from './gpu-details.ts';
import { hardwareCalls, hardwareStreams, quietHardware } from './fake-hardware.ts';
import type { FakeHardware } from './fake-hardware.ts';
import { found, outcome, poolCalls } from './fake-pool-calls.ts';
import type { Calls } from './fake-pool-calls.ts';
import { adviceOf, replayed } from './fake-pools.ts';
import { createFakeAccess } from './fake-access-calls.ts';
import { createFakeNotices } from './fake-notice-calls.ts';
import type { FakeNotices } from './fake-notice-calls.ts';
import { createFakeBackups } from './fake-backup-calls.ts';
import type { FakeBackups } from './fake-backup-calls.ts';
import { reachCalls } from './fake-reach-calls.ts';
import { createSetupCalls } from './fake-setup-calls.ts';
import { aboutCalls } from './fake-about-calls.ts';
import { createFakeUpdates } from './fake-update-calls.ts';
import type { FakeUpdates } from './fake-update-calls.ts';
import { createSettingsCalls } from './fake-settings-calls.ts';
import { stackCalls, stackStreams } from './fake-stack-calls.ts';

export interface FakeCore extends CoreDoor {
  readonly world: FakeWorld;
  readonly notices: FakeNotices;
  /** Doors through which it was called, in order. */
  readonly doors: readonly Door[];
  through(door: Door): CoreDoor;
  /** Every call, in order. */
  readonly calls: readonly { readonly name: CallName; readonly input: unknown }[];
  /** The next call of this name rejects with this. */
  failNext(name: RequestName, error: unknown): void;
  /** As `kill -9` looks from outside: everything open breaks, everything new is refused. */
  crash(): void;
}

const inputs: { readonly [N in RequestName]: { readonly input: z.ZodType<ParsedInput<N>> } } = contract;

const unreachable = (): AutoGitError =>
  new AutoGitError({
    key: 'core.unreachable',
    message: 'The core does not answer.',
    next: 'Start it: autogit serve',
  });

export type FakeStreams = {
  readonly [N in StreamName]: (input: ParsedInput<N>, stop: StopSignal) => AsyncIterable<Output<N>>;
};

function sandboxContainers(world: FakeWorld): string[] {
  return world.state().sandboxContainer ? ['autogit-sandbox'] : [];
}

function startSandbox(world: FakeWorld): void {
  world.change((state) => ({
    sandboxContainer: true,
    networks: ['autogit-abc123'],
    snapshot: {
      ...state.snapshot,
      mode: 'serve',
      gitlab: { kind: 'sandbox', url: 'http://127.0.0.1:4100', state: 'ready', readAt: 1, problem: null },
    },
  }));
}

function resetSandbox(world: FakeWorld): void {
  world.change((state) => ({
    sandboxContainer: false,
    networks: [],
    volumes: [],
    snapshot: {
      ...state.snapshot,
      jobs: [],
      gitlab: { ...state.snapshot.gitlab, state: 'stopped', url: null },
    },
  }));
}

function setMode(world: FakeWorld, mode: 'serve' | 'drain' | 'teardown'): void {
  world.change((state) => ({ snapshot: { ...state.snapshot, mode } }));
}

const explanation: Output<'job.show'>['explanation'] = {
  reason: 'pool-full',
  sentence: 'Pool "demo" is at its max of 4 (longest held by job 41 of demo/x since 12:03).',
  data: { pool: 'demo', max: 4, job: 41 },
  next: 'Wait, or allow it more: autogit pool set demo --max 5',
};

function jobCalls(world: FakeWorld): Pick<Calls, 'job.show' | 'job.explain' | 'job.cancel' | 'job.retry'> {
  const jobOf = (id: number): Snapshot['jobs'][number] =>
    found(world.snapshot().jobs, (job) => job.id === id);
  return {
    'job.show': ({ id }) => ({ job: jobOf(id), explanation }),
    'job.explain': ({ id }) => ({ job: jobOf(id).id, ...explanation }),
    'job.cancel': ({ id, dryRun }) => {
      if (!dryRun)
        world.change(({ snapshot }) => ({
          snapshot: {
            ...snapshot,
            jobs: snapshot.jobs.map((job) => (job.id === id ? { ...job, status: 'canceled' } : job)),
          },
        }));
      return outcome(dryRun, `Job ${id} is cancelled.`);
    },
    'job.retry': ({ id, dryRun }) => ({
      ...outcome(dryRun, `Job ${id} runs again.`),
      job: dryRun ? null : world.seed(1).id + 1,
    }),
  };
}

type ArchCall = 'arch.list' | 'arch.test' | 'arch.enable' | 'arch.disable' | 'arch.ci';

function archCalls(world: FakeWorld): Pick<Calls, ArchCall> {
  const rows = () => world.snapshot().architectures ?? [];
  const done = (dryRun: boolean, message: string): Output<'arch.test'> => ({
    ...outcome(dryRun, message),
    architectures: rows(),
  });
  return {
    'arch.list': rows,
    'arch.test': ({ dryRun }) => done(dryRun, 'Programs of these ran in a container: amd64.'),
    'arch.enable': ({ architecture, dryRun }) => done(dryRun, `${architecture} runs here by emulation.`),
    'arch.disable': ({ architecture, dryRun }) => done(dryRun, `The emulator of ${architecture} is removed.`),
    'arch.ci': () => ({ file: 'test:\n  script: [uname -m]\n' }),
  };
}

interface FakeParts {
  readonly backups: FakeBackups;
  readonly notices: FakeNotices;
  readonly updates: FakeUpdates;
}

function callsOf(world: FakeWorld, hardware: FakeHardware, { backups, notices, updates }: FakeParts): Calls {
  const done = (dryRun: boolean, message: string, deed: () => void): Outcome => {
    if (!dryRun) deed();
    return outcome(dryRun, message);
  };
  return {
    'status.show': () => world.snapshot(),
    'snapshot.show': () => world.snapshot(),
    'gpu.list': () => world.snapshot().gpus,
    'gpu.show': ({ id }) => someGpuDetail({ id }),
    'gpu.reserve': ({ dryRun }) => ({ ...done(dryRun, 'The GPU is kept.', () => undefined), changes: [] }),
    'gpu.use': ({ id, use, dryRun }) => ({
      ...done(dryRun, 'The GPU is used so.', () =>
        world.change(({ snapshot }) => ({
          snapshot: {
            ...snapshot,
            gpus: snapshot.gpus.map((gpu) => (gpu.id === id ? { ...gpu, use } : gpu)),
          },
        })),
      ),
      changes: [],
    }),
    'gpu.release': ({ dryRun }) => ({
      ...done(dryRun, 'Jobs can have the GPU.', () => undefined),
      changes: [],
    }),
    ...archCalls(world),
    ...stackCalls,
    ...reachCalls,
    ...notices.calls,
    ...createSetupCalls(),
    ...createFakeAccess().calls,
    ...backups.calls,
    ...hardwareCalls(hardware),
    'machine.detect': () => machineSchema.parse(someMachine),
    'doctor.run': () => ({ healthy: true, areas: ['hardware'], checks: 1, findings: [], unknown: [] }),
    'doctor.fix': ({ dryRun }) => ({
      ...outcome(dryRun, 'Nothing was found that AutoGit could mend.'),
      fixes: [],
    }),
    'engine.list': () => [someEngine],
    'engine.show': () => someEngineInDetail,
    'engine.use': ({ address, dryRun }) => done(dryRun, `AutoGit uses ${address}.`, () => undefined),
    'pool.list': () => world.snapshot().pools,
    ...poolCalls(world),
    'pool.advice': ({ name }) => adviceOf(world, name),
    'pool.apply-advice': ({ name, dryRun }) => ({
      ...outcome(dryRun, `Pool "${name}" has changed.`),
      changes: [{ path: `pools.${name}.memoryMiB`, impact: 'none', effect: 'Idle runners are replaced.' }],
    }),
    'pool.simulate': ({ days, max }) => replayed(days, max),
    ...jobCalls(world),
    'runner.show': ({ id }) => ({
      runner: found(world.snapshot().runners, (runner) => runner.id === id),
      job: null,
      goneAt: null,
      failure: null,
    }),
    'runner.drain': ({ id, dryRun }) => done(dryRun, `Runner ${id} has left.`, () => undefined),
    'runner.remove': ({ id, dryRun }) => done(dryRun, `Runner ${id} has left.`, () => undefined),
    'runner.list': ({ pool }) =>
      world.snapshot().runners.filter((runner) => runner.pool === (pool ?? runner.pool)),
    'job.list': ({ limit, status }) =>
      world
        .snapshot()
        .jobs.filter((job) => job.status === (status ?? job.status))
        .slice(0, limit),
    'issue.list': () => world.snapshot().issues,
    'audit.list': () => [{ at: world.snapshot().at, door: 'cli', request: 'lab.drain', outcome: 'done' }],
    'queue.refresh': ({ dryRun }) => done(dryRun, 'The queue was read.', () => undefined),
    'lab.drain': ({ dryRun }) => done(dryRun, 'Draining.', () => setMode(world, 'drain')),
    'lab.recover': ({ dryRun }) => done(dryRun, 'Everything that failed is tried anew.', () => undefined),
    'pool.recover': ({ dryRun }) => done(dryRun, 'It tries anew.', () => undefined),
    'lab.resume': ({ dryRun }) => done(dryRun, 'Serving.', () => setMode(world, 'serve')),
    'lab.teardown': ({ dryRun }) => done(dryRun, 'Tearing down.', () => setMode(world, 'teardown')),
    'lab.objects': () => ({
      containers: [...sandboxContainers(world), ...world.snapshot().runners.map((runner) => runner.name)],
      networks: world.state().networks,
      volumes: world.state().volumes,
    }),
    'sandbox.start': ({ dryRun }) => ({
      ...done(dryRun, 'The sandbox runs.', () => startSandbox(world)),
      url: 'http://127.0.0.1:4100',
    }),
    'sandbox.stop': ({ dryRun }) => done(dryRun, 'The sandbox stands still.', () => undefined),
    'sandbox.status': () => ({
      state: world.state().sandboxContainer ? 'running' : 'absent',
      url: world.snapshot().gitlab.url,
      gitlab: world.snapshot().gitlab,
    }),
    'sandbox.access': () => ({
      url: world.snapshot().gitlab.url,
      username: 'root',
      token: 'glpat-pretended',
    }),
    'sandbox.reset': ({ dryRun }) => done(dryRun, 'The sandbox is gone.', () => resetSandbox(world)),
    'sandbox.seed': ({ jobs, dryRun }) => ({
      ...outcome(dryRun, `A project with ${jobs} jobs.`),
      project: dryRun ? null : world.seed(jobs),
      jobs,
    }),
    ...createSettingsCalls(),
    ...aboutCalls,
    ...updates.calls,
  };
}

/** Waits for the next change of the lab or for `stop`. */
function changed(world: FakeWorld, stop: StopSignal): Promise<void> {
  return new Promise((resolve) => {
    const leave = world.subscribe(finish);
    function finish(): void {
      leave();
      stop.removeEventListener('abort', finish);
      resolve();
    }
    stop.addEventListener('abort', finish);
    if (stop.aborted) finish();
  });
}

const event: CoreEvent = {
  at: 1_700_000_000_000,
  kind: 'job.waiting',
  subject: 'job 2',
  message: 'build 2 waits',
};

function streamsOf(
  world: FakeWorld,
  hardware: FakeHardware,
  { backups, notices, updates }: FakeParts,
): FakeStreams {
  const streams: FakeStreams = {
    ...hardwareStreams(hardware),
    ...stackStreams,
    ...backups.streams,
    'notice.watch': (input, stop) => notices.watch(input, stop),
    'update.watch': (_input, stop) => updates.watch(stop),
    'snapshot.follow': async function* (_input, stop) {
      while (!stop.aborted) {
        const change = changed(world, stop);
        yield world.snapshot();
        await change;
      }
    },
    'snapshot.changes': async function* (_input, stop) {
      let before: Snapshot | null = null;
      for await (const snapshot of streams['snapshot.follow']({}, stop)) {
        yield newsBetween(before, snapshot);
        before = snapshot;
      }
    },
    'job.log': async function* ({ id, follow }, stop) {
      const find = (): string | undefined => world.snapshot().jobs.find((job) => job.id === id)?.status;
      if (find() === undefined) {
        const message = `There is no job ${id}.`;
        throw new AutoGitError({ key: 'job.unknown', message, next: 'See autogit job list' });
      }
      yield { offset: 0, text: `$ echo job ${id}\n` };
      while (follow && !stop.aborted && (find() === 'pending' || find() === 'running'))
        await changed(world, stop);
      yield { offset: 20, text: '\u001b[32mdone\u001b[0m\n' };
    },
    'events.follow': async function* ({ follow, limit }, stop) {
      for (let index = 0; index < Math.min(limit, 2); index += 1) yield { ...event, at: event.at + index };
      while (follow && !stop.aborted) {
        await changed(world, stop);
        yield { ...event, message: world.snapshot().sentence };
      }
    },
  };
  return streams;
}

/** A stop signal that fires with either of two. */
function eitherStop(stop: StopSignal, crash: AbortSignal): AbortSignal {
  const both = new AbortController();
  const fire = (): void => both.abort();
  stop.addEventListener('abort', fire);
  crash.addEventListener('abort', fire);
  if (stop.aborted || crash.aborted) fire();
  return both.signal;
}

/** A core over `world` on a machine. `own`: answers in place of the usual ones. */
export function createFakeCore(
  world: FakeWorld = createFakeWorld(),
  hardware: FakeHardware = quietHardware,
  own: Partial<Calls> = {},
  notices: FakeNotices = createFakeNotices(),
  ownStreams: Partial<FakeStreams> = {},
  updates: FakeUpdates = createFakeUpdates(),
): FakeCore {
  const calls: { name: CallName; input: unknown }[] = [];
  const failures = new Map<RequestName, unknown>();
  const doors: Door[] = [];
  const crashed = new AbortController();
  const parts = { notices, updates, backups: createFakeBackups() };
  const callHandlers: Calls = { ...callsOf(world, hardware, parts), ...own };
  const streamHandlers: FakeStreams = { ...streamsOf(world, hardware, parts), ...ownStreams };
  const takeFailure = (name: RequestName): void => {
    if (crashed.signal.aborted) throw unreachable();
    if (!failures.has(name)) return;
    const failure = failures.get(name);
    failures.delete(name);
    throw failure;
  };
  const core: FakeCore = {
    world,
    notices,
    calls,
    doors,
    through: (door) => ({
      call: (name, input) => {
        doors.push(door);
        return core.call(name, input);
      },
      stream: (name, input, signal) => core.stream(name, input, signal),
    }),
    failNext: (name, error) => failures.set(name, error),
    crash: () => crashed.abort(),
    async call(name, input) {
      await Promise.resolve();
      takeFailure(name);
      calls.push({ name, input });
      return callHandlers[name](inputs[name].input.parse(input));
    },
    async *stream(name, input, signal) {
      takeFailure(name);
      const stop = eitherStop(signal, crashed.signal);
      for await (const item of streamHandlers[name](inputs[name].input.parse(input), stop)) {
        if (crashed.signal.aborted) break;
        yield item;
      }
      if (crashed.signal.aborted) throw unreachable();
    },
  };
  return core;
}
