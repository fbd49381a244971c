// A world in which certificates are asked for: pebble, name servers, and Traefik with the configuration that the product renders.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:https';
import type { Server } from 'node:https';
import { connect } from 'node:tls';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { createCrypto } from '../../main/adapters/stack/crypto.ts';
import { letsEncrypt, letsEncryptStaging } from '../../main/model/stack/acme.ts';
import { rootFile } from '../../main/model/stack/made-files.ts';
import type { RenderedStack, StackFacts } from '../../main/model/stack/stack.ts';
import { renderStack } from '../../main/templates/render-stack.ts';
import { waitFor } from '../chaos/wait-for.ts';
import { bundledTemplates, someAnswers, someFacts } from '../fakes/stack-templates.ts';
import { freePorts, startPeer } from './peer-process.ts';
import type { PeerProcess } from './peer-process.ts';
import type { AcmePeer } from './peers.ts';
import { filterOf, startReadOnlyEngine } from './read-only-engine.ts';
import type { ReadOnlyEngine } from './read-only-engine.ts';

export const acmeDomain = 'lab.example.net';

/** A real authority that speaks ACME, and what answers pebble's questions for names. */
export interface Authority {
  readonly directory: string;
  /** Where whoever has to be told what went wrong asks instead. */
  readonly port: number;
  /** PEM of the root of its own https, and then of the certificates that it gives. */
  readonly ca: string;
  roots(): Promise<string>;
  output(): string;
  stop(): Promise<void>;
}

export interface AcmeLab {
  readonly folder: string;
  /** Port to which the authority connects for HTTP-01. */
  readonly httpPort: number;
  /** Management of pebble's name server: `http://127.0.0.1:…`. */
  readonly names: string;
  authority(options?: { readonly nameServer?: string; readonly seconds?: number }): Promise<Authority>;
  stop(): Promise<void>;
}

/** Everything in a folder of its own, on ports that nobody has. */
export async function openAcmeLab({ pebble, challenges }: AcmePeer): Promise<AcmeLab> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-acme-'));
  const [httpPort = 0, dns = 0, management = 0] = await freePorts(3);
  const off = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-doh', ''];
  const server = startPeer(
    challenges,
    [...off, '-dnsserver', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${management}`, '-defaultIPv6', ''],
    { cwd: folder },
  );
  const started: Authority[] = [];
  const crypto = createCrypto();
  const own = await crypto.authority('pebble', 'localhost', Date.now());
  const leaf = await crypto.leaf(own, ['localhost'], Date.now());
  await writeFile(join(folder, 'pebble.pem'), leaf.certificate);
  await writeFile(join(folder, 'pebble.key'), leaf.key, { mode: 0o600 });
  await writeFile(join(folder, 'pebble-ca.pem'), own.certificate);
  return {
    ...{ folder, httpPort, names: `http://127.0.0.1:${management}` },
    authority: async ({ nameServer = `127.0.0.1:${dns}`, seconds = 7_776_000 } = {}) => {
      const authority = await startPebble(pebble, {
        folder,
        httpPort,
        nameServer,
        seconds,
        ca: own.certificate,
      });
      started.push(authority);
      return authority;
    },
    stop: async () => {
      for (const one of started) await one.stop();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startPebble(
  program: string,
  {
    folder,
    httpPort,
    nameServer,
    seconds,
    ca,
  }: Pick<AcmeLab, 'folder' | 'httpPort'> & {
    readonly nameServer: string;
    readonly seconds: number;
    readonly ca: string;
  },
): Promise<Authority> {
  const [port = 0, management = 0, tlsPort = 0] = await freePorts(3);
  const config = join(folder, `pebble-${port}.json`);
  const settings = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    ...{ certificate: join(folder, 'pebble.pem'), privateKey: join(folder, 'pebble.key') },
    ...{ httpPort, tlsPort, ocspResponderURL: '', externalAccountBindingRequired: false },
    ...{ retryAfter: { authz: 1, order: 1 }, keyAlgorithm: 'ecdsa' },
    profiles: { default: { description: 'of a test', validityPeriod: seconds } },
  };
  await writeFile(config, JSON.stringify({ pebble: settings }));
  const env = { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0' };
  const process = startPeer(program, ['-config', config, '-dnsserver', nameServer], { cwd: folder, env });
  await waitFor(() => get(`https://localhost:${port}/dir`, ca), { timeout: 15_000, interval: 100 });
  return {
    ...{ directory: `https://localhost:${port}/dir`, port, ca },
    roots: () => get(`https://localhost:${management}/roots/0`, ca),
    output: process.output,
    stop: process.stop,
  };
}

function get(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ca, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => resolve(text)).once('error', reject);
    });
    sent.once('error', reject).end();
  });
}

/** Tells pebble's name server something. https://github.com/letsencrypt/pebble/tree/main/cmd/pebble-challtestsrv */
export async function tell({ names }: AcmeLab, what: string, body: object): Promise<void> {
  const answer = await fetch(`${names}/${what}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${what}: ${answer.status}`);
}

