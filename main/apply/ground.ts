// Images and networks.
import { label } from '../model/labels.ts';
import { signedLabels } from './context.ts';
import type { ActionForm } from './context.ts';

export const importImage: ActionForm<'import-image'> = {
  kind: 'import-image',
  group: 'engine',
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
  group: 'engine',
  apply: ({ node, image }, context) =>
    context.engine(node).pullImage(image, (progress) => context.progress(progress)),
};

export const removeImage: ActionForm<'remove-image'> = {
  kind: 'remove-image',
  group: 'engine',
  apply: ({ node, image }, context) => context.engine(node).removeImage(image),
};

export const createNetwork: ActionForm<'create-network'> = {
  kind: 'create-network',
  group: 'engine',
  apply: ({ node, network }, context) => {
    const labels = signedLabels(network, { node, role: 'network', pool: null, specHash: '' }, context);
    return context.engine(node).createNetwork(network, labels);
  },
};

export const removeNetwork: ActionForm<'remove-network'> = {
  kind: 'remove-network',
  group: 'engine',
  apply: ({ node, network }, context) => context.engine(node).removeNetwork(network),
};
