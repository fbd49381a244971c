// A container engine on which nothing happens: what others do on the machine's own would wake whoever is measured at rest.
// It has every image, and the networks that it was asked to make: a lab that lacks something does not rest.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const versions = {
  ...{ Version: '28.5.2', ApiVersion: '1.51', MinAPIVersion: '1.24', Arch: 'amd64', Os: 'linux' },
  Components: [{ Name: 'Engine' }, { Name: 'containerd' }, { Name: 'runc' }],
};
const info = {
  ...{ Driver: 'overlay2', DockerRootDir: '/', Name: 'bench', NCPU: 2, MemTotal: 8_589_934_592 },
  ...{
    MemoryLimit: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CgroupDriver: 'systemd',
    CgroupVersion: '2',
  },
  SecurityOptions: ['name=seccomp,profile=default'],
};

const network = z.object({ Name: z.string(), Labels: z.record(z.string(), z.string()) });

/** Docker's words for an engine that has nothing, by the path without its version. */
const answers: Readonly<Record<string, unknown>> = {
  '/version': versions,
  '/info': info,
  '/containers/json': [],
  '/images/json': [],
  '/volumes': { Volumes: [], Warnings: null },
};

/** Listens at the path of a socket. Resolves with what ends it. */
export async function startQuietEngine(socket: string): Promise<() => Promise<void>> {
  const networks: z.infer<typeof network>[] = [];
  const server = createServer((request, response) => {
    const { url = '/', method } = request;
    const path = new URL(url, 'http://engine').pathname.replace(/^\/v[\d.]+/, '');
    const type = {
      ...{ 'Content-Type': 'application/json', 'Api-Version': '1.51', Ostype: 'linux' },
      Server: 'Docker/28.5.2 (linux)',
    };
    // Events come for as long as somebody listens: there are none.
    if (path === '/events') response.writeHead(200, type).flushHeaders();
    else if (path === '/_ping') response.writeHead(200, type).end(method === 'HEAD' ? '' : 'OK');
    else if (path === '/networks') response.writeHead(200, type).end(JSON.stringify(networks));
    else if (path.startsWith('/images/') && path.endsWith('/json') && !(path in answers))
      response.writeHead(200, type).end('{}');
    else if (path === '/networks/create')
      void text(request).then((body) => {
        networks.push(network.parse(JSON.parse(body)));
        response.writeHead(201, type).end('{"Id":"0"}');
      });
    else if (path in answers) response.writeHead(200, type).end(JSON.stringify(answers[path]));
    else response.writeHead(404, type).end('{"message":"there is nothing on this engine"}');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}
