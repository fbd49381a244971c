// The real Traefik with the rendered configuration: it knows exactly the routers that the stack should have.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { TLSSocket } from 'node:tls';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { createCrypto } from '../../main/adapters/stack/crypto.ts';
import { pairFiles, servedFile, servedText } from '../../main/model/stack/made-files.ts';
import { freePorts, startPeer } from './peer-process.ts';
import type { PeerProcess } from './peer-process.ts';
import { describeWithPeer, findSocketProxy, findTraefik } from './peers.ts';
import { filterArguments, filterOf, startReadOnlyEngine } from './read-only-engine.ts';
import type { ReadOnlyEngine } from './read-only-engine.ts';
import { traefikCases } from './stack-matrix.ts';
import type { StackCase } from './stack-matrix.ts';

const [traefik, socketProxy] = [await findTraefik(), await findSocketProxy()];
const cases = traefikCases();

interface Ports {
  readonly web: number;
  readonly websecure: number;
  readonly ssh: number;
  readonly ping: number;
  readonly api: number;
  readonly engine: number;
  /** What stands for Authelia where Traefik asks whether somebody may come in. */
  readonly guard: number;
}

let folder: string;
let certificate: { readonly certificate: string; readonly key: string };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autogit-traefik-'));
  const crypto = createCrypto();
  const authority = await crypto.authority('test', 'home.arpa', Date.now());
  certificate = await crypto.leaf(authority, ['gitlab.lab.home.arpa'], Date.now());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describeWithPeer('Traefik', traefik, (program) => {
  describe.each(cases)('with $title', (one) => {
    let engine: ReadOnlyEngine;
    let process: PeerProcess;
    let ports: Ports;
    beforeAll(async () => {
      ports = await choosePorts();
      engine = await startReadOnlyEngine(one.stack, ports.engine, filterOf(one.stack));
      process = await startTraefik(program(), one, ports);
    });
    afterAll(async () => {
      await process.stop();
      await engine.close();
    });

    it('has exactly the routers, services and middlewares of the stack', async () => {
      const expected = expectedRouters(one);
      await vi.waitFor(
        async () => expect(await itemsOf(ports, 'http/routers', asRouter)).toEqual(expected.http),
        { timeout: 20_000, interval: 100 },
      );
      expect(await itemsOf(ports, 'tcp/routers', asRouter)).toEqual(expected.tcp);
      expect(await itemsOf(ports, 'http/services', asService)).toEqual(expected.httpServices);
      expect(await itemsOf(ports, 'tcp/services', asService)).toEqual(expected.tcpServices);
      expect(await itemsOf(ports, 'http/middlewares', ({ name }) => name)).toEqual(expected.middlewares);
      expect(engine.refused, 'the filter lets all through that Traefik asks').toEqual([]);
    });

    it('leads names to their containers over https, redirects http there, and knows no other name', async () => {
      const domain = one.stack.domain;
      await vi.waitFor(async () => expect((await ask(ports, `gitlab.${domain}`)).status).toBe(502), {
        timeout: 20_000,
        interval: 100,
      });
      const gitlab = await ask(ports, `gitlab.${domain}`);
      expect(gitlab.headers['x-content-type-options']).toBe('nosniff');
      const insists = one.stack.files.some(({ content }) => content.includes('stsSeconds: 86400'));
      expect(gitlab.headers['strict-transport-security']).toBe(insists ? 'max-age=86400' : 'max-age=0');
      if (hasCertificate(one)) expect(gitlab.subject).toBe('gitlab.lab.home.arpa');
      expect((await ask(ports, `elsewhere.${domain}`)).status).toBe(404);
      const redirect = await fetch(`http://127.0.0.1:${ports.web}/x`, { redirect: 'manual' });
      expect(redirect.status).toBe(302);
      expect(redirect.headers.get('location')).toBe(`https://127.0.0.1:${ports.websecure}/x`);
    });

    it('shows its dashboard to those whom Authelia lets in, and to nobody without it', async () => {
      const host = `traefik.${one.stack.domain}`;
      if (one.answers.sso !== 'authelia') {
        expect((await ask(ports, host, '/dashboard/')).status).toBe(404);
        return;
      }
      const asked: IncomingHttpHeaders[] = [];
      let status = 401;
      const guard = createServer((request, response) => {
        asked.push({ ...request.headers, url: request.url });
        response.writeHead(status).end();
      });
      await new Promise<void>((resolve) => guard.listen(ports.guard, '127.0.0.1', resolve));
      try {
        for (const path of ['/', '/dashboard/', '/api/http/routers', '/api/rawdata'])
          expect((await ask(ports, host, path)).status, path).toBe(401);
        expect(asked.at(-1)).toMatchObject({
          ...{ url: '/api/authz/forward-auth', 'x-forwarded-method': 'GET', 'x-forwarded-proto': 'https' },
          ...{ 'x-forwarded-host': host, 'x-forwarded-uri': '/api/rawdata' },
        });
        const forged = { remote_user: 'mallory', 'remote.groups': 'admins', 'x-other': 'kept' };
        await ask(ports, host, '/dashboard/', forged);
        expect(asked.at(-1)).toHaveProperty('x-other', 'kept');
        expect(Object.keys(asked.at(-1) ?? {}).filter((name) => name.startsWith('remote'))).toEqual([]);
        status = 200;
        expect((await ask(ports, host, '/dashboard/')).status).toBe(200);
      } finally {
        guard.closeAllConnections();
        await new Promise((resolve) => guard.close(resolve));
      }
    });

    it('has written no error and no warning but those that mean nothing', () => {
      expect(process.output()).toContain(' INF Starting provider');
      expect(troublesIn(process.output(), one)).toEqual([]);
    });
  });
});

