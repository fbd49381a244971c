// Starts one runner: written down first, so that a kill at any instant leaves nothing that is not known.
import { AutoGitError, toAutoGitError } from '../errors.ts';
import { engineAddress } from '../model/grant.ts';
import type { WrittenGrant } from '../model/grant.ts';
import { areInConflict, renderGpuLabel } from '../model/gpu.ts';
import type { GpuGrant, GpuHandout } from '../model/gpu.ts';
import { interruptedStart, runnerName, systemIdOf } from '../model/runner.ts';
import type { RunnerRecord } from '../model/runner.ts';
import { secretName, signedLabels } from './context.ts';
import type { ActionForm, ApplyContext } from './context.ts';
import type { Action } from '../model/world.ts';
import type { ContainerFile, Store } from '../ports.ts';
import { runnerToken } from './gateway.ts';
import { trustGrant, trustInside } from './job-trust.ts';
import { cacheLabels, ownCache, poolGrant } from './pool-grant.ts';
import { runnerContainer, runnerFiles } from './runner-container.ts';
import type { ImageExecutor } from './runner-container.ts';
import { untilGateStands, withGate } from './runner-gate.ts';
import { namesOf, reachOf } from './reach.ts';

type StartRunner = Extract<Action, { kind: 'start-runner' }>;

/** For jobs that name no image, in pools that name none either. */
const defaultJobImage = 'debian:stable-slim';

export const startRunner: ActionForm<'start-runner'> = {
  kind: 'start-runner',
  group: 'engine-start',
  apply: async (action, context) => {
    const { pool, slot, node, specHash } = action;
    const { store, clock } = context;
    const token = context.secrets.get(secretName.entryToken(pool.name));
    if (token === null) {
      // Without its token the entry is worthless: forgotten, it is made anew.
      store.removeEntry(pool.name);
      throw missingToken(pool.name);
    }
    const id = context.host.randomHex(4);
    const name = runnerName(pool.name, id);
    const grant = pool.executor === 'image' ? await grantText(action, context) : undefined;
    const gpu = checkedGpu(action, store.liveRunners());
    const facts = {
      ...({ node, role: 'runner', pool: pool.name, specHash } as const),
      ...(grant === undefined ? {} : { grant }),
      ...(gpu === null ? {} : { gpu: renderGpuLabel(gpu) }),
    };
    const labels = signedLabels(name, facts, context);
    const systemId = systemIdOf(id);
    store.insertRunner({
      id,
      node,
      pool: pool.name,
      slot,
      name,
      specHash,
      systemId,
      grant: gpu,
      size: { cpus: pool.cpus ?? 0, memoryMiB: pool.memoryMiB ?? 0 },
      phase: 'intended',
      createdAt: clock.now(),
      startedAt: null,
      goneAt: null,
      failure: null,
    });
    const engine = context.engine(node);
    try {
      const cache = ownCache(pool, context.instance);
      if (cache !== null) await engine.createVolume(cache, cacheLabels(cache, pool.name, context));
      const spec = runnerContainer(action, name, labels, await namesOf(action, context), cache);
      const container = await engine.createContainer(action.waits ? withGate(spec) : spec);
      const images = grant === undefined ? null : imagesOf(name, grant, action, context);
      await engine.putFiles(container, filesOf(name, action, { token, systemId, images }));
      store.moveRunner(id, ['intended'], { phase: 'prepared' });
      if (!(await context.inStartTurn(node, () => startUnlessDraining(id, container, node, context))))
        throw takenBack(store);
      if (action.waits) await untilGateStands(engine, container, clock);
    } catch (error) {
      if (await undo(name, node, context)) {
        const { key, message } = toAutoGitError(error);
        const failure = key === 'runner.taken-back' ? interruptedStart : message;
        store.updateRunner(id, { phase: 'gone', goneAt: clock.now(), failure });
      }
      throw error;
    }
    const startedAt = clock.now();
    // One that is wished to leave since it was started goes on leaving.
    if (!store.moveRunner(id, ['prepared'], { phase: action.waits ? 'warm' : 'started', startedAt }))
      store.moveRunner(id, ['draining'], { startedAt });
  },
};

/** False when, while it waited for its turn, somebody wished that no runner starts, or that this one leaves. */
async function startUnlessDraining(
  id: string,
  container: string,
  node: string,
  { store, engine }: ApplyContext,
): Promise<boolean> {
  if (store.openRequests().length > 0 || !isPrepared(id, store)) return false;
  await engine(node).startContainer(container);
  return true;
}

