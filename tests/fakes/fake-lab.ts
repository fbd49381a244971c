// The whole running core on fakes: what stays over a restart is the world, what ends with it is the lab.
import { createDispatch } from '../../main/coordinator/dispatch.ts';
import type { Dispatch } from '../../main/coordinator/dispatch.ts';
import { createLab } from '../../main/coordinator/lab.ts';
import type { Lab } from '../../main/coordinator/lab.ts';
import { openSettingsAccess } from '../../main/coordinator/settings-access.ts';
import type { Snapshot } from '../../main/contract/snapshot.ts';
import type { LogRecord } from '../../main/log.ts';
import type { Pool } from '../../main/model/pool.ts';
import type { GitlabSettings } from '../../main/model/settings.ts';
import type { TemplateSource } from '../../main/model/stack/template.ts';
import { officialRunnerImage } from '../../main/plan/desire.ts';
import type { Clock, Engine, Secrets, SettingsFile, Store } from '../../main/ports.ts';
import type { Probe } from '../../main/probe-port.ts';
import { FakeClock } from './fake-clock.ts';
import { fakeHost, memorySecrets, memoryStore, recordedLog } from './fake-context.ts';
import { FakeEngine } from './fake-engine.ts';
import type { FakeEngineOptions, FakeProcess } from './fake-engine.ts';
import { FakeEngines } from './fake-engines.ts';
import { FakeGitlab } from './fake-gitlab.ts';
import { fakeStackAdapters } from './fake-stack-adapters.ts';
import type { FakeStack } from './fake-stack-adapters.ts';
import { fakeProbe } from './hardware.ts';
import type { FakeMachine } from './hardware.ts';

export const sandboxImage = 'autogit-sandbox:new';
/** How often an idle runner asks for a job, in milliseconds. */
const askMs = 3_000;

export interface WorldOptions {
  /** Missing: off. */
  readonly proofs?: 'auto' | 'on' | 'off';
  readonly pools?: readonly (Partial<Pool> & { readonly name: string })[];
  readonly gitlab?: GitlabSettings;
  /** How long each job lasts, in milliseconds. */
  readonly jobMs?: number;
  /** Takes the place of a runner's program where it says so. */
  readonly insteadOfRunner?: (process: FakeProcess) => boolean;
  /** Templates of the stack; missing: none. */
  readonly templates?: readonly TemplateSource[];
  /** What the engine says of itself. */
  readonly engine?: FakeEngineOptions;
  /** The programs that try processors, and the image of emulators. */
  readonly onArch?: (process: FakeProcess) => void;
}

/** Everything that outlives the core. */
export interface World {
  readonly clock: FakeClock;
  readonly engine: FakeEngine;
  /** The engines of the machine: at first the one above, at its usual place. */
  readonly engines: FakeEngines;
  readonly gitlab: FakeGitlab;
  readonly store: Store;
  readonly secrets: Secrets;
  readonly host: ReturnType<typeof fakeHost>;
  readonly settings: SettingsFile;
  readonly pushed: string[];
  readonly stack: FakeStack;
  /** Jobs in the order in which runners got them. */
  readonly taken: number[];
  /** Another engine on which runners run; it is found once it is added to `engines`. */
  makeEngine(options?: FakeEngineOptions): FakeEngine;
  /** Writes the settings file as a person would. */
  configure(options: WorldOptions): Promise<void>;
  /** Ends a runner in the middle of whatever it does. */
  kill(name: string, code?: number): void;
}

function settingsText({
  pools = [{ name: 'default', tags: ['docker'] }],
  gitlab,
  proofs = 'off',
}: WorldOptions): string {
  const url = 'http://gitlab.test';
  return JSON.stringify({ version: 1, gitlab: gitlab ?? { kind: 'server', url }, proofs, pools });
}

/** A settings file in memory. */
export function memoryFile(text: string | null): SettingsFile {
  let content = text;
  return {
    path: 'settings.yaml',
    read: () => Promise.resolve(content),
    write: async (next) => void (content = next),
    keepBroken: () => Promise.resolve('settings.yaml.broken'),
  };
}

function isGate({ entrypoint }: FakeProcess['spec']): boolean {
  return entrypoint.includes('autogit-gate');
}

/** Without the go nothing happens ever; told to leave, the gate ends. */
function untilGo(process: FakeProcess): Promise<void> {
  process.print('autogit: ready\n');
  return new Promise((resolve) => {
    process.onSignal((signal) =>
      signal === 'SIGCONT' ? resolve() : process.exit(signal === 'SIGQUIT' ? 0 : 1),
    );
  });
}