describe.skipIf(traefik.found === null || socketProxy.found === null)(
  'the real filter before the engine',
  () => {
    it('lets Traefik see containers, and nobody do anything', async () => {
      const [one] = cases;
      if (one === undefined || traefik.found === null || socketProxy.found === null)
        throw new Error('no case');
      const ports = await choosePorts();
      const socket = join(folder, 'engine.sock');
      const engine = await startReadOnlyEngine(one.stack, socket);
      const proxy = startPeer(
        socketProxy.found,
        [...localArguments(one), `-socketpath=${socket}`, `-proxyport=${ports.engine}`],
        { cwd: folder },
      );
      const process = await startTraefik(traefik.found, one, ports);
      try {
        await vi.waitFor(
          async () =>
            expect(await itemsOf(ports, 'http/routers', asRouter)).toEqual(expectedRouters(one).http),
          { timeout: 20_000, interval: 100 },
        );
        const status = async (method: string, path: string): Promise<number> =>
          (await fetch(`http://127.0.0.1:${ports.engine}${path}`, { method })).status;
        const id = 'a'.repeat(64);
        expect(await status('GET', '/v1.51/version')).toBe(200);
        const refused = [
          ...['POST /v1.51/containers/create', `POST /v1.51/containers/${id}/start`, 'GET /v1.51/info'],
          ...[`GET /v1.51/containers/${id}/logs`, `GET /v1.51/containers/${id}/archive?path=/run/secrets`],
          ...['GET /v1.51/images/json', 'GET /v1.51/volumes', 'DELETE /v1.51/containers/x', 'PUT /v1.51/x'],
          ...[`GET /v1.51/containers/${id}/../../images/json`, `GET /v1.51/containers/${id}%2fjson/logs`],
        ];
        for (const line of refused) {
          const [method = '', path = ''] = line.split(' ');
          expect([403, 405], line).toContain(await status(method, path));
        }
      } finally {
        await process.stop();
        await proxy.stop();
        await engine.close();
      }
    });
  },
);

/** The rendered arguments, for a filter that is no container. */
function localArguments({ stack }: StackCase): readonly string[] {
  const here: Readonly<Record<string, string>> = {
    '-listenip=0.0.0.0': '-listenip=127.0.0.1',
    '-allowfrom=traefik': '-allowfrom=127.0.0.1/32',
  };
  return filterArguments(stack)
    .filter((argument) => argument !== '-allowhealthcheck')
    .map((argument) => here[argument] ?? argument);
}

