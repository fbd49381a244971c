// Looks at everything around a stack that could break it, or shows that it is broken.
import { parse } from 'yaml';
import { z } from 'zod';
import { detectPrograms } from '../../detect/machine/processes.ts';
import { holdersOf } from '../../detect/machine/sockets.ts';
import * as detect from '../../detect/stack/around.ts';
import { detectNetwork } from '../../detect/stack/network.ts';
import type { Pool } from '../../model/pool.ts';
import { acmeOf } from '../../model/stack/acme.ts';
import { acmeFailures } from '../../model/stack/acme-log.ts';
import type { AcmeFailure } from '../../model/stack/acme-log.ts';
import { ownAddress } from '../../model/stack/answers.ts';
import type { RenderedStack, StackFacts, StackPresent } from '../../model/stack/stack.ts';
import { restartsInHour } from '../../model/stack/restarts.ts';
import type { CountedContainer, RestartLook } from '../../model/stack/restarts.ts';
import type { DataPlace, NeighbourContainer, StackSurroundings } from '../../model/stack/surroundings.ts';
import { officialRunnerImage } from '../../plan/desire.ts';
import type { Engine, LabelledContainer } from '../../ports.ts';
import type { StackLookContext, StackLookParts } from './look-parts.ts';
import { stackEngine } from './stack-facts.ts';

export interface LookedAt {
  readonly facts: StackFacts;
  /** `null`: there is none, and nobody wants one. */
  readonly stack: RenderedStack | null;
  readonly present: StackPresent | null;
  /** Earlier looks at restarts, oldest first. */
  readonly looks: readonly RestartLook[];
}

const projectLabel = 'com.docker.compose.project';

function neighbourOf({ id, name, image, state, labels, ports }: LabelledContainer): NeighbourContainer {
  return {
    ...{ id, name, image, isRunning: state === 'running' || state === 'restarting' },
    project: labels[projectLabel] ?? null,
    service: labels['com.docker.compose.service'] ?? null,
    isOfStack: Object.keys(labels).some((label) => label.startsWith('autogit.stack.')),
    ports: Object.values(ports),
  };
}

/** Every container of the engine. Rejects like the engine. */
export async function neighboursOf(engine: Engine): Promise<readonly NeighbourContainer[]> {
  return (await engine.listContainers({})).map(neighbourOf);
}

/** Volumes that a project names, as the engine calls them. */
function volumesIn({ files, project }: RenderedStack): readonly string[] {
  const text = files.find(({ path }) => path === 'compose.yaml')?.content;
  const document = z.object({
    volumes: z.record(z.string(), z.object({ name: z.string().optional() }).nullish()).nullish(),
  });
  const parsed = document.safeParse(text === undefined ? {} : parse(text));
  const volumes = parsed.success ? (parsed.data.volumes ?? {}) : {};
  return Object.entries(volumes).map(([key, volume]) => volume?.name ?? `${project}_${key}`);
}

/** Containers of a project with how often each was started again. */
export async function countedContainers(
  engine: Engine,
  containers: readonly Pick<NeighbourContainer, 'id' | 'name'>[],
): Promise<readonly CountedContainer[]> {
  return Promise.all(
    containers.map(async ({ id, name }) => {
      const found = await engine.inspectContainer(id).catch(() => null);
      return {
        id,
        name,
        restarts: found === null ? null : (found.restarts ?? 0),
        createdAt: found?.createdAt,
      };
    }),
  );
}

type OfEngine = Pick<StackSurroundings, 'containers' | 'volumes' | 'restartsInHour'>;

async function lookAtEngine(context: StackLookContext, { stack, looks }: LookedAt): Promise<OfEngine> {
  const nothing: OfEngine = { containers: null, volumes: null, restartsInHour: {} };
  const asked = await stackEngine(context);
  if (asked === null) return nothing;
  const { engine } = asked;
  try {
    const containers = await neighboursOf(engine);
    if (stack === null) return { ...nothing, containers };
    const volumes = await engine.listVolumes({ [projectLabel]: stack.project });
    const own = containers.filter(({ project, isOfStack }) => isOfStack && project === stack.project);
    const counted = await countedContainers(engine, own);
    return {
      containers,
      volumes: volumes.map(({ name }) => name),
      restartsInHour: restartsInHour(counted, looks, context.clock.now()),
    };
  } catch {
    return nothing;
  }
}

