// An engine in memory: containers are records, and a hook stands for the programs that run in them.
import { finished } from 'node:stream/promises';
import type { AutoGitError } from '../../main/errors.ts';
import type { EngineInfo } from '../../main/model/engine.ts';
import { label } from '../../main/model/labels.ts';
import type {
  ContainerFile,
  ContainerSpec,
  ContainerStats,
  Engine,
  EngineEventListener,
  LabelledContainer,
  LabelledObject,
  PullProgress,
} from '../../main/ports.ts';
import { carries, failure, select, signalNumber, viewOf } from './fake-containers.ts';
import type { FakeContainer, Labels } from './fake-containers.ts';
import { someInfo } from './some-engine.ts';

/** A method of the port, to make it fail or hang. */
export type EngineMethod = Exclude<keyof Engine, 'host'>;

/** The program of a container that was started, in the hands of a test. */
export interface FakeProcess {
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly files: readonly ContainerFile[];
  readonly print: (text: string) => void;
  /** Ends the container; does nothing once it has ended. */
  readonly exit: (code: number) => void;
  /** Without a listener every signal ends the program, except SIGCONT; SIGKILL always does. */
  readonly onSignal: (listener: (signal: string) => void) => void;
}

export interface FakeEngineOptions {
  /** Its address. */
  readonly host?: string;
  readonly info?: Partial<EngineInfo>;
  /** Images that are there from the beginning. */
  readonly images?: readonly string[];
  /** Images that a pull finds. */
  readonly registry?: readonly string[];
  /** Runs when a container starts; without it containers run until they are told to end. */
  readonly onStart?: (process: FakeProcess) => void;
}

/** Always the same for the same name. */
function subnetOf(name: string): string {
  const sum = Buffer.from(name).reduce((before, byte) => (before * 31 + byte) % 1_024, 7);
  return `10.${100 + (sum % 100)}.0.0/16`;
}

interface Watcher {
  readonly onEvent: EngineEventListener;
  readonly lose: (error: AutoGitError) => void;
}

/** The port's in-memory twin; `tests/engine/port-suite.ts` holds it to what real engines do. */
export class FakeEngine implements Engine {
  readonly host: string;
  /** Every call so far, oldest first, with the name or id it was about. */
  readonly calls: { readonly method: EngineMethod; readonly subject: string }[] = [];
  readonly #options: FakeEngineOptions;
  readonly #containers = new Map<string, FakeContainer>();
  readonly #networks = new Map<string, Labels>();
  readonly #volumes = new Map<string, Labels>();
  readonly #images = new Map<string, Labels>();
  readonly #watchers = new Set<Watcher>();
  readonly #failures: { readonly method: EngineMethod; readonly error: Error }[] = [];
  readonly #hanging = new Map<EngineMethod, Promise<void>>();
  #serial = 0;
  #isAway = false;

  constructor(options: FakeEngineOptions = {}) {
    this.#options = options;
    this.host = options.host ?? 'fake://engine';
    for (const image of options.images ?? []) this.#images.set(image, {});
  }

  /** Ends a running container as its own program would. */
  exit(name: string, code: number): void {
    this.#end(this.#get(name), code);
  }

  /** The kernel ends something in it for want of memory. `silently`: the engine tells it only when it is asked. */
  outOfMemory(name: string, silently = false): void {
    const container = this.#get(name);
    container.outOfMemory = true;
    if (silently) return;
    const told = { type: 'container', action: 'oom', id: container.id, name };
    for (const { onEvent } of this.#watchers) onEvent(told);
  }

  /** What a running container is measured to use from now on. */
  use(name: string, use: { readonly cpuNanos: number; readonly memoryBytes: number }): void {
    this.#get(name).use = use;
  }

  /** The next call of the method rejects with this error and does nothing. */
  failNext(method: EngineMethod, error: Error): void {
    this.#failures.push({ method, error });
  }

  /** Calls of the method wait, before they do anything, until the returned function is called. */
  hang(method: EngineMethod): () => void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#hanging.set(method, promise);
    return () => {
      this.#hanging.delete(method);
      resolve(undefined);
    };
  }

  /** While it is away, everything is refused; what runs goes on. */
  setAway(isAway: boolean): void {
    this.#isAway = isAway;
    if (isAway) this.breakEvents();
  }