async function choosePorts(): Promise<Ports> {
  const [web = 0, websecure = 0, ssh = 0, ping = 0, api = 0, engine = 0, guard = 0] = await freePorts(7);
  return { web, websecure, ssh, ping, api, engine, guard };
}

const staticSchema = z.looseObject({
  log: z.looseObject({ level: z.string() }),
  entryPoints: z.record(z.string(), z.looseObject({ address: z.string() })),
  providers: z.looseObject({ docker: z.looseObject({}), file: z.looseObject({}) }),
});

/** Starts Traefik with the rendered files; changed are only places: ports, paths, and an API that the test can read. */
async function startTraefik(program: string, { stack }: StackCase, ports: Ports): Promise<PeerProcess> {
  const at = await mkdtemp(join(folder, 'run-'));
  const place = (text: string): string =>
    text
      .replaceAll('/etc/traefik/', `${at}/`)
      .replaceAll('/run/secrets/', `${at}/secrets/`)
      .replaceAll('/data/', `${at}/`)
      .replaceAll('http://authelia:9091/', `http://127.0.0.1:${ports.guard}/`)
      // Nobody outside is asked for a certificate by a test.
      .replaceAll(/https:\/\/acme[a-z0-9-]*\.api\.letsencrypt\.org/g, 'http://127.0.0.1:9');
  for (const { path, content } of stack.files.filter((file) => file.path.startsWith('traefik/'))) {
    const target = join(at, path.slice('traefik/'.length));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, place(content));
  }
  const pair = pairFiles('abc');
  for (const [path, content] of [
    [pair.certificate, certificate.certificate],
    [pair.key, certificate.key],
    ...(hasCertificate({ answers: stack.answers })
      ? [[servedFile.slice('traefik/'.length), place(servedText('abc'))] as const]
      : []),
  ] as const) {
    await mkdir(dirname(join(at, path)), { recursive: true });
    await writeFile(join(at, path), content);
  }
  const rendered = stack.files.find(({ path }) => path === 'traefik/traefik.yml')?.content ?? '';
  const settings = staticSchema.parse(parse(place(rendered)));
  const address: Readonly<Record<string, number>> = { ...ports };
  const entryPoints = Object.entries(settings.entryPoints).map(
    ([name, entry]) => [name, { ...entry, address: `127.0.0.1:${address[name]}` }] as const,
  );
  const changed = {
    ...settings,
    api: { insecure: true },
    entryPoints: {
      ...Object.fromEntries(entryPoints),
      traefik: { address: `127.0.0.1:${ports.api}`, http: { aliasHeadersStrategy: 'delete' } },
    },
    providers: {
      ...settings.providers,
      docker: { ...settings.providers.docker, endpoint: `tcp://127.0.0.1:${ports.engine}` },
    },
  };
  await writeFile(join(at, 'traefik.yml'), stringify(changed));
  return startPeer(program, [`--configFile=${join(at, 'traefik.yml')}`], { cwd: at, env: acmeEnvironment });
}

/** Providers are asked for nothing in the tests, and want to know how they could be. */
const acmeEnvironment = {
  ...{ NETCUP_CUSTOMER_NUMBER: '1', NETCUP_API_KEY: 'x', NETCUP_API_PASSWORD: 'x' },
  ...{ AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'eu-west-1' },
};

const itemsSchema = z.array(
  z.looseObject({
    ...{ name: z.string(), status: z.string(), error: z.array(z.string()).default([]) },
    ...{ rule: z.string().optional(), service: z.string().optional(), tls: z.unknown().optional() },
    ...{ entryPoints: z.array(z.string()).default([]), middlewares: z.array(z.string()).default([]) },
    loadBalancer: z
      .looseObject({
        servers: z.array(z.looseObject({ url: z.string().optional(), address: z.string().optional() })),
      })
      .optional(),
  }),
);
type Item = z.infer<typeof itemsSchema>[number];

