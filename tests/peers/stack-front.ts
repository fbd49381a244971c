// What runners see of a stack: a network, GitLab on it (the sandbox) and Traefik before it, with a certificate of an own root.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSandboxImage } from '../../main/adapters/host/rootfs.ts';
import type { ContainerFile, ContainerSpec, Engine } from '../../main/ports.ts';
import { someAuthority } from '../fakes/some-authority.ts';
import { packRootfs } from '../fixtures/tiny-image.ts';

export interface StackFront {
  /** The engine's network on which GitLab has its public name. */
  readonly network: string;
  /** `https://gitlab.<lab>.home.arpa` */
  readonly url: string;
  /** The same front under a name whose certificate is of another root. */
  readonly foreignUrl: string;
  /** File with the root. */
  readonly ca: string;
  /** Where Traefik is published on this machine: `127.0.0.1:32768`. */
  readonly connect: string;
  /** GitLab itself without Traefik, for the test alone. */
  readonly plainUrl: string;
  readonly token: string;
  /** The sandbox's image, which has its runner, too. */
  readonly sandboxImage: string;
  /** The container that Traefik is. */
  readonly traefik: string;
  close(): Promise<void>;
}

/** Name of GitLab's own container on the network: nothing but Traefik has to find it. */
export const backend = 'gitlab-backend';

const traefikText = `
entryPoints:
  websecure: { address: ':443' }
providers:
  file: { filename: /etc/traefik/dynamic.yml }
`;

const dynamicText = (host: string): string => `
http:
  routers:
    gitlab: { rule: 'Host(\`${host}\`)', entryPoints: [websecure], service: gitlab, tls: {} }
  services:
    gitlab: { loadBalancer: { servers: [{ url: 'http://${backend}:80' }] } }
tls:
  certificates:
    - { certFile: /etc/traefik/leaf.pem, keyFile: /etc/traefik/leaf.key }
    - { certFile: /etc/traefik/foreign.pem, keyFile: /etc/traefik/foreign.key }
`;

/** Files go into \`folder\`, which the caller removes. */
export async function openStackFront(engine: Engine, traefik: string, folder: string): Promise<StackFront> {
  const serial = randomBytes(4).toString('hex');
  const labels = { 'autogit.test': serial };
  const network = `autogit-test-${serial}_inner`;
  const host = `gitlab.t${serial}.home.arpa`;
  const names = [host, `registry.t${serial}.home.arpa`];
  const foreignHost = `foreign.t${serial}.home.arpa`;
  const token = `glpat-${randomBytes(10).toString('hex')}`;
  const images = {
    sandbox: `autogit-test-stack-${serial}:sandbox`,
    traefik: `autogit-test-stack-${serial}:front`,
  };
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' };
  const sandbox = createSandboxImage({
    cacheFolder: join(folder, 'image'),
    searchPath: process.env['PATH'] ?? '',
  });
  await engine.importImage(images.sandbox, await sandbox.rootfs(), { env, labels });
  await engine.importImage(images.traefik, await packRootfs([traefik]), { env, labels });
  await engine.createNetwork(network, labels);
  const { authority, certificate, key } = await someAuthority(names);
  const foreign = await someAuthority([foreignHost]);
  const ca = join(folder, 'root.pem');
  await writeFile(ca, authority);
  const common = {
    network,
    labels,
    volumes: {},
    cpus: null,
    memoryMiB: null,
    stopSignal: 'SIGTERM',
  } as const;
  const start = async (spec: ContainerSpec, files: readonly ContainerFile[]): Promise<number> => {
    const id = await engine.createContainer(spec);
    await engine.putFiles(id, files);
    await engine.startContainer(id);
    return Object.values((await engine.inspectContainer(id))?.ports ?? {})[0] ?? 0;
  };
  const plain = await start(
    {
      ...{ ...common, name: `autogit-test-${serial}-gitlab-1`, image: images.sandbox, aliases: [backend] },
      ...{ entrypoint: ['autogit-sandbox'], command: [], publish: [80] },
      env: { AUTOGIT_SANDBOX_STATE: '/var/lib/sandbox', AUTOGIT_SANDBOX_ROOT_TOKEN: token },
      capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'],
    },
    [],
  );
  const front = `autogit-test-${serial}-traefik-1`;
  const file = (name: string, content: string): ContainerFile => ({
    ...{ path: `/etc/traefik/${name}`, content, mode: 0o644 },
  });
  const secure = await start(
    {
      ...{
        ...common,
        name: front,
        image: images.traefik,
        aliases: [...names, foreignHost],
        env: {},
        publish: [443],
      },
      ...{ entrypoint: ['/bin/traefik'], command: ['--configfile=/etc/traefik/traefik.yml'] },
      capabilities: ['NET_BIND_SERVICE'],
    },
    [
      ...[file('traefik.yml', traefikText), file('dynamic.yml', dynamicText(host))],
      ...[file('leaf.pem', certificate), file('leaf.key', key)],
      ...[file('foreign.pem', foreign.certificate), file('foreign.key', foreign.key)],
    ],
  );
  return {
    ...{
      network,
      url: `https://${host}`,
      foreignUrl: `https://${foreignHost}`,
      ca,
      connect: `127.0.0.1:${secure}`,
      token,
      traefik: front,
    },
    ...{ plainUrl: `http://127.0.0.1:${plain}`, sandboxImage: images.sandbox },
    close: async () => {
      for (const { id } of await engine.listContainers(labels))
        await engine.removeContainer(id, { force: true });
      await engine.removeNetwork(network);
      for (const image of Object.values(images)) await engine.removeImage(image);
    },
  };
}