/** Stands before pebble, and answers for a new order as Let's Encrypt does when it refuses one. */
export async function refusingProxy(
  { folder }: AcmeLab,
  { port, ca }: Authority,
  problem: { readonly type: string; readonly status: number; readonly detail: string },
): Promise<{ readonly directory: string; stop(): Promise<void> }> {
  const [own = 0] = await freePorts(1);
  const [cert, key] = await Promise.all(
    ['pebble.pem', 'pebble.key'].map((name) => readFile(join(folder, name))),
  );
  const server: Server = createServer({ cert, key }, (incoming, outgoing) => {
    if (incoming.url?.includes('order-plz') === true) {
      incoming.resume();
      const body = JSON.stringify({ ...problem, type: `urn:ietf:params:acme:error:${problem.type}` });
      outgoing.writeHead(problem.status, {
        ...{ 'content-type': 'application/problem+json', 'replay-nonce': 'bm9uY2U', 'retry-after': '3600' },
      });
      outgoing.end(body);
      return;
    }
    const { method, url: path, headers } = incoming;
    const sent = request({ host: 'localhost', port, method, path, headers, ca, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    sent.once('error', () => outgoing.destroy());
    incoming.pipe(sent);
  });
  await new Promise<void>((resolve) => server.listen(own, '127.0.0.1', resolve));
  return {
    directory: `https://localhost:${own}/dir`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The product's stack for these answers. */
export function acmeStack(
  tls: Readonly<Record<string, unknown>>,
  facts: Partial<StackFacts> = {},
): RenderedStack {
  const answers = someAnswers({ tls: { email: 'ana@example.net', ...tls }, domain: acmeDomain, sso: 'off' });
  const rendering = renderStack({ answers, facts: someFacts(facts), templates: bundledTemplates() });
  if (rendering.ok) return rendering.stack;
  throw new Error(JSON.stringify(rendering.problems));
}

export interface AcmeTraefik {
  output(): string;
  readonly port: number;
  stop(): Promise<void>;
}

const staticSchema = z.looseObject({
  log: z.looseObject({}),
  entryPoints: z.record(z.string(), z.looseObject({ address: z.string() })),
  providers: z.looseObject({ docker: z.looseObject({}), file: z.looseObject({}) }),
  certificatesResolvers: z.record(
    z.string(),
    z.looseObject({ acme: z.looseObject({ dnsChallenge: z.looseObject({}).optional() }) }),
  ),
});

export interface TraefikPlace {
  /** Kept from start to start: its storage. */
  readonly at: string;
  readonly lab: AcmeLab;
  /** In the place of Let's Encrypt's two. */
  readonly real?: string;
  readonly staging?: string;
  /** PEM to believe the authority's own https by. */
  readonly ca: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Hours, in the place of what is rendered. */
  readonly hours?: number;
}

/** Starts Traefik with the rendered files; changed are only places: ports, paths, and where Let's Encrypt is. */
export async function startAcmeTraefik(
  program: string,
  stack: RenderedStack,
  { at, lab, real, staging, ca, env = {}, hours }: TraefikPlace,
): Promise<AcmeTraefik> {
  const [websecure = 0, ping = 0, enginePort = 0] = await freePorts(3);
  const place = (text: string): string =>
    text
      .replaceAll('/etc/traefik/', `${at}/`)
      .replaceAll('/data/', `${at}/`)
      .replaceAll(letsEncryptStaging, staging ?? 'https://127.0.0.1:9/dir')
      .replaceAll(letsEncrypt, real ?? 'https://127.0.0.1:9/dir');
  for (const { path, content } of stack.files.filter((file) => file.path.startsWith('traefik/'))) {
    const target = join(at, path.slice('traefik/'.length));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, place(content));
  }
  await writeFile(join(at, rootFile), ca);
  const rendered = stack.files.find(({ path }) => path === 'traefik/traefik.yml')?.content ?? '';
  const settings = staticSchema.parse(parse(place(rendered)));
  const ports: Readonly<Record<string, number>> = { web: lab.httpPort, websecure, ping };
  const entryPoints = Object.entries(settings.entryPoints).map(
    ([name, entry]) => [name, { ...entry, address: `127.0.0.1:${ports[name]}` }] as const,
  );
  const resolvers = Object.entries(settings.certificatesResolvers).map(
    ([name, { acme }]) =>
      [
        name,
        {
          acme: {
            ...{ ...acme, caCertificates: [join(at, rootFile)] },
            ...(hours === undefined ? {} : { certificatesDuration: hours }),
            // This machine's own resolver does not know the name of the name server.
            ...(acme.dnsChallenge === undefined
              ? {}
              : { dnsChallenge: { ...acme.dnsChallenge, propagation: { disableANSChecks: true } } }),
          },
        },
      ] as const,
  );
  const changed = {
    ...settings,
    entryPoints: Object.fromEntries(entryPoints),
    certificatesResolvers: Object.fromEntries(resolvers),
    providers: {
      ...settings.providers,
      docker: { ...settings.providers.docker, endpoint: `tcp://127.0.0.1:${enginePort}` },
    },
  };
  await writeFile(join(at, 'traefik.yml'), stringify(changed));
  const engine: ReadOnlyEngine = await startReadOnlyEngine(stack, enginePort, filterOf(stack));
  let stopped: Promise<void> | null = null;
  const process: PeerProcess = startPeer(program, [`--configFile=${join(at, 'traefik.yml')}`], {
    cwd: at,
    env,
  });
  return {
    port: websecure,
    output: process.output,
    stop: () =>
      (stopped ??= (async () => {
        await process.stop();
        await engine.close();
      })()),
  };
}

/** What is served for a name, verified with these roots. */
export interface SeenCertificate {
  readonly isTrusted: boolean;
  readonly names: string;
  readonly issuer: string;
  readonly serial: string;
  readonly until: number;
}

export function lookAt(port: number, name: string, ca: string): Promise<SeenCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername: name, ca, rejectUnauthorized: false });
    socket.once('error', reject).once('secureConnect', () => {
      const { subjectaltname = '', issuer, serialNumber, valid_to: until } = socket.getPeerCertificate();
      const CN = issuer.CN;
      resolve({
        ...{ isTrusted: socket.authorized, names: subjectaltname, serial: serialNumber },
        ...{ issuer: Array.isArray(CN) ? CN.join() : (CN ?? ''), until: Date.parse(until) },
      });
      socket.destroy();
    });
  });
}
