// Images and networks.
import { toAutoGitError } from '../errors.ts';
import { label } from '../model/labels.ts';
import { isOwn, nameTaken, signedLabels } from './context.ts';
import type { ActionForm } from './context.ts';

export const importImage: ActionForm<'import-image'> = {
  kind: 'import-image',
  group: 'image',
  apply: async ({ node, image }, context) => {
    const engine = context.engine(node);
    if (await engine.hasImage(image)) return;
    const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
    const labels = {
      [label.managed]: 'true',
      [label.instance]: context.instance,
      [label.role]: 'image',
    };
    await engine.importImage(image, await context.host.sandboxRootfs(), { env, labels });
  },
};

export const pullImage: ActionForm<'pull-image'> = {
  kind: 'pull-image',
  group: 'image',
  apply: ({ node, image, platform }, context) =>
    context.engine(node).pullImage(image, (progress) => context.progress(progress), platform),
};

export const removeImage: ActionForm<'remove-image'> = {
  kind: 'remove-image',
  group: 'engine',
  apply: ({ node, image }, context) => context.engine(node).removeImage(image),
};

/** At once: nothing of it is worth waiting for. */
export const removeContainer: ActionForm<'remove-container'> = {
  kind: 'remove-container',
  group: 'engine',
  apply: ({ node, container }, context) =>
    context.engine(node).removeContainer(container.id, { force: true }),
};

export const createNetwork: ActionForm<'create-network'> = {
  kind: 'create-network',
  group: 'engine',
  apply: async ({ node, network }, context) => {
    const engine = context.engine(node);
    const labels = signedLabels(network, { node, role: 'network', pool: null, specHash: '' }, context);
    await engine.createNetwork(network, labels);
    // An engine makes no second one of that name, and the first need not be ours.
    const found = await engine.listNetworks({ [label.managed]: 'true', [label.instance]: context.instance });
    if (!found.some((object) => object.name === network && isOwn(object, context)))
      throw nameTaken('network', network);
  },
};

export const removeNetwork: ActionForm<'remove-network'> = {
  kind: 'remove-network',
  group: 'engine',
  apply: ({ node, network }, context) => context.engine(node).removeNetwork(network),
};

export const removeCache: ActionForm<'remove-cache'> = {
  kind: 'remove-cache',
  group: 'engine',
  // One that is in use is tried again after a while.
  pauseMs: 300_000,
  apply: async ({ node, volume }, context) => {
    try {
      await context.engine(node).removeVolume(volume);
    } catch (error) {
      if (toAutoGitError(error).key !== 'engine.in-use') throw error;
      context.log.debug(`${volume} is in use, and stays for now`);
    }
  },
};