/** The runner's program: asks, works, idles, leaves; SIGQUIT lets it finish. */
async function runProgram(
  process: FakeProcess,
  world: { readonly gitlab: FakeGitlab; readonly clock: Clock; readonly taken: number[] },
  jobMs: number,
  killed: ReadonlySet<string>,
): Promise<void> {
  const { gitlab, clock, taken } = world;
  const token = /token = "([^"]+)"/.exec(process.files[0]?.content ?? '')?.[1] ?? '';
  const systemId = process.files[1]?.content ?? '';
  const idleMs = Number(process.spec.command.at(-1)) * 1_000;
  const quit = new AbortController();
  if (isGate(process.spec)) await untilGo(process);
  process.print('Runtime platform\n');
  process.onSignal((signal) => {
    if (signal === 'SIGQUIT') quit.abort();
    else if (signal !== 'SIGCONT') process.exit(1);
  });
  let freeSince = clock.now();
  while (!quit.signal.aborted && clock.now() - freeSince <= idleMs) {
    const job = killed.has(process.spec.name) ? null : gitlab.take(token, systemId);
    if (job === null) {
      await clock.sleep(askMs, quit.signal);
      continue;
    }
    taken.push(job);
    await clock.sleep(jobMs);
    if (killed.has(process.spec.name)) return;
    gitlab.finish(job);
    freeSince = clock.now();
  }
  process.exit(0);
}

/** A machine and a GitLab, and a home that no core has used yet. */
export function createWorld(options: WorldOptions = {}): World {
  const clock = new FakeClock();
  const gitlab = new FakeGitlab({ now: () => clock.now() });
  const taken: number[] = [];
  const killed = new Set<string>();
  const onStart = (process: FakeProcess): void => {
    if (/^autogit-(?:arch|emulators)-/.test(process.spec.name)) options.onArch?.(process);
    if (!process.spec.command.includes('run-single') || options.insteadOfRunner?.(process) === true) return;
    runProgram(process, { gitlab, clock, taken }, options.jobMs ?? 10_000, killed).catch((error: unknown) => {
      process.print(String(error));
      process.exit(2);
    });
  };
  const makeEngine: World['makeEngine'] = (engineOptions) =>
    new FakeEngine({ images: [officialRunnerImage], onStart, ...engineOptions });
  const engine = makeEngine(options.engine);
  const pushed: string[] = [];
  const settings = memoryFile(settingsText(options));
  return {
    ...{ clock, gitlab, engine, taken, pushed, settings, makeEngine },
    engines: new FakeEngines().add(engine),
    store: memoryStore(clock),
    secrets: memorySecrets({ 'gitlab.token': 'glpat-known' }),
    host: fakeHost((url) => pushed.push(url)),
    stack: fakeStackAdapters(options.templates),
    configure: (next) => settings.write(settingsText(next)),
    kill: (name, code = 137) => {
      killed.add(name);
      engine.exit(name, code);
    },
  };
}

export interface OpenLab {
  readonly lab: Lab;
  readonly call: Dispatch['call'];
  readonly stream: Dispatch['stream'];
  readonly logged: readonly LogRecord[];
  snapshot(): Snapshot;
  /** Moves time on until the condition holds. Throws when it does not within `ms`. */
  until(what: string, holds: (snapshot: Snapshot) => boolean, ms?: number): Promise<void>;
}

/** A core over the world, with its first look taken. `clock` and `engine`: other than the world's own. */
export async function openLab(
  world: World,
  options: {
    readonly act?: boolean;
    readonly engine?: Engine;
    readonly clock?: Clock;
    readonly machine?: FakeMachine;
    /** In place of one of `machine`. */
    readonly probe?: Probe;
  } = {},
): Promise<OpenLab> {
  const { engine, clock = world.clock, act = true } = options;
  const engines = engine === undefined ? world.engines : new FakeEngines().add(engine);
  const logged: LogRecord[] = [];
  const lab = createLab({
    probe: options.probe ?? fakeProbe(options.machine ?? {}),
    ...{ store: world.store, secrets: world.secrets, host: world.host, clock, log: recordedLog(logged), act },
    engines,
    connectGitlab: () => world.gitlab,
    connectGitlabAdmin: world.stack.gitlab.connect,
    readCertificate: () => Promise.resolve('a root certificate'),
    settings: await openSettingsAccess(world.settings),
    ...{ sandboxImage, home: '/home/somebody/autogit', pid: 1, stack: world.stack },
  });
  const starting = lab.start();
  await world.clock.advance(5_000);
  await starting;
  const { call, stream } = createDispatch(lab.requests('cli'));
  const snapshot = (): Snapshot => lab.live.current();
  return {
    ...{ lab, call, stream, logged, snapshot },
    until: async (what, holds, ms = 60_000) => {
      if (await world.clock.until(() => holds(snapshot()), ms)) return;
      throw new Error(`not within ${ms} ms: ${what}; ${JSON.stringify(snapshot(), null, 1)}`);
    },
  };
}

/** Ends the core; what it waits for is given time. */
export async function closeLab(world: World, { lab }: OpenLab): Promise<void> {
  const stopping = lab.stop();
  await world.clock.advance(100);
  await stopping;
}