function isPrepared(id: string, store: Store): boolean {
  return store.liveRunners().some((record) => record.id === id && record.phase === 'prepared');
}

function takenBack(store: Store): AutoGitError {
  if (store.openRequests().length === 0) {
    return new AutoGitError({
      key: 'runner.taken-back',
      message: 'The runner was wished away before it had started.',
      next: 'Nothing to do: the next plan starts another one where a job waits.',
      retry: true,
    });
  }
  return new AutoGitError({
    key: 'runner.taken-back',
    message: 'No runner is started while AutoGit drains.',
    next: 'Let it start runners again: autogit lab resume',
    retry: true,
  });
}

/** The last look before a card is written down as taken. Throws `gpu.taken`. */
function checkedGpu({ pool, gpu }: StartRunner, records: readonly RunnerRecord[]): GpuGrant | null {
  const grant = gpu?.grant ?? null;
  const isMissing = grant === null && pool.gpu !== null;
  const isTaken =
    grant !== null && records.some(({ grant: held }) => held !== null && areInConflict(held, grant));
  if (!isMissing && !isTaken) return grant;
  throw new AutoGitError({
    key: 'gpu.taken',
    message: `The GPU that pool "${pool.name}" was to get has been given to another runner meanwhile.`,
    next: 'Nothing to do: the next plan chooses another one, or waits until one is free.',
    retry: true,
    fields: { pool: pool.name },
  });
}

/** All that a runner's container has of its own; with executor `container` it is that of its jobs as well. */
function filesOf(
  name: string,
  { address, pool }: StartRunner,
  own: { readonly token: string; readonly systemId: string; readonly images: ImageExecutor | null },
): readonly ContainerFile[] {
  const { token, systemId, images } = own;
  if (images !== null) return runnerFiles(name, address, token, systemId, images);
  const { env, files } = trustInside(address, pool.env);
  return [...runnerFiles(name, address, token, systemId, null, env), ...files];
}

/** What the gateway writes into the containers of this runner's jobs. */
async function grantText(action: StartRunner, context: ApplyContext): Promise<string> {
  const { pool, gpu } = action;
  const own = poolGrant(pool, context.instance);
  const reach = await reachOf(action, context);
  const cards = grantedGpus(gpu);
  const grant: WrittenGrant = {
    ...own,
    ...cards,
    ...trustGrant(action.address, pool.env),
    devices: [...own.devices, ...cards.devices],
    reach,
  };
  return JSON.stringify(grant);
}

/** Said only where there are cards: a gateway of before knows no groups and no label. */
function grantedGpus(gpu: GpuHandout | null): Pick<WrittenGrant, 'gpus' | 'devices' | 'groups' | 'gpuLabel'> {
  if (gpu === null) return { gpus: null, devices: [] };
  const { gpus, devices, groups } = gpu.request;
  return {
    gpus: gpus === null ? null : { driver: gpus.driver, ids: [...gpus.ids] },
    devices: [...devices],
    groups: [...groups],
    gpuLabel: renderGpuLabel(gpu.grant),
  };
}

function imagesOf(
  name: string,
  grant: string,
  { pool }: StartRunner,
  { secrets }: ApplyContext,
): ImageExecutor {
  return {
    host: engineAddress(name, runnerToken(name, grant, secrets)),
    image: pool.image ?? defaultJobImage,
    pullPolicy: pool.pullPolicy,
  };
}

/**
 * Removes what may have been made, but nothing that runs after all: it may have a job by now. False when something
 * may be left: the record then stays as intended, and the next observation decides what becomes of it.
 */
async function undo(name: string, node: string, context: ApplyContext): Promise<boolean> {
  try {
    await context.engine(node).removeContainer(name, { force: false });
    return true;
  } catch (error) {
    context.log.warn(`${name} could not be removed after its start failed`, { error });
    return false;
  }
}

function missingToken(pool: string): AutoGitError {
  return new AutoGitError({
    key: 'pool.token-missing',
    message: `The token of pool "${pool}"'s runner entry is not among the secrets.`,
    next: 'Nothing to do: AutoGit makes a new entry by itself.',
    retry: true,
    fields: { pool },
  });
}
