// Keeps the newest view of one engine: its events say when to look, a slow resync makes it right.
import { AutoGitError, problemOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { tooOld } from '../model/engine.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { GpuBearer } from '../model/gpu.ts';
import { isSigned, label, labelOf } from '../model/labels.ts';
import type { Container, ContainerRole } from '../model/runner.ts';
import type { EngineView, Seen } from '../model/world.ts';
import { cacheVolumes, isOfGateway, jobObjects } from './job-objects.ts';
import type { Clock, Engine, EngineEvent, LabelledContainer, LabelledObject, Secrets } from '../ports.ts';

/** Looks again after this long even when no event came. */
const resyncMs = 15_000;
/** The same while there is no runner, whose end could be missed. */
const restMs = 30_000;
/** While the engine does not answer. */
const retryMs = 2_000;
/** Events within this time are answered by one look. */
const gatherMs = 40;
/** Waiting times before the event stream is opened again. */
const reconnectMs: readonly number[] = [250, 500, 1_000, 2_000, 5_000];

export interface EngineWatch {
  current(): Seen<EngineView>;
  /** Look as soon as possible. */
  refresh(): void;
  stop(): Promise<void>;
}

export interface EngineWatchOptions {
  readonly engine: Engine;
  readonly node: string;
  readonly instance: string;
  readonly secrets: Pick<Secrets, 'sign'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Images to look for besides our own. */
  readonly images: () => readonly string[];
  /** Networks to look for besides our own. Missing: none. */
  readonly networks?: () => readonly string[];
  readonly onChange: () => void;
  /** The kernel has ended something for want of memory, in this container of ours or beside it for its jobs. */
  readonly onOutOfMemory?: (container: string) => void;
}

/** Whether an object's labels are ours: of this home, and signed by it. */
export function isOurs(object: LabelledObject, instance: string, secrets: Pick<Secrets, 'sign'>): boolean {
  return isSigned(object.name, object.labels, instance, (text) => secrets.sign(text));
}

function roleOf(labels: Readonly<Record<string, string>>): ContainerRole | null {
  const role = labelOf(labels, 'role');
  return role === 'runner' || role === 'sandbox' || role === 'gateway' || role === 'arch' ? role : null;
}

/** A container of ours in the model's words; nothing for one whose labels say no role that we know. */
function toContainer(found: LabelledContainer, node: string): readonly Container[] {
  const { labels, ...rest } = found;
  const role = roleOf(labels);
  if (role === null) return [];
  const gpu = labelOf(labels, 'gpu');
  return [
    {
      ...rest,
      ...{ node, role, pool: labelOf(labels, 'pool') ?? null, specHash: labels[label.spec] ?? '' },
      ...(gpu === undefined ? {} : { gpu }),
      ...(labelOf(labels, 'grant') === undefined ? {} : ({ needsGateway: true } as const)),
    },
  ];
}

/** A runner of ours that has graphics cards, or a container of its job, which the gateway has signed. */
function toBearer(found: LabelledContainer, options: EngineWatchOptions): readonly GpuBearer[] {
  const { id, name, state, labels } = found;
  const { instance, secrets } = options;
  const cards = labelOf(labels, 'gpu');
  if (cards === undefined) return [];
  if (isOurs(found, instance, secrets)) return [{ id, holder: name, state, label: cards }];
  const runner = labelOf(labels, 'runner');
  return runner !== undefined && isOfGateway(found, instance, secrets)
    ? [{ id, holder: runner, state, label: cards }]
    : [];
}

type Ground = Omit<EngineView, keyof Inhabitants>;
type Inhabitants = Pick<EngineView, 'containers' | 'gpuBearers' | 'jobContainers'>;

/** Containers change all the time: they alone are listed when only they had news. */
async function lookAtContainers(options: EngineWatchOptions): Promise<Inhabitants> {
  const { engine, instance, secrets, node } = options;
  const found = await engine.listContainers({ [label.managed]: 'true', [label.instance]: instance });
  return {
    containers: found
      .filter((container) => isOurs(container, instance, secrets))
      .flatMap((container) => toContainer(container, node)),
    gpuBearers: found.flatMap((container) => toBearer(container, options)),
    jobContainers: jobObjects(found, instance, secrets),
  };
}

/** An engine that is too old counts as one that does not answer: nothing is planned on it. */
async function infoOf(engine: Engine): Promise<EngineInfo> {
  const info = await engine.info();
  const problem = tooOld(info);
  if (problem !== null) throw new AutoGitError(problem);
  return info;
}

async function lookAtGround(options: EngineWatchOptions): Promise<Ground> {
  const { engine, instance, secrets } = options;
  const labels = { [label.managed]: 'true', [label.instance]: instance };
  const others = options.networks?.() ?? [];
  const [info, networks, volumes, homes, all] = await Promise.all([
    infoOf(engine),
    engine.listNetworks(labels),
    engine.listVolumes(labels),
    engine.listImages({ [label.managed]: 'true' }),
    others.length === 0 ? [] : engine.listNetworks({}),
  ]);
  const listed = new Set(homes.map((image) => image.name));
  const wanted = await Promise.all(
    options
      .images()
      .map(async (image) => (listed.has(image) || (await engine.hasImage(image)) ? [image] : [])),
  );
  // Homes share an image of the same content; one of another content is the business of the home that made it.
  const own = homes.filter((image) => image.labels[label.instance] === instance).map(({ name }) => name);
  const oursByName = (found: readonly LabelledObject[]): readonly string[] =>
    found.filter((object) => isOurs(object, instance, secrets)).map(({ name }) => name);
  return {
    info,
    networks: [...oursByName(networks), ...others.filter((other) => all.some(({ name }) => name === other))],
    volumes: oursByName(volumes),
    jobPlaces: jobObjects([...networks, ...volumes], instance, secrets),
    caches: cacheVolumes(volumes, instance, secrets),
    images: [...new Set([...own, ...wanted.flat()])],
  };
}

/** Names of everything of a home on one engine, its jobs' things and caches included, asked now. */
export async function listObjects(
  engine: Engine,
  instance: string,
  secrets: Pick<Secrets, 'sign'>,
): Promise<{
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}> {
  const labels = { [label.managed]: 'true', [label.instance]: instance };
  const found = await Promise.all([
    engine.listContainers(labels),
    engine.listNetworks(labels),
    engine.listVolumes(labels),
  ]);
  const [containers, networks, volumes] = found.map((objects) =>
    objects
      .filter((object) => isOurs(object, instance, secrets) || isOfGateway(object, instance, secrets))
      .map(({ name }) => name),
  );
  return { containers: containers ?? [], networks: networks ?? [], volumes: volumes ?? [] };
}

/** What changes a container in our view, in Docker's words; checks of its health and commands in it do not. */
const changes: readonly string[] = [
  ...['create', 'start', 'die', 'destroy', 'stop', 'kill'],
  ...['pause', 'unpause', 'rename', 'oom', 'remove'],
];

/** Whether it can be about a container of ours: all of them have names that begin so. */
function isNews({ action, name }: EngineEvent): boolean {
  return changes.includes(action) && (name === undefined || name.startsWith('autogit-'));
}

/** Hears the engine's events until the signal fires, and tells what they are about. */
async function listen(
  { engine, clock, log, onOutOfMemory }: EngineWatchOptions,
  hear: (what: 'containers' | 'all') => void,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 0; !signal.aborted; tries += 1) {
    const opened = clock.monotonic();
    await engine
      .watch((event) => {
        if (event.type !== 'container') hear('all');
        else if (isNews(event)) hear('containers');
        const container = event.runner ?? event.name;
        if (event.action === 'oom' && container !== undefined) onOutOfMemory?.(container);
      }, signal)
      .catch((error: unknown) => log.warn('the event stream broke', { error }));
    if (clock.monotonic() - opened > 10_000) tries = 0;
    hear('all');
    await clock.sleep(reconnectMs[Math.min(tries, reconnectMs.length - 1)] ?? 0, signal);
  }
}

