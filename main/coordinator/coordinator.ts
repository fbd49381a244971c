// The loop: observe, plan, apply, publish; one pass at a time, woken by news and by the plan's own `wakeAt`.
import { createExecutor } from '../apply/executor.ts';
import type { Executor } from '../apply/executor.ts';
import { secretName } from '../apply/context.ts';
import { AutoGitError } from '../errors.ts';
import type { Log } from '../log.ts';
import { entryPrefix } from '../model/pool.ts';
import type { RequestKind } from '../model/request.ts';
import type { Settings } from '../model/settings.ts';
import type { Action, Desired, GitlabAddress, Instant, Observed, Plan } from '../model/world.ts';
import { listObjects } from '../observe/watch-engine.ts';
import { watchBell } from '../observe/watch-bell.ts';
import type { BellWatch } from '../observe/watch-bell.ts';
import { watchGitlab } from '../observe/watch-gitlab.ts';
import type { GitlabWatch } from '../observe/watch-gitlab.ts';
import { desire, sandboxVolume } from '../plan/desire.ts';
import { freshValue } from '../plan/freshness.ts';
import { gpuPace } from '../plan/gpu-ground.ts';
import { plan } from '../plan/plan.ts';
import { imageOf } from '../plan/plan-runners.ts';
import type {
  Clock,
  ConnectBell,
  ConnectGitlab,
  Engine,
  Engines,
  Gitlab,
  Host,
  Secrets,
  Store,
} from '../ports.ts';
import type { Probe } from '../probe-port.ts';
import { createEngineInUse, noEngine } from './engine-in-use.ts';
import type { EngineInUse, EngineInUseOptions, NodeInUse } from './engine-in-use.ts';
import { addressOf, bellOf, homeWishes, isSameAddress } from './addresses.ts';
import { failuresOf, keepOutOfMemory, recoveredNote } from './failures.ts';
import { createLeaps } from './leaps.ts';
import { createLifetimes } from './lifetimes.ts';
import { asksProcessors, createNodeArchitectures } from './node-architectures.ts';
import type { NodeArchitectures } from './node-architectures.ts';
import { endPause, endPauseOfLastCore, nextPauseEnd } from './pause.ts';

export interface CoordinatorOptions {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly host: Host;
  readonly clock: Clock;
  readonly log: Log;
  readonly engines: Engines;
  readonly probe: Probe;
  /** The engine that the settings name; `null` while they cannot be read. */
  readonly wantedEngine: EngineInUseOptions['wanted'];
  readonly connectGitlab: ConnectGitlab;
  /** The root certificate that the settings name; `null`: none, or not read yet. Missing: none. */
  readonly trusted?: (gitlab: Settings['gitlab']) => string | null;
  /** Missing: the queue is only read now and then. */
  readonly connectBell?: ConnectBell | undefined;
  readonly settings: () => Settings;
  readonly sandboxImage: string;
  /** False: only observe; nothing is changed. */
  readonly mayAct: () => boolean;
  readonly onPass: (pass: Pass) => void;
  /** GitLab's queue was read and is as it was, which takes no pass. */
  readonly onReadAgain: (at: Instant) => void;
  /** A pass could not be made, e.g. because the database cannot be read. */
  readonly onFailure: (error: unknown) => void;
}

/** What one pass saw and decided. */
export interface Pass {
  readonly desired: Desired;
  readonly observed: Observed;
  readonly plan: Plan;
  readonly now: Instant;
}

export interface Coordinator {
  start(): void;
  /** Ends the loop after the actions under way; runners are left to be adopted. */
  stop(): Promise<void>;
  /** Plans again soon: settings or requests have changed. */
  wake(): void;
  /** The settings may name another engine. */
  reconsider(): void;
  /** The engine in use; `null` before the first was chosen. */
  node(): NodeInUse | null;
  /** Looks at engine and queue now. */
  refresh(): void;
  readonly executor: Executor;
  readonly architectures: NodeArchitectures;
  /** What would be seen and planned now; nothing is done. */
  look(): Pass;
  /** Names of everything of this home on its engines, as of a look made now. */
  objects(): Promise<{ containers: string[]; networks: string[]; volumes: string[] }>;
  /** The GitLab in use. Throws `gitlab.not-connected`. */
  gitlab(): Gitlab;
  /** The plan for other wishes than the present ones, for `--dry-run`. */
  whatIf(settings: Settings, requests: readonly RequestKind[]): Plan;
}

interface Connection {
  readonly address: GitlabAddress;
  readonly token: string;
  readonly gitlab: Gitlab;
  readonly watch: GitlabWatch;
}

/** Without news there is a pass all the same. Milliseconds. */
const longestWaitMs = 60_000;
/** After a pass that failed. Milliseconds. */
const retryMs = 2_000;
/** Passes that follow each other closer than this are joined, in milliseconds. */
const gatherMs = 10;

/** Makes the loop; nothing runs before `start`. */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
  return new Loop(options);
}