async function lookAtPorts(
  { probe, clock }: StackLookContext,
  stack: RenderedStack | null,
): Promise<StackSurroundings['ports']> {
  if (stack === null || probe.self().platform !== 'linux') return null;
  const programs = await detectPrograms(probe, 'none');
  return holdersOf(...([probe, clock, programs] as const), ({ port, protocol }) =>
    stack.ports.some((wanted) => wanted.port === port && wanted.protocol === protocol),
  );
}

/** The same lab as a start takes down. */
function formerProjectOf({ stackLook }: StackLookContext, stack: RenderedStack | null): string | null {
  try {
    const standing = stackLook?.journal.standing() ?? null;
    if (stack === null || standing === null || !standing.isUp) return null;
    return standing.answers.lab === stack.lab ? null : `autogit-${standing.answers.lab}`;
  } catch {
    return null;
  }
}

/** Who has which port, without anything else. Never rejects. */
export async function lookAtPortHolders(
  context: StackLookContext,
  stack: RenderedStack,
): Promise<Pick<StackSurroundings, 'ports' | 'containers' | 'formerProject'>> {
  const [asked, ports] = await Promise.all([stackEngine(context), lookAtPorts(context, stack)]);
  const containers = asked === null ? null : await neighboursOf(asked.engine).catch(() => null);
  return { ports, containers, formerProject: formerProjectOf(context, stack) };
}

/** What is mounted, in either of Compose's ways to write it. */
const mounted = z.union([
  z.string().transform((text) => text.split(':')[0]),
  z.object({ source: z.string().optional() }).transform(({ source }) => source),
]);
const mounting = z.object({
  services: z.record(z.string(), z.object({ volumes: z.array(mounted).nullish() })),
});

/** Folders that services of the stack that was here before have; `[]` also where its file is a person's and of another form. */
function mountedBefore(present: StackPresent | null): readonly string[] {
  const text = present?.files?.find(({ path }) => path === 'compose.yaml')?.content;
  if (text === undefined) return [];
  try {
    const services = Object.values(mounting.parse(parse(text)).services);
    return services.flatMap(({ volumes }) => (volumes ?? []).flatMap((source) => source ?? []));
  } catch {
    return [];
  }
}

type OfData = Pick<StackSurroundings, 'dataMount' | 'dataFolder' | 'folders' | 'openSecrets'>;

async function lookAtData(
  { stackLook, probe }: StackLookContext,
  { stack, present }: LookedAt,
): Promise<OfData> {
  if (stack === null) return { dataMount: null, dataFolder: null, folders: [], openSecrets: [] };
  const before = mountedBefore(present);
  const lookAt = async (path: string): Promise<DataPlace | null> => {
    const found = await stackLook?.folder.look(path).catch(() => undefined);
    if (found === undefined) return null;
    const isKnown = before.some((source) => source === path || source.startsWith(`${path}/`));
    return { path, exists: found.exists, isEmpty: found.empty, isMarked: found.isMarked ?? null, isKnown };
  };
  const folders = await Promise.all(stack.folders.map(({ path }) => lookAt(path)));
  return {
    dataMount: await detect.detectDataMount(probe, stack.data),
    dataFolder: await lookAt(stack.data),
    folders: folders.filter((folder) => folder !== null),
    openSecrets:
      stackLook === undefined
        ? []
        : await detect.detectOpenFiles(probe, `${stackLook.folder.pathOf(stack.lab)}/secrets`),
  };
}

function isUp(present: StackPresent | null): boolean {
  return (present?.containers ?? []).some(({ state }) => state === 'running');
}