function resyncAfter({ containers, jobContainers = [] }: EngineView): number {
  const isRest = jobContainers.length === 0 && containers.every(({ role }) => role !== 'runner');
  return isRest ? restMs : resyncMs;
}

/** Starts watching. The first look is under way when this returns. */
export function watchEngine(options: EngineWatchOptions): EngineWatch {
  const { clock, log, onChange } = options;
  const stopping = new AbortController();
  let seen: Seen<EngineView> = { state: 'never' };
  let news: 'none' | 'containers' | 'all' = 'all';
  let groundAt = 0;
  let wake = new AbortController();
  const isStopping = (): boolean => stopping.signal.aborted;
  // An engine may take long to answer: nobody waits for that in order to end.
  const { promise: stopped, resolve: stop } = Promise.withResolvers<undefined>();

  const hear = (what: 'containers' | 'all'): void => {
    if (news !== 'all') news = what;
    wake.abort();
  };
  const lookOnce = async (what: 'containers' | 'all'): Promise<void> => {
    const at = clock.now();
    try {
      // Containers that never rest must not keep the rest from being looked at.
      const groundIsKnown = what === 'containers' && clock.monotonic() - groundAt < resyncMs;
      const ground = groundIsKnown && seen.state === 'fresh' ? seen.value : await lookAtGround(options);
      if (!groundIsKnown) groundAt = clock.monotonic();
      const inhabitants = await lookAtContainers(options);
      if (isStopping()) return;
      seen = { state: 'fresh', at, value: { ...ground, ...inhabitants } };
    } catch (error) {
      if (isStopping()) return;
      seen = afterFailure(seen, at, error);
      log.warn('looking at the engine failed', { error });
    }
    onChange();
  };
  const lookLoop = async (): Promise<void> => {
    while (!isStopping()) {
      const wait = seen.state === 'fresh' ? resyncAfter(seen.value) : retryMs;
      if (news === 'none') await clock.sleep(wait, AbortSignal.any([wake.signal, stopping.signal]));
      if (seen.state !== 'never') await clock.sleep(gatherMs, stopping.signal);
      const what = news === 'containers' ? 'containers' : 'all';
      news = 'none';
      wake = new AbortController();
      if (!isStopping()) await Promise.race([lookOnce(what), stopped]);
    }
  };
  const loops = Promise.all([lookLoop(), listen(options, hear, stopping.signal)]);
  return {
    current: () => seen,
    refresh: () => hear('all'),
    stop: async () => {
      stopping.abort();
      stop(undefined);
      await loops;
    },
  };
}

/** What is known after a look that failed: the last answer goes stale, it does not vanish. */
export function afterFailure<T>(seen: Seen<T>, at: number, error: unknown): Seen<T> {
  const problem = problemOf(error);
  switch (seen.state) {
    case 'fresh':
      return { state: 'stale', at: seen.at, value: seen.value, since: at, error: problem };
    case 'stale':
    case 'failed':
      return { ...seen, error: problem };
    case 'never':
      return { state: 'failed', since: at, error: problem };
  }
}