  /** Every `watch` rejects, as when the engine restarts. */
  breakEvents(): void {
    for (const watcher of this.#watchers) watcher.lose(failure('engine.unreachable', 'the events broke off'));
  }

  /** What was put into a container before and after its start. */
  filesOf(name: string): readonly ContainerFile[] {
    return this.#get(name).files;
  }

  async info(): Promise<EngineInfo> {
    await this.#enter('info', '');
    return someInfo({ host: this.host, disk: null, ...this.#options.info });
  }

  async listContainers(labels: Labels): Promise<readonly LabelledContainer[]> {
    await this.#enter('listContainers', '');
    return [...this.#containers.values()]
      .map(viewOf)
      .filter((container) => carries(container.labels, labels));
  }

  async listNetworks(labels: Labels): Promise<readonly LabelledObject[]> {
    await this.#enter('listNetworks', '');
    return select(this.#networks, labels).map((network) => ({
      ...network,
      subnets: [subnetOf(network.name)],
    }));
  }

  async listNames(network: string): Promise<Readonly<Record<string, readonly string[]>>> {
    await this.#enter('listNames', network);
    const others = [...this.#containers.values()].filter(
      ({ state, spec }) =>
        state === 'running' && spec.network === network && spec.labels[label.managed] === undefined,
    );
    return Object.fromEntries(others.map(({ spec }) => [spec.name, spec.aliases]));
  }

  async listVolumes(labels: Labels): Promise<readonly LabelledObject[]> {
    await this.#enter('listVolumes', '');
    return select(this.#volumes, labels);
  }

  async listImages(labels: Labels): Promise<readonly LabelledObject[]> {
    await this.#enter('listImages', '');
    return select(this.#images, labels);
  }

  async inspectContainer(id: string): Promise<LabelledContainer | null> {
    await this.#enter('inspectContainer', id);
    const container = this.#find(id);
    if (container === null) return null;
    return { ...viewOf(container), ...(container.outOfMemory ? { outOfMemory: true } : {}) };
  }

  async createContainer(spec: ContainerSpec): Promise<string> {
    await this.#enter('createContainer', spec.name);
    if (this.#find(spec.name)) throw failure('engine.name-taken', `the name ${spec.name} is in use`);
    if (!this.#images.has(spec.image)) throw failure('engine.image-missing', `no such image: ${spec.image}`);
    this.#serial += 1;
    const id = this.#serial.toString(16).padStart(64, '0');
    const container: FakeContainer = {
      ...{ id, spec, state: 'created', exitCode: null, files: [], ports: {}, log: '' },
      ...{ onSignal: null, waiting: [], outOfMemory: false, use: null },
    };
    this.#containers.set(id, container);
    const unknown = Object.keys(spec.volumes).filter((volume) => !this.#volumes.has(volume));
    for (const volume of unknown) this.#volumes.set(volume, {});
    this.#emit('container', 'create', id);
    return id;
  }

  async putFiles(id: string, files: readonly ContainerFile[]): Promise<void> {
    await this.#enter('putFiles', id);
    const container = this.#get(id);
    const paths = files.map((file) => file.path);
    container.files = [...container.files.filter((file) => !paths.includes(file.path)), ...files];
  }

  async startContainer(id: string): Promise<void> {
    await this.#enter('startContainer', id);
    const container = this.#get(id);
    if (container.state === 'running') return;
    const { network } = container.spec;
    if (network !== 'none' && !this.#networks.has(network)) {
      throw failure('engine.refused', `network ${network} not found`);
    }
    container.state = 'running';
    container.exitCode = null;
    container.onSignal = null;
    container.ports = Object.fromEntries(
      container.spec.publish.map((port, index) => [
        port,
        40_000 + Number.parseInt(container.id, 16) * 8 + index,
      ]),
    );
    this.#emit('container', 'start', container.id);
    this.#options.onStart?.({
      id: container.id,
      spec: container.spec,
      files: container.files,
      print: (text) => {
        container.log += text;
      },
      exit: (code) => this.#end(container, code),
      onSignal: (listener) => {
        container.onSignal = listener;
      },
    });
  }

  async signalContainer(id: string, signal: string): Promise<void> {
    await this.#enter('signalContainer', id);
    this.#signal(this.#find(id), signal);
  }

  async stopContainer(id: string, seconds: number): Promise<void> {
    await this.#enter('stopContainer', id);
    const container = this.#find(id);
    if (container?.state !== 'running') return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    container.waiting.push(() => resolve(undefined));
    const timer = setTimeout(() => this.#signal(container, 'SIGKILL'), seconds * 1000);
    this.#signal(container, container.spec.stopSignal);
    await promise;
    clearTimeout(timer);
  }

  async removeContainer(id: string, { force }: { readonly force: boolean }): Promise<void> {
    await this.#enter('removeContainer', id);
    const container = this.#find(id);
    if (container === null) return;
    if (container.state === 'running' && !force) throw failure('engine.refused', 'the container is running');
    this.#signal(container, 'SIGKILL');
    this.#containers.delete(container.id);
    this.#emit('container', 'destroy', container.id);
  }

  async stats(id: string): Promise<ContainerStats> {
    await this.#enter('stats', id);
    const { state, spec, use } = this.#get(id);
    const running = state === 'running';
    return {
      cpuNanos: running ? (use?.cpuNanos ?? 10_000_000) : 0,
      memoryBytes: running ? (use?.memoryBytes ?? 1024 ** 2) : 0,
      memoryLimitBytes: running && spec.memoryMiB !== null ? spec.memoryMiB * 1024 ** 2 : null,
    };
  }

  async containerLog(id: string, lines: number): Promise<string> {
    await this.#enter('containerLog', id);
    const printed = this.#get(id).log.split(/(?<=\n)/);
    return printed.slice(Math.max(0, printed.length - lines)).join('');
  }

  async createNetwork(name: string, labels: Labels): Promise<void> {
    await this.#enter('createNetwork', name);
    if (this.#networks.has(name)) return;
    this.#networks.set(name, labels);
    this.#emit('network', 'create', name);
  }

  async removeNetwork(name: string): Promise<void> {
    await this.#enter('removeNetwork', name);
    this.#refuseInUse(name, ({ state, spec }) => state === 'running' && spec.network === name);
    if (this.#networks.delete(name)) this.#emit('network', 'destroy', name);
  }

  async createVolume(name: string, labels: Labels): Promise<void> {
    await this.#enter('createVolume', name);
    if (this.#volumes.has(name)) return;
    this.#volumes.set(name, labels);
    this.#emit('volume', 'create', name);
  }

  async removeVolume(name: string): Promise<void> {
    await this.#enter('removeVolume', name);
    this.#refuseInUse(name, ({ spec }) => Object.hasOwn(spec.volumes, name));
    if (this.#volumes.delete(name)) this.#emit('volume', 'destroy', name);
  }

  async hasImage(reference: string): Promise<boolean> {
    await this.#enter('hasImage', reference);
    return this.#images.has(reference);
  }

  async importImage(
    reference: string,
    rootfs: NodeJS.ReadableStream,
    options: { readonly env: Labels; readonly labels: Labels },
  ): Promise<void> {
    await this.#enter('importImage', reference);
    await finished(rootfs.resume());
    this.#images.set(reference, options.labels);
    this.#emit('image', 'import', reference);
  }

  async pullImage(reference: string, onProgress: (progress: PullProgress) => void): Promise<void> {
    await this.#enter('pullImage', reference);
    if (this.#options.registry?.includes(reference) !== true) {
      throw failure('engine.image-missing', `manifest unknown: ${reference}`);
    }
    onProgress({ current: 0, total: 1024, status: 'Downloading' });
    onProgress({ current: 1024, total: 1024, status: 'Pull complete' });
    this.#images.set(reference, {});
    this.#emit('image', 'pull', reference);
  }

  async removeImage(reference: string): Promise<void> {
    await this.#enter('removeImage', reference);
    this.#refuseInUse(reference, ({ spec }) => spec.image === reference);
    if (this.#images.delete(reference)) this.#emit('image', 'delete', reference);
  }

  async watch(onEvent: EngineEventListener, signal: AbortSignal): Promise<void> {
    await this.#enter('watch', '');
    if (signal.aborted) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const watcher: Watcher = { onEvent, lose: reject };
    const stop = (): void => resolve(undefined);
    this.#watchers.add(watcher);
    signal.addEventListener('abort', stop, { once: true });
    try {
      await promise;
    } finally {
      this.#watchers.delete(watcher);
      signal.removeEventListener('abort', stop);
    }
  }

  async #enter(method: EngineMethod, subject: string): Promise<void> {
    this.calls.push({ method, subject });
    await this.#hanging.get(method);
    if (this.#isAway) throw failure('engine.unreachable', `${this.host} is away`);
    const index = this.#failures.findIndex((planned) => planned.method === method);
    const [planned] = index < 0 ? [] : this.#failures.splice(index, 1);
    if (planned) throw planned.error;
  }

  #find(id: string): FakeContainer | null {
    const byName = [...this.#containers.values()].find((container) => container.spec.name === id);
    return this.#containers.get(id) ?? byName ?? null;
  }

  #get(id: string): FakeContainer {
    const container = this.#find(id);
    if (container === null) throw failure('engine.refused', `no such container: ${id}`);
    return container;
  }

  #signal(container: FakeContainer | null, signal: string): void {
    if (container?.state !== 'running') return;
    this.#emit('container', 'kill', container.id);
    if (container.onSignal !== null && signal !== 'SIGKILL') container.onSignal(signal);
    else if (signal === 'SIGCONT') return;
    else this.#end(container, 128 + signalNumber(signal));
  }

  #end(container: FakeContainer, code: number): void {
    if (container.state !== 'running') return;
    container.state = 'exited';
    container.exitCode = code;
    container.ports = {};
    this.#emit('container', 'die', container.id);
    for (const resolve of container.waiting.splice(0)) resolve();
  }

  #refuseInUse(name: string, uses: (container: FakeContainer) => boolean): void {
    if ([...this.#containers.values()].some(uses)) throw failure('engine.in-use', `${name} is in use`);
  }

  #emit(type: string, action: string, id: string): void {
    for (const { onEvent } of this.#watchers) onEvent({ type, action, id });
  }
}
