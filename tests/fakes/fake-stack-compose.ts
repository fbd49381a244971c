// Compose in memory: it reads compose.yaml of a fake folder and makes containers that are records.
import { parse } from 'yaml';
import { z } from 'zod';
import type { StackContainer } from '../../main/model/stack/stack.ts';
import type { Compose, ComposeEvent, ComposeProject } from '../../main/stack-ports.ts';
import { stackFailure, StackFaults } from './fake-stack-faults.ts';

const fileSchema = z.object({
  name: z.string().optional(),
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string(),
      ports: z.array(z.unknown()).optional(),
      healthcheck: z.unknown().optional(),
    }),
  ),
});
type FileService = z.infer<typeof fileSchema>['services'][string];

interface Made {
  view: StackContainer;
  readonly project: string;
  /** Its part of the file: another one, another container. */
  readonly part: string;
}

export interface ExecCall {
  readonly service: string;
  readonly command: readonly string[];
  readonly input: string;
}
export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FakeComposeOptions {
  readonly faults?: StackFaults;
  /** Content of a file in a project's folder; `null`: there is none. */
  readonly readFile: (folder: string, path: string) => string | null;
  /** Whether the engine has an image; missing: it has all. */
  readonly hasImage?: (reference: string) => boolean;
  readonly now?: () => number;
  readonly onExec?: (call: ExecCall) => ExecResult;
}

/** The port's in-memory twin. Its containers outlive the core. */
export class FakeCompose implements Compose {
  readonly faults: StackFaults;
  /** Ports of this machine that something else holds. */
  readonly takenPorts = new Set<number>();
  /** How a service's container is when it was started: by default it runs, and is healthy where it has a health check. */
  readonly behaviour = new Map<
    string,
    Partial<Pick<StackContainer, 'state' | 'health' | 'exitCode' | 'restarts'>>
  >();
  /** What a service has printed. */
  readonly printed = new Map<string, string>();
  /** Files in containers, for `cat`, by service and path: `authelia /data/notification.txt`. */
  readonly contents = new Map<string, string>();
  /** How often a container of each service was made, and how often one was started. */
  readonly created = new Map<string, number>();
  readonly starts = new Map<string, number>();
  readonly execs: ExecCall[] = [];
  /** Calls that do not end before their signal fires. */
  readonly hanging = new Set<'down' | 'restart' | 'exec'>();
  /** As on Podman, where every container is taken for changed. */
  seesAllChanged = false;
  composeVersion = '2.40.3';
  readonly #options: FakeComposeOptions;
  #containers: readonly Made[] = [];
  #serial = 0;

  constructor(options: FakeComposeOptions) {
    this.#options = options;
    this.faults = options.faults ?? new StackFaults();
  }

  /** The containers that are there now, without asking. */
  all(project?: string): readonly StackContainer[] {
    return this.#containers
      .filter((one) => project === undefined || one.project === project)
      .map(({ view }) => view);
  }

