// The engine that AutoGit uses: the first by rank that answers, kept while it is away, left only when a person names another.
import { AutoGitError, problemOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { isEligible, isNamed, tooOld } from '../model/engine.ts';
import type { EnginePlace } from '../model/engine.ts';
import type { FormerNode, Problem } from '../model/world.ts';
import { detectBinfmt } from '../detect/detect-emulation.ts';
import { lookAtGpus } from '../detect/look-at-gpus.ts';
import { watchBinfmt } from '../observe/watch-binfmt.ts';
import type { BinfmtWatch } from '../observe/watch-binfmt.ts';
import { watchEngine } from '../observe/watch-engine.ts';
import type { EngineWatch } from '../observe/watch-engine.ts';
import { watchGpus } from '../observe/watch-gpus.ts';
import type { GpuWatch } from '../observe/watch-gpus.ts';
import { lastValue } from '../plan/freshness.ts';
import type { Clock, Engine, Engines, Secrets, Store } from '../ports.ts';
import type { Probe } from '../probe-port.ts';

/** While nothing has answered yet: another engine may come up. Milliseconds. */
const lookAgainMs = 2_000;
/** Between looks at engines that were used before and still have something of ours. Milliseconds. */
const restMs = 30_000;

/** The engine in use. */
export interface NodeInUse {
  /** Our own id: engines' ids are not stable. */
  readonly id: string;
  /** The name of its machine. */
  readonly name: string;
  readonly place: EnginePlace;
  /** What the settings said when it was chosen. */
  readonly setting: string | null;
  readonly engine: Engine;
  readonly watch: EngineWatch;
  readonly gpus: GpuWatch;
  readonly binfmt: BinfmtWatch;
}

export interface EngineInUse {
  /** The first choice is under way when this returns. */
  start(): void;
  stop(): Promise<void>;
  /** `null` before the first choice. */
  current(): NodeInUse | null;
  /** Every engine that this home has used, but the present one. */
  formerNodes(): readonly FormerNode[];
  /** The engine of a node that was in use since the start; what was begun on it can be ended. */
  engineOf(node: string): Engine | null;
  /** The settings may name another one: choose anew, now. */
  reconsider(): void;
}

export interface EngineInUseOptions {
  readonly engines: Engines;
  readonly store: Store;
  readonly secrets: Pick<Secrets, 'sign'>;
  readonly clock: Clock;
  readonly log: Log;
  /** The address in the settings; `null` while these cannot be read: then the present engine stays. */
  readonly wanted: () => { readonly host: string | null } | null;
  /** Images to look for besides our own. */
  readonly images: () => readonly string[];
  /** Networks to look for besides our own. */
  readonly networks: () => readonly string[];
  readonly onChange: () => void;
  readonly probe: Probe;
  /** The kernel has ended something for want of memory, in this container of ours or beside it for its jobs. */
  readonly onOutOfMemory: (container: string) => void;
}

/** Why an engine cannot be used; `null` when it can. */
async function problemAt(engines: Engines, host: string, signal?: AbortSignal): Promise<Problem | null> {
  try {
    return tooOld(await engines.ask(host, signal));
  } catch (error) {
    return problemOf(error);
  }
}

/** Of engines that cannot be used, the one that a person most likely means. */
function likeliest(
  places: readonly EnginePlace[],
  problems: readonly (Problem | null)[],
): EnginePlace | null {
  const isThere = places.find((_, index) => problems[index]?.key !== 'engine.unreachable');
  const usual = places.find(({ sources }) => sources.some(({ kind }) => kind === 'docker'));
  return isThere ?? usual ?? places[0] ?? null;
}

/** What a person has named, also when it does not answer; otherwise the first that can be used. */
export async function choosePlace(
  engines: Engines,
  places: readonly EnginePlace[],
  signal?: AbortSignal,
): Promise<EnginePlace | null> {
  const named = places.find(isNamed);
  if (named !== undefined) return named;
  const eligible = places.filter(isEligible);
  const asked = eligible.map(({ host }) => problemAt(engines, host, signal));
  for (const [index, place] of eligible.entries()) if ((await asked[index]) === null) return place;
  return likeliest(eligible, await Promise.all(asked));
}

async function stopWatching({ watch, gpus, binfmt }: NodeInUse): Promise<void> {
  await Promise.all([watch.stop(), gpus.stop(), binfmt.stop()]);
}

/** Nothing runs before `start`. */
export function createEngineInUse(options: EngineInUseOptions): EngineInUse {
  return new Choice(options);
}

class Choice implements EngineInUse {
  readonly #options: EngineInUseOptions;
  readonly #stopping = new AbortController();
  readonly #used = new Map<string, Engine>();
  /** Of former nodes: whether they answered when they were last asked. */
  readonly #answers = new Map<string, boolean>();
  #node: NodeInUse | null = null;
  #wake = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #leaving: Promise<void> = Promise.resolve();

  constructor(options: EngineInUseOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#loop();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all([this.#leaving, this.#node === null ? undefined : stopWatching(this.#node)]);
  }

  current(): NodeInUse | null {
    return this.#node;
  }

  formerNodes(): readonly FormerNode[] {
    return this.#options.store
      .nodes()
      .filter(({ id }) => id !== this.#node?.id)
      .map(({ id, host }) => ({ id, host, answers: this.#answers.get(id) ?? null }));
  }

  engineOf(node: string): Engine | null {
    return this.#used.get(node) ?? null;
  }

  reconsider(): void {
    this.#wake.abort();
  }

  async #loop(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#stopping.signal.aborted) {
      this.#wake = new AbortController();
      // Who names another engine does not wait for the answers of those that were asked before.
      await this.#lookOnce(AbortSignal.any([this.#wake.signal, this.#stopping.signal]));
      const wait = this.#isCertain() ? restMs : lookAgainMs;
      await clock.sleep(wait, AbortSignal.any([this.#wake.signal, this.#stopping.signal]));
    }
  }

  async #lookOnce(signal: AbortSignal): Promise<void> {
    const { log, onChange } = this.#options;
    try {
      await this.#choose(signal);
      onChange();
      await this.#askFormer(signal);
    } catch (error) {
      log.warn('looking for the container engine failed', { error });
    }
    onChange();
  }

  /** False while nothing that was named and nothing that answers has been found. */
  #isCertain(): boolean {
    return (
      this.#node !== null && (isNamed(this.#node.place) || lastValue(this.#node.watch.current()) !== null)
    );
  }

  /** What to choose by; `null` while the present engine is the one. */
  #sought(): { readonly setting: string | null } | null {
    const wish = this.#options.wanted();
    const isAsWished = this.#node !== null && (wish === null || wish.host === this.#node.setting);
    return isAsWished && this.#isCertain() ? null : { setting: wish?.host ?? null };
  }

  async #choose(signal: AbortSignal): Promise<void> {
    const { engines } = this.#options;
    const sought = this.#sought();
    if (sought === null) return;
    const { setting } = sought;
    const place = await choosePlace(engines, await engines.places(setting), signal);
    if (place === null) return;
    const aliases = await this.#aliasesOf(place);
    // Meanwhile the settings may have changed, or the present engine may have come up and got something to do.
    if (!signal.aborted && this.#sought()?.setting === setting) this.#take(place, setting, aliases);
  }

  /** Nodes under whose addresses this home knew the engine at a place: by a link, or before a link was followed. */
  async #aliasesOf({ identity }: EnginePlace): Promise<ReadonlySet<string>> {
    const { engines, store } = this.#options;
    const others = store.nodes().filter(({ host }) => host !== identity);
    const identities = await Promise.all(others.map(({ host }) => engines.identify(host)));
    return new Set(others.filter((_, index) => identities[index] === identity).map(({ id }) => id));
  }

  #take(place: EnginePlace, setting: string | null, aliases: ReadonlySet<string>): void {
    const { engines, store, log } = this.#options;
    const before = this.#node;
    if (before?.place.identity === place.identity && before.place.host === place.host) {
      this.#node = { ...before, place, setting };
      return;
    }
    const id = store.nodeId(place.identity);
    this.#join(aliases, id);
    const engine = engines.connect(place.host);
    this.#used.set(id, engine);
    log.info('this container engine is used', { host: place.host, before: before?.place.host });
    if (before !== null)
      this.#leaving = Promise.all([this.#leaving, stopWatching(before)]).then(() => undefined);
    const watch = watchEngine({ ...this.#options, engine, node: id, instance: store.instance });
    const ours = (): ReadonlySet<string> =>
      new Set((lastValue(watch.current())?.gpuBearers ?? []).map((bearer) => bearer.id));
    const gpus = watchGpus({
      ...this.#options,
      look: (info, at) => lookAtGpus(this.#options.probe, { node: id, info, at, ours: ours() }),
    });
    const binfmt = watchBinfmt({ ...this.#options, look: () => detectBinfmt(this.#options.probe) });
    this.#node = { id, name: place.machine, place, setting, engine, watch, gpus, binfmt };
  }

  /** What was on an alias is on this node. */
  #join(aliases: ReadonlySet<string>, node: string): void {
    const { store } = this.#options;
    for (const record of store.liveRunners())
      if (aliases.has(record.node)) store.updateRunner(record.id, { node });
    if (aliases.has(store.sandboxNode() ?? '')) store.setSandboxNode(node);
  }

  /** Those that have something of ours: whether they can still be reached, whatever they say. */
  async #askFormer(signal: AbortSignal): Promise<void> {
    const { store, engines } = this.#options;
    const holders = new Set([...store.liveRunners().map((record) => record.node), store.sandboxNode()]);
    const needed = this.formerNodes().filter(({ id }) => holders.has(id));
    const problems = await Promise.all(needed.map(({ host }) => problemAt(engines, host, signal)));
    if (signal.aborted) return;
    for (const [index, { id }] of needed.entries())
      this.#answers.set(id, problems[index]?.key !== 'engine.unreachable');
  }
}

/** None can be asked. */
export function noEngine(): AutoGitError {
  return new AutoGitError({
    key: 'engine.unreachable',
    message: 'No container engine has been found yet.',
    next: 'See which ones there are: autogit engine list',
    retry: true,
  });
}
