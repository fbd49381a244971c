// The real Authelia with the rendered files of a stack, behind TLS as Traefik would be: for tests of who signs in through it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, vi } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createCrypto } from '../../main/adapters/stack/crypto.ts';
import { renderStack } from '../../main/templates/render-stack.ts';
import type { StackFacts } from '../../main/model/stack/stack.ts';
import { someAuthority } from '../fakes/some-authority.ts';
import { bundledTemplates, someAnswers, someFacts } from '../fakes/stack-templates.ts';
import { freePorts, startPeer } from './peer-process.ts';
import type { PeerProcess } from './peer-process.ts';
import { contentOf } from './stack-matrix.ts';

export interface RealAuthelia {
  readonly issuer: string;
  /** PEM of the root that its certificate leads to. */
  readonly root: string;
  /** Where it listens: `127.0.0.1:40123`, or at the address that was asked for. */
  readonly connect: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly output: () => string;
  /** Its container's `/config`, `/data` and `/run/secrets` lie in here. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Ends it and starts it again, with all that it has written. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const serviceSchema = z.object({
  services: z.object({
    authelia: z.object({ environment: z.record(z.string(), z.string()), entrypoint: z.array(z.string()) }),
  }),
});

/** What differs from the usual lab. */
export interface AutheliaChange {
  readonly answers?: Readonly<Record<string, unknown>>;
  readonly facts?: Partial<StackFacts>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Where its front listens, in place of the loopback: containers have to reach it there. */
  readonly address?: string;
  /** Changes the configuration as it lies on this machine. */
  readonly configuration?: (text: string) => string;
}

/** As the stack of a lab has it, with the port of a front of the test's own in every address. */
export async function openAuthelia(program: string, change: AutheliaChange = {}): Promise<RealAuthelia> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-real-authelia-'));
  const [inner = 0, outer = 0] = await freePorts(2);
  const ports = { http: 8090, https: outer, ssh: 8091, dns: 5353 };
  const answers = someAnswers({ ports, ...change.answers });
  const rendering = renderStack({ answers, templates: bundledTemplates(), facts: someFacts(change.facts) });
  if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems));
  const { stack } = rendering;
  const host = `auth.${stack.domain}`;
  const { address = '127.0.0.1' } = change;
  const placed = (text: string): string =>
    text
      .replaceAll('/run/secrets/', `${folder}/secrets/`)
      .replaceAll('/data/', `${folder}/data/`)
      .replaceAll('/config/', `${folder}/config/`)
      .replace('tcp://:9091/', `tcp://127.0.0.1:${inner}/`);
  const here = (text: string): string => (change.configuration ?? String)(placed(text));
  const { secrets: made, clientSecret } = await makeSecrets();
  const secrets = { ...made, ...change.secrets };
  const files = stack.files
    .filter(({ path }) => path.startsWith('authelia/'))
    .map(({ path, content }) => [path.replace('authelia/', 'config/'), here(content)] as const);
  const values = Object.entries(secrets).map(([name, value]) => [`secrets/${name}`, value] as const);
  for (const [path, content] of [...files, ...values, ['data/.keep', ''] as const]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const { environment, entrypoint } = serviceSchema.parse(parse(contentOf(stack, 'compose.yaml'))).services
    .authelia;
  const [command = '', ...args] = entrypoint.map(placed);
  const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, here(value)]));
  const PATH = `${dirname(program)}:${process.env['PATH'] ?? ''}`;
  const start = async (): Promise<PeerProcess> => {
    const begun = startPeer(command, args, { cwd: folder, env: { ...env, PATH } });
    await vi.waitFor(
      async () =>
        expect((await fetch(`http://127.0.0.1:${inner}/api/health`)).status, begun.output()).toBe(200),
      { timeout: 30_000, interval: 100 },
    );
    return begun;
  };
  let started = await start();
  const front = await openFront(host, { inner, outer, address });
  return {
    ...{ issuer: `https://${host}:${outer}`, root: front.root, connect: `${address}:${outer}`, clientSecret },
    redirectUri: `${stack.gitlabUrl}/users/auth/openid_connect/callback`,
    output: () => started.output(),
    ...{ folder, env },
    restart: async () => {
      await started.stop();
      started = await start();
    },
    close: async () => {
      await front.close();
      await started.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeSecrets() {
  const crypto = createCrypto();
  const clientSecret = crypto.random(64);
  const random = ['storage-key', 'session-secret', 'reset-secret', 'oidc-secret'].map(
    (name) => [`authelia-${name}`, crypto.random(64)] as const,
  );
  const secrets = {
    ...Object.fromEntries(random),
    'authelia-oidc-key': await crypto.rsaKey(),
    'authelia-gitlab-digest': await crypto.pbkdf2(clientSecret),
    'authelia-admin-digest': await crypto.argon2id('correct horse battery'),
  };
  return { secrets, clientSecret };
}

/** Ends TLS and says whom the browser asked, as Traefik does. */
async function openFront(
  host: string,
  { inner, outer, address }: { readonly inner: number; readonly outer: number; readonly address: string },
) {
  const { authority, certificate, key } = await someAuthority([host]);
  const server = createTlsServer({ cert: certificate, key }, (incoming, answer) => {
    const headers = {
      ...incoming.headers,
      ...{ 'x-forwarded-proto': 'https', 'x-forwarded-host': incoming.headers.host },
      'x-forwarded-for': '192.168.1.20',
    };
    const passed = request({
      ...{ host: '127.0.0.1', port: inner, method: incoming.method, path: incoming.url, headers },
    });
    passed.once('response', (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers);
      given.pipe(answer);
    });
    passed.once('error', () => answer.writeHead(502).end());
    incoming.pipe(passed);
  });
  await new Promise<AddressInfo | string | null>((resolve, reject) => {
    server.once('error', reject).listen(outer, address, () => resolve(server.address()));
  });
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { root: authority, close };
}
