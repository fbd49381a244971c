// The sandbox's container and the volume that holds its data.
import type { ContainerSpec } from '../ports.ts';
import { secretName, signedLabels } from './context.ts';
import type { ActionForm, ApplyContext } from './context.ts';

/** The port on which the sandbox listens inside its container: runners need none in the address then. */
export const sandboxPort = 80;
/** The name of the sandbox on its network. */
export const sandboxAlias = 'gitlab';
/** Where its volume lies inside its container. */
export const dataFolder = '/var/lib/autogit-sandbox';

/** The name of the sandbox's container. */
export function sandboxName(instance: string): string {
  return `autogit-sandbox-${instance.slice(0, 8)}`;
}

export const startSandbox: ActionForm<'start-sandbox'> = {
  kind: 'start-sandbox',
  group: 'engine-start',
  apply: async (action, context) => {
    const engine = context.engine(action.node);
    const { node, volume, specHash } = action;
    const name = sandboxName(context.instance);
    // Written down first: from now on no other engine gets a sandbox of this home.
    context.store.setSandboxNode(node);
    const volumeLabels = signedLabels(volume, { node, role: 'volume', pool: null, specHash: '' }, context);
    await engine.createVolume(volume, volumeLabels);
    const labels = signedLabels(name, { node, role: 'sandbox', pool: null, specHash }, context);
    const id = await engine.createContainer(await sandboxContainer(action, name, labels, context));
    await engine.startContainer(id);
  },
};

export const removeSandbox: ActionForm<'remove-sandbox'> = {
  kind: 'remove-sandbox',
  group: 'engine',
  apply: async ({ node, container, deleteVolume }, context) => {
    const engine = context.engine(node);
    if (container !== null) {
      await engine.stopContainer(container.id, 5);
      await engine.removeContainer(container.id, { force: true });
    }
    if (deleteVolume !== null) await engine.removeVolume(deleteVolume);
  },
};

async function sandboxContainer(
  action: { readonly image: string; readonly network: string; readonly volume: string },
  name: string,
  labels: Readonly<Record<string, string>>,
  context: ApplyContext,
): Promise<ContainerSpec> {
  return {
    name,
    image: action.image,
    entrypoint: ['autogit-sandbox'],
    command: [],
    env: {
      AUTOGIT_SANDBOX_STATE: dataFolder,
      AUTOGIT_SANDBOX_PORT: String(sandboxPort),
      AUTOGIT_SANDBOX_ROOT_TOKEN: await sandboxRootToken(context),
    },
    labels,
    network: action.network,
    aliases: [sandboxAlias],
    keepsAddress: true,
    publish: [sandboxPort],
    volumes: { [action.volume]: dataFolder },
    cpus: null,
    memoryMiB: null,
    stopSignal: 'SIGTERM',
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'],
  };
}

/** The token of the sandbox's root user, made once per home. It opens nothing but the sandbox. */
async function sandboxRootToken(context: ApplyContext): Promise<string> {
  const known = context.secrets.get(secretName.sandboxRootToken);
  if (known !== null) return known;
  const token = `glpat-${context.host.randomHex(10)}`;
  await context.secrets.set(secretName.sandboxRootToken, token);
  return token;
}