/** What Traefik's API lists of the stack itself, without what Traefik has for itself; all of it works. */
async function itemsOf<T>(ports: Ports, what: string, pick: (item: Item) => T): Promise<readonly T[]> {
  const answer = await fetch(`http://127.0.0.1:${ports.api}/api/${what}?per_page=100`);
  const items = itemsSchema.parse(await answer.json()).filter(({ name }) => !name.endsWith('@internal'));
  expect(items.filter(({ status, error }) => status !== 'enabled' || error.length > 0)).toEqual([]);
  return items.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(pick);
}

const asRouter = ({ name, rule, entryPoints, middlewares, service, tls }: Item) => ({
  ...{ name, rule, entryPoints, middlewares, service, tls },
});

/** `gitlab@docker 80`: the port of the container. */
function asService({ name, loadBalancer }: Item): string {
  const ports = loadBalancer?.servers.map(({ url, address }) => (url ?? address)?.split(':').at(-1));
  return `${name} ${ports?.join(' ')}`;
}

function expectedRouters({ answers, stack: { domain } }: StackCase) {
  const isProtected = answers.sso === 'authelia';
  const hasRegistry = answers.templates['registry'] !== undefined;
  const hasSsh = answers.ssh === 'traefik';
  const middlewares = ['secure-headers@file'];
  const web = (name: string, host: string) => ({
    ...{ name, rule: `Host(\`${host}.${domain}\`)`, entryPoints: ['websecure'], middlewares },
    ...{ service: name.replace(/@.*/, ''), tls: expectedTls(answers.tls.mode, domain) },
  });
  return {
    http: [
      ...(isProtected
        ? [
            web('authelia@docker', 'auth'),
            {
              ...web('dashboard@file', 'traefik'),
              ...{
                service: 'api@internal',
                middlewares: [...middlewares, 'authelia@file', 'panel-headers@file'],
              },
            },
          ]
        : []),
      web('gitlab@docker', 'gitlab'),
      ...(hasRegistry ? [web('registry@docker', 'registry')] : []),
    ],
    tcp: hasSsh
      ? [
          {
            ...{ name: 'gitlab-ssh@docker', rule: 'HostSNI(`*`)', entryPoints: ['ssh'], middlewares: [] },
            ...{ service: 'gitlab-ssh', tls: undefined },
          },
        ]
      : [],
    httpServices: [
      ...(isProtected ? ['authelia@docker 9091'] : []),
      'gitlab@docker 80',
      ...(hasRegistry ? ['registry@docker 5050'] : []),
    ],
    tcpServices: hasSsh ? ['gitlab-ssh@docker 22'] : [],
    middlewares: [...(isProtected ? ['authelia@file', 'panel-headers@file'] : []), ...middlewares],
  };
}

/** Every router has the TLS of its entry point. */
function expectedTls(mode: StackCase['answers']['tls']['mode'], domain: string) {
  const domains = [{ main: domain, sans: [`*.${domain}`] }];
  return {
    options: 'default',
    ...(mode === 'acme-dns' || mode === 'acme-http' ? { certResolver: 'letsencrypt' } : {}),
    ...(mode === 'acme-dns' ? { domains } : {}),
  };
}

function hasCertificate({ answers: { tls } }: Pick<StackCase, 'answers'>): boolean {
  return tls.mode === 'local-ca' || tls.mode === 'own';
}

/** Lines that tell of something wrong; not those of a certificate that nobody can be asked for in a test. */
function troublesIn(output: string, { stack }: StackCase): readonly string[] {
  const harmless = (stack.harmless['traefik'] ?? []).map((pattern) => new RegExp(pattern));
  return output
    .split('\n')
    .filter((line) => / (?:WRN|ERR|FTL|PNC) /.test(line))
    .filter((line) => !harmless.some((pattern) => pattern.test(line)))
    .filter((line) => !line.includes('Unable to obtain ACME certificate'));
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Common name of the certificate. */
  readonly subject: string | undefined;
}

function ask(
  ports: Ports,
  host: string,
  path = '/',
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: ports.websecure, servername: host, path };
    const headers = { host, ...more };
    const sent = request({ ...options, headers, rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      const { socket, statusCode: status } = response;
      const CN = socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : undefined;
      resolve({ status, headers: response.headers, subject: Array.isArray(CN) ? CN[0] : CN });
    });
    sent.once('error', reject).end();
  });
}
