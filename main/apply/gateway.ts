// The gateway's container: the engine's socket in it, and the key with which it knows runners and signs what they make.
import { createHmac } from 'node:crypto';
import { gatewayAlias, gatewayKeyText, gatewayPorts, tokenText } from '../model/grant.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { Action } from '../model/world.ts';
import type { ContainerSpec, Secrets } from '../ports.ts';
import { signedLabels } from './context.ts';
import type { ActionForm } from './context.ts';

type StartGateway = Extract<Action, { kind: 'start-gateway' }>;

const socket = '/run/engine.sock';
const secretsFile = '/etc/autogit-gateway/secrets.json';
/** It streams: what passes is not kept. */
const memoryMiB = 256;

/** Both are made from the home's own signing key, so that nothing has to be kept or can be out of step. */
function gatewaySecrets(secrets: Pick<Secrets, 'sign'>): { readonly key: string; readonly hook: string } {
  return { key: secrets.sign(gatewayKeyText), hook: secrets.sign('gateway hook 1') };
}

/** What GitLab's hooks, and the core itself, show at the gateway's doorbell. */
export function hookSecret(secrets: Pick<Secrets, 'sign'>): string {
  return gatewaySecrets(secrets).hook;
}

/** By which the gateway knows that the core has given this runner this grant. */
export function runnerToken(name: string, grant: string, secrets: Pick<Secrets, 'sign'>): string {
  return createHmac('sha256', gatewaySecrets(secrets).key).update(tokenText(name, grant)).digest('hex');
}

export const startGateway: ActionForm<'start-gateway'> = {
  kind: 'start-gateway',
  group: 'engine-start',
  apply: async (action, context) => {
    const engine = context.engine(action.node);
    const { instance, secrets } = context;
    const name = `autogit-gateway-${instance.slice(0, 8)}`;
    const { node, specHash } = action;
    const labels = signedLabels(name, { node, role: 'gateway', pool: null, specHash }, context);
    const spec = gatewayContainer(action, name, labels, instance, await engine.info());
    const id = await engine.createContainer(spec);
    const content = JSON.stringify(gatewaySecrets(secrets));
    await engine.putFiles(id, [{ path: secretsFile, content, mode: 0o600 }]);
    await engine.startContainer(id);
  },
};

/** It takes with it what jobs have left: hence the time to stop. */
export const removeGateway: ActionForm<'remove-gateway'> = {
  kind: 'remove-gateway',
  group: 'engine',
  apply: async ({ node, container }, context) => {
    const engine = context.engine(node);
    await engine.stopContainer(container.id, 10);
    await engine.removeContainer(container.id, { force: true });
  },
};

function gatewayContainer(
  { image, network }: StartGateway,
  name: string,
  labels: Readonly<Record<string, string>>,
  instance: string,
  { kind, rootless, limits }: EngineInfo,
): ContainerSpec {
  return {
    ...{ name, image, entrypoint: ['autogit-gateway'], command: [], labels, network },
    env: {
      AUTOGIT_GATEWAY_INSTANCE: instance,
      AUTOGIT_GATEWAY_NETWORK: network,
      AUTOGIT_GATEWAY_ENGINE: kind,
      AUTOGIT_GATEWAY_ROOTLESS: String(rootless),
      AUTOGIT_GATEWAY_DISK: String(limits.disk ?? false),
      AUTOGIT_GATEWAY_SOCKET: socket,
      AUTOGIT_GATEWAY_SECRETS: secretsFile,
    },
    aliases: [gatewayAlias],
    publish: [gatewayPorts.bell],
    volumes: {},
    cpus: null,
    memoryMiB,
    stopSignal: 'SIGTERM',
    capabilities: [],
    engineSocket: socket,
  };
}