class Loop implements Coordinator {
  readonly executor: Executor;
  readonly architectures: NodeArchitectures;
  readonly #options: CoordinatorOptions;
  readonly #stopping = new AbortController();
  readonly #engines: EngineInUse;
  #connection: Connection | null = null;
  readonly #bell: BellWatch | null;
  readonly #lifetimes: ReturnType<typeof createLifetimes>;
  readonly #leaps: ReturnType<typeof createLeaps>;
  #hasRunners = false;
  #wake = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    this.#lifetimes = createLifetimes(options.clock);
    this.#leaps = createLeaps(options.clock);
    this.architectures = createNodeArchitectures(options.store, options.clock.now());
    const { store, secrets, host, clock, log, engines, wantedEngine, probe } = options;
    this.#engines = createEngineInUse({
      ...{ engines, store, secrets, clock, log: log.topic('engine'), wanted: wantedEngine, probe },
      images: () => this.#images(),
      networks: () => [this.#desired().stackNetwork].filter((name) => name !== undefined),
      onChange: () => this.wake(),
      onOutOfMemory: (container) => keepOutOfMemory(container, options),
    });
    const { connectBell } = options;
    const onRing = (): void => this.#connection?.watch.refresh();
    this.#bell =
      connectBell === undefined ? null : watchBell({ connectBell, clock, log: log.topic('bell'), onRing });
    this.executor = createExecutor(
      {
        store,
        secrets,
        host,
        clock,
        log: log.topic('apply'),
        instance: store.instance,
        engine: (node) => this.#engine(node),
        gitlab: () => this.gitlab(),
        gitlabKey: () => this.#connection?.address.runnerUrl ?? '',
      },
      (action) => this.#ended(action),
    );
  }

  start(): void {
    if (this.#options.mayAct()) endPauseOfLastCore(this.#options.store);
    this.#engines.start();
    this.#running = this.#loop();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all([
      this.executor.stop(),
      this.#connection?.watch.stop(),
      this.#bell?.stop(),
      this.#engines.stop(),
    ]);
  }

  wake(): void {
    this.#wake.abort();
  }

  reconsider(): void {
    this.#engines.reconsider();
    this.wake();
  }

  node(): NodeInUse | null {
    return this.#engines.current();
  }

  refresh(): void {
    this.node()?.watch.refresh();
    this.#connection?.watch.refresh();
    this.wake();
  }

  gitlab(): Gitlab {
    if (this.#connection !== null) return this.#connection.gitlab;
    throw new AutoGitError({
      key: 'gitlab.not-connected',
      message: 'No GitLab is connected.',
      next: 'Start the sandbox with: autogit sandbox start. Or set the address of a GitLab in settings.yaml.',
      retry: true,
    });
  }

  whatIf(settings: Settings, requests: readonly RequestKind[]): Plan {
    const desired = this.#desired(settings, requests);
    return plan(desired, this.#observe(desired), this.#options.clock.now());
  }

  async #loop(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#stopping.signal.aborted) {
      this.#wake = new AbortController();
      const wait = Math.max(0, this.#passOrRetry() - clock.now());
      await clock.sleep(
        Math.min(wait, longestWaitMs),
        AbortSignal.any([this.#wake.signal, this.#stopping.signal]),
      );
      await clock.sleep(gatherMs, this.#stopping.signal);
    }
  }

  /** One pass; gives the time of the next. A disk that fails must not end the loop: it may come back. */
  #passOrRetry(): Instant {
    const { clock, log, onFailure, store } = this.#options;
    try {
      const wakeAt = this.#pass().plan.wakeAt ?? clock.now() + longestWaitMs;
      return Math.min(wakeAt, nextPauseEnd(store, clock) ?? Infinity);
    } catch (error) {
      log.error('a pass failed and is tried again', { error });
      onFailure(error);
      return clock.now() + retryMs;
    }
  }

  #pass(): Pass {
    this.#connect();
    this.#bell?.listen(bellOf(this.#connection, this.#nodes(), this.#options));
    if (this.#options.mayAct()) {
      this.#rememberSandbox();
      endPause(this.#options.store, this.#options.clock);
    }
    const before = this.look();
    this.#hasRunners = before.observed.records.length > 0;
    const engine = before.observed.nodes.find(({ id }) => id === this.node()?.id)?.engine;
    const info = engine === undefined ? null : (freshValue(engine)?.info ?? null);
    this.node()?.gpus.attend(gpuPace(before.desired, before.observed), info);
    this.node()?.binfmt.attend(asksProcessors(before.desired), info?.isHere ?? null);
    const { actions } = before.plan;
    const acts = this.#options.mayAct() && actions.length > 0;
    this.executor.replaceQueue(acts ? actions : []);
    const pass = acts ? { ...before, observed: this.#observe(before.desired) } : before;
    this.#options.onPass(pass);
    return pass;
  }

  look(): Pass {
    const now = this.#options.clock.now();
    const desired = this.#desired();
    const observed = this.#observe(desired);
    return { desired, observed, plan: plan(desired, observed, now), now };
  }

  async objects(): Promise<{ containers: string[]; networks: string[]; volumes: string[] }> {
    const { store, secrets } = this.#options;
    const { engine } = this.node() ?? {};
    if (engine === undefined) throw noEngine();
    const { containers, networks, volumes } = await listObjects(engine, store.instance, secrets);
    return { containers: [...containers], networks: [...networks], volumes: [...volumes] };
  }

  #desired(
    settings = this.#options.settings(),
    requests: readonly RequestKind[] = this.#options.store.openRequests().map(({ kind }) => kind),
  ): Desired {
    const { sandboxImage } = this.#options;
    return desire({ settings, requests, sandboxImage, ...homeWishes(settings, this.#options) });
  }

  #observe(desired: Desired): Observed {
    const { store, clock } = this.#options;
    const now = clock.now();
    const node = this.node();
    const records = store.liveRunners();
    return {
      nodes: this.#nodes(),
      formerNodes: this.#engines.formerNodes(),
      sandboxNode: store.sandboxNode(),
      gitlab: this.#connection?.watch.queue() ?? { state: 'never' },
      address: this.#connection?.address ?? null,
      entries: store.entries(),
      entriesAtGitlab: this.#connection?.watch.entries() ?? { state: 'never' },
      records,
      lived: this.#lifetimes(records),
      leaptAt: this.#leaps(),
      failures: desired.pools.flatMap(({ name }) => {
        const since = store.noteOf(recoveredNote(name)) ?? -Infinity;
        return failuresOf(name, node?.id ?? null, store, now, since) ?? [];
      }),
      proofs: store.proofs(),
      archRenewal: this.architectures.renewal(node?.id ?? null),
      inFlight: this.executor.inFlight((action, endedAt) => this.#isVisible(action, endedAt)),
      backoff: this.executor.backoff((action) => !('node' in action) || action.node === node?.id),
    };
  }

  /** Whether the newest look at an ended action's engine began after its end. */
  #isVisible(action: Action, endedAt: Instant): boolean {
    if (!('node' in action)) return true;
    const node = this.node();
    const seen = node?.id === action.node ? node.watch.current() : undefined;
    return seen?.state !== 'fresh' || seen.at > endedAt;
  }

  #engine(node: string): Engine {
    const found = this.#engines.engineOf(node);
    if (found !== null) return found;
    throw new AutoGitError({
      key: 'engine.unknown-node',
      message: `No engine is known for node ${node}.`,
      next: 'It belongs to another engine than the one in use: go back to that one with autogit engine use.',
      fields: { node },
    });
  }

  #ended(action: Action): void {
    if (action.kind === 'write-entry' || action.kind === 'remove-entry')
      this.#connection?.watch.invalidateEntries();
    if (action.kind.endsWith('-emulator')) this.architectures.look(this.node());
    this.node()?.watch.refresh();
    this.wake();
  }

  /** Whoever sees the sandbox's data knows where it is, also after the engine has got another address. */
  #rememberSandbox(): void {
    const { store } = this.#options;
    const volume = sandboxVolume(store.instance);
    const holder = this.#nodes().find(({ engine }) => freshValue(engine)?.volumes.includes(volume));
    if (holder !== undefined && holder.id !== store.sandboxNode()) store.setSandboxNode(holder.id);
  }

  #nodes(): Observed['nodes'] {
    const node = this.node();
    if (node === null) return [];
    const { id, name, watch, gpus } = node;
    const architectures = this.architectures.of(node);
    return [{ id, name, engine: watch.current(), gpus: gpus.current(), architectures }];
  }

  #images(): readonly string[] {
    const { settings, sandboxImage } = this.#options;
    const desired = this.#desired();
    const wanted = settings().pools.map((pool) => imageOf(pool, desired));
    const ahead = settings().pools.flatMap(({ prePull }) => prePull);
    return [...new Set([...wanted, ...ahead, sandboxImage, desired.runnerImage])];
  }

  /** Keeps the connection in step with address and token. */
  #connect(): void {
    const { settings, secrets, connectGitlab, store, clock, log } = this.#options;
    const { gitlab: wanted } = settings();
    const address = addressOf(settings(), this.#nodes(), this.#options.trusted?.(wanted) ?? null);
    const name = wanted.kind === 'sandbox' ? secretName.sandboxRootToken : secretName.gitlabToken;
    const token = secrets.get(name);
    const known = this.#connection;
    if (known !== null && known.token === token && isSameAddress(known.address, address)) return;
    this.#connection?.watch.stop().catch((error: unknown) => {
      log.warn('the old connection did not end well', { error });
    });
    this.#connection = null;
    if (address === null || token === null) return;
    if (store.entries().some((entry) => entry.gitlabUrl !== address.runnerUrl)) {
      log.warn('another GitLab than before: what was known of the old one is forgotten', {
        url: address.url,
      });
      store.forgetGitlab();
    }
    const gitlab = connectGitlab(address, token);
    const watch = watchGitlab({
      gitlab,
      store,
      clock,
      log: log.topic('gitlab'),
      entryPrefix: entryPrefix(store.instance),
      isActive: () => this.#hasRunners,
      asksProtection: () => settings().pools.some(({ protectedOnly }) => protectedOnly),
      onChange: () => this.wake(),
      onSame: this.#options.onReadAgain,
    });
    this.#connection = { address, token, gitlab, watch };
  }
}