  /** Something happens to the container of a service, as by hand: `null` removes it. */
  change(service: string, change: Partial<StackContainer> | null): void {
    this.#containers = this.#containers.flatMap((made) => {
      if (made.view.service !== service) return [made];
      return change === null ? [] : [{ ...made, view: { ...made.view, ...change } }];
    });
  }

  version(): Promise<string> {
    return this.faults.around('compose.version', () => this.composeVersion);
  }

  check(project: ComposeProject): Promise<void> {
    return this.faults.around('compose.check', () => void this.#services(project));
  }

  up(
    project: ComposeProject,
    onEvent: (event: ComposeEvent) => void,
    signal: AbortSignal,
    changed: readonly string[] | null = null,
  ): Promise<void> {
    return this.faults.around('compose.up', () => {
      signal.throwIfAborted();
      const wanted = this.#services(project);
      this.#containers = this.#containers.filter(
        ({ project: name, view }) => name !== project.name || view.service in wanted,
      );
      for (const [service, part] of Object.entries(wanted)) {
        const isChanged = changed === null ? this.seesAllChanged : changed.includes(service);
        this.#bringUp(project, service, { part, isChanged, isKept: changed !== null && !isChanged }, onEvent);
      }
    });
  }

  down(
    project: ComposeProject,
    { volumes }: { readonly volumes: boolean },
    signal?: AbortSignal,
  ): Promise<void> {
    return this.faults.around(`compose.down${volumes ? ' volumes' : ''}`, async () => {
      await this.#hang('down', signal);
      this.#containers = this.#containers.filter(({ project: name }) => name !== project.name);
    });
  }

  restart(project: ComposeProject, services: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.faults.around(`compose.restart ${services.join(' ')}`, async () => {
      await this.#hang('restart', signal);
      for (const { view } of this.#containers.filter(({ project: name }) => name === project.name)) {
        if (services.length === 0 || services.includes(view.service)) this.#start(view.service);
      }
    });
  }

  containers(project: ComposeProject): Promise<readonly StackContainer[]> {
    return this.faults.around('compose.containers', () => this.all(project.name));
  }

  logs(_: ComposeProject, services: readonly string[], lines: number): Promise<string> {
    return this.faults.around(`compose.logs ${services.join(' ')}`, () =>
      services.flatMap((service) => (this.printed.get(service) ?? '').split('\n').slice(-lines)).join('\n'),
    );
  }

  follow(
    _: ComposeProject,
    services: readonly string[],
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    return this.faults.around('compose.follow', async () => {
      for (const service of services)
        for (const line of (this.printed.get(service) ?? '').split('\n')) onLine(line);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
    });
  }

  exec(
    _: ComposeProject,
    service: string,
    command: readonly string[],
    input: string,
    _deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<ExecResult> {
    return this.faults.around(`compose.exec ${service}`, async () => {
      await this.#hang('exec', signal);
      const call = { service, command, input };
      this.execs.push(call);
      const [program, path] = command;
      if (program === 'cat' && path !== undefined) {
        const text = this.contents.get(`${service} ${path}`);
        return { code: text === undefined ? 1 : 0, stdout: text ?? '', stderr: '' };
      }
      return this.#options.onExec?.(call) ?? { code: 0, stdout: '', stderr: '' };
    });
  }

  async #hang(call: 'down' | 'restart' | 'exec', signal: AbortSignal | undefined): Promise<void> {
    if (!this.hanging.has(call)) return;
    await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    signal?.throwIfAborted();
  }

  #services({ folder }: ComposeProject): Readonly<Record<string, FileService>> {
    const text = this.#options.readFile(folder, 'compose.yaml');
    if (text === null) throw stackFailure('compose.failed', 'no configuration file provided: not found');
    try {
      return fileSchema.parse(parse(text)).services;
    } catch {
      throw stackFailure('compose.invalid', 'compose.yaml: mapping values are not allowed in this context');
    }
  }

  #bringUp(
    project: ComposeProject,
    service: string,
    {
      part,
      isChanged,
      isKept,
    }: { readonly part: FileService; readonly isChanged: boolean; readonly isKept: boolean },
    onEvent: (event: ComposeEvent) => void,
  ): void {
    const text = JSON.stringify(part);
    const found = this.#containers.find(
      ({ project: name, view }) => name === project.name && view.service === service,
    );
    const id = `Container ${project.name}-${service}-1`;
    const isSame = found !== undefined && (isKept || (found.part === text && !isChanged));
    if (isSame && found.view.state === 'running') {
      onEvent({ id, text: 'Running' });
      return;
    }
    if (this.#options.hasImage?.(part.image) === false)
      throw stackFailure('compose.failed', `No such image: ${part.image}`);
    const port = (part.ports ?? []).map(publishedPort).find((one) => this.takenPorts.has(one));
    if (!isSame) this.#make(project, service, part, text);
    // As the real one: the container is there, and has not started.
    if (port !== undefined)
      throw stackFailure(
        'compose.port-taken',
        `driver failed programming external connectivity on endpoint ${service}: Bind for 0.0.0.0:${port} failed: port is already allocated`,
      );
    this.#start(service);
    onEvent({ id, text: 'Started' });
  }

  #make(project: ComposeProject, service: string, part: FileService, text: string): void {
    this.#serial += 1;
    this.created.set(service, (this.created.get(service) ?? 0) + 1);
    const view: StackContainer = {
      ...{ id: `c${this.#serial}`, name: `${project.name}-${service}-1`, service, image: part.image },
      ...{ state: 'created', health: 'none', exitCode: null, startedAt: null, restarts: 0 },
    };
    this.#containers = [
      ...this.#containers.filter((one) => one.project !== project.name || one.view.service !== service),
      { view, project: project.name, part: text },
    ];
  }

  #start(service: string): void {
    this.starts.set(service, (this.starts.get(service) ?? 0) + 1);
    this.#containers = this.#containers.map((made) => {
      if (made.view.service !== service) return made;
      const health = made.part.includes('"healthcheck"') ? 'healthy' : 'none';
      const startedAt = this.#options.now?.() ?? 0;
      return {
        ...made,
        view: { ...made.view, state: 'running', health, startedAt, ...this.behaviour.get(service) },
      };
    });
  }
}

/** Of `443:443`, `192.168.1.10:443:443/tcp`, `{ published: 443 }`. */
function publishedPort(port: unknown): number {
  if (typeof port === 'string') return Number(port.split('/')[0]?.split(':').at(-2));
  const long = z.object({ published: z.union([z.number(), z.string()]) }).safeParse(port);
  return long.success ? Number(long.data.published) : Number(port);
}