/** Pages and names of a stack that is up, from this machine's point of view. */
async function lookAtNames(
  { stackLook }: StackLookContext,
  { stack, present }: LookedAt,
): Promise<Pick<StackSurroundings, 'doors' | 'names' | 'acmeFailures'>> {
  if (stack === null || stackLook === undefined || !isUp(present)) return { doors: [], names: [] };
  const { ports, address, dns } = stack.answers;
  const host = address ?? '127.0.0.1';
  const door = ownAddress(stack.answers) ?? host;
  const server = `${host}:${ports.dns}`;
  const suffix = ports.https === 443 ? '' : `:${ports.https}`;
  const resolve = (name: string, at: string | null): Promise<readonly string[] | null> =>
    stackLook.resolver.resolve(name, 'A', at).catch(() => null);
  const [failures, doors, names] = await Promise.all([
    lookAtFailures(stack, stackLook),
    Promise.all(
      stack.names.map(({ name }) =>
        stackLook.lookAtDoor(`https://${name}${suffix}/`, { host: door, port: ports.https }),
      ),
    ),
    Promise.all(
      stack.names.map(async ({ name }) => ({
        name,
        here: await resolve(name, null),
        lab: dns.mode === 'coredns' ? await resolve(name, server) : null,
      })),
    ),
  ]);
  return { doors, names, acmeFailures: failures };
}

/** What Traefik says of certificates; a log that cannot be read says nothing. */
async function lookAtFailures(
  { lab, answers: { tls } }: RenderedStack,
  { logOf }: StackLookParts,
): Promise<readonly AcmeFailure[]> {
  if (acmeOf(tls) === null || logOf === undefined) return [];
  return acmeFailures(await logOf(lab, 'traefik').catch(() => ''));
}

async function gitlabVersionOf({ coordinator }: StackLookContext): Promise<string | null> {
  try {
    return (await coordinator.gitlab().version()).version;
  } catch {
    return null;
  }
}

/** The oldest of the runners that pools start: `19.4.0` of `…:alpine-v19.4.0`; `null`: no image tells. */
function runnerVersionOf(pools: readonly Pick<Pool, 'executor' | 'runnerImage'>[]): string | null {
  const official = pools.filter(({ executor }) => executor === 'image');
  const versions = official.flatMap(
    ({ runnerImage }) => /:(?:[a-z]+-)?v?(\d+\.\d+\.\d+)/.exec(runnerImage ?? officialRunnerImage)?.[1] ?? [],
  );
  return versions.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))[0] ?? null;
}

/** What decides whether Authelia starts. */
async function lookAtSignIn(
  { stackLook }: StackLookContext,
  { stack, present }: LookedAt,
): Promise<Pick<StackSurroundings, 'people' | 'unreached'>> {
  if (stack === null || stackLook?.lookAtAuthelia === undefined) return {};
  return stackLook.lookAtAuthelia(stack, present?.started['authelia'] !== undefined);
}

/** Never rejects: what cannot be looked at is not known. `deep`: asks pages, names and GitLab as well. */
export async function lookAround(
  context: StackLookContext,
  at: LookedAt,
  deep: boolean,
): Promise<StackSurroundings> {
  const { probe } = context;
  const { stack, facts } = at;
  const nothing = { doors: [], names: [] };
  const [engine, ports, data, names, network, clock, devNull, selinux, oldCompose, lent, gitlab, authelia] =
    await Promise.all([
      lookAtEngine(context, at),
      lookAtPorts(context, stack),
      lookAtData(context, at),
      deep ? lookAtNames(context, at) : nothing,
      detectNetwork(probe),
      detect.detectClock(probe),
      detect.detectDevNull(probe),
      detect.detectSelinux(probe),
      detect.detectOldCompose(probe),
      detect.detectAddressLent(probe, facts.address),
      deep ? gitlabVersionOf(context) : null,
      lookAtSignIn(context, at),
    ]);
  const { addresses, addresses6, ipv6 } = network;
  return {
    ...authelia,
    ...{ ...engine, ...data, ...names, ports, clock, devNull, selinux, oldCompose },
    ...{ addresses, addresses6, ipv6, resolvers: facts.resolvers, isAddressLent: lent },
    wantedVolumes: stack === null ? [] : volumesIn(stack),
    formerProject: formerProjectOf(context, stack),
    gitlabVersion: gitlab,
    runnerVersion: runnerVersionOf(context.settings.current().pools),
  };
}
