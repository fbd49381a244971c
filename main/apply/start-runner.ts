// Starts one runner: written down first, so that a kill at any instant leaves nothing that is not known.
import { AutoGitError, toAutoGitError } from '../errors.ts';
import { engineAddress, jobCapabilities } from '../model/grant.ts';
import type { Grant } from '../model/grant.ts';
import { runnerName, systemIdOf } from '../model/runner.ts';
import { secretName, signedLabels } from './context.ts';
import type { ActionForm, ApplyContext } from './context.ts';
import type { Action } from '../model/world.ts';
import { runnerToken } from './gateway.ts';
import { runnerContainer, runnerFiles } from './runner-container.ts';
import type { ImageExecutor } from './runner-container.ts';
import { sandboxAlias, sandboxName } from './sandbox.ts';

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
    const grant = pool.executor === 'image' ? grantText(action, context) : undefined;
    const facts = { node, role: 'runner', pool: pool.name, specHash } as const;
    const labels = signedLabels(name, grant === undefined ? facts : { ...facts, grant }, context);
    const systemId = systemIdOf(id);
    store.insertRunner({
      id,
      node,
      pool: pool.name,
      slot,
      name,
      specHash,
      systemId,
      phase: 'intended',
      createdAt: clock.now(),
      startedAt: null,
      goneAt: null,
      failure: null,
    });
    const engine = context.engine(node);
    try {
      const container = await engine.createContainer(
        runnerContainer(action, name, labels, sandboxOf(node, context)),
      );
      const images = grant === undefined ? null : imagesOf(name, grant, action, context);
      const files = runnerFiles(name, action.address.runnerUrl, token, systemId, images);
      await engine.putFiles(container, files);
      await engine.startContainer(container);
    } catch (error) {
      if (await undo(name, node, context)) {
        store.updateRunner(id, {
          phase: 'gone',
          goneAt: clock.now(),
          failure: toAutoGitError(error).message,
        });
      }
      throw error;
    }
    store.updateRunner(id, { phase: 'started', startedAt: clock.now() });
  },
};

/** What the gateway writes into the containers of this runner's jobs. */
function grantText({ pool, node }: StartRunner, { instance, store }: ApplyContext): string {
  const { cpus, memoryMiB } = pool;
  const grant: Grant = {
    ...{ pool: pool.name, cpus, memoryMiB, capabilities: [...jobCapabilities] },
    ...{ gpus: null, devices: [], platform: null, pull: true },
    reach: store.sandboxNode() === node ? [{ container: sandboxName(instance), alias: sandboxAlias }] : [],
  };
  return JSON.stringify(grant);
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
  };
}

/** The sandbox's name and container, where it is on the runner's node. */
function sandboxOf(node: string, { store, instance }: ApplyContext): Readonly<Record<string, string>> {
  return store.sandboxNode() === node ? { [sandboxAlias]: sandboxName(instance) } : {};
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
