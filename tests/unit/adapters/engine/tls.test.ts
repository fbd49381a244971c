// Engines behind TLS: a server of the test's own, with certificates that openssl makes.
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createPlain } from 'node:http';
import { Server, createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEngines } from '../../../../main/adapters/engine/find.ts';
import type { Engines } from '../../../../main/ports.ts';
import { silentLog } from '../../../engine/real-engines.ts';

const run = promisify(execFile);
let certs: string;
let home: string;
const servers: { close(done: () => void): unknown; closeAllConnections(): void }[] = [];

/** A key and a certificate `name`.pem, signed by `ca` or by itself. */
async function makeCertificate(name: string, ca: string | null, more: readonly string[] = []): Promise<void> {
  const path = (file: string): string => join(certs, file);
  const signed = ca === null ? [] : ['-CA', path(`${ca}.pem`), '-CAkey', path(`${ca}-key.pem`)];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', path(`${name}-key.pem`), '-out', path(`${name}.pem`)];
  await run('openssl', [
    'req',
    '-x509',
    ...key,
    '-subj',
    `/CN=${name}`,
    '-days',
    '2',
    ...signed,
    ...files,
    ...more,
  ]);
}

beforeAll(async () => {
  certs = await mkdtemp(join(tmpdir(), 'autogit-certs-'));
  const forLoopback = ['-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=CA:FALSE'];
  await Promise.all([makeCertificate('ca', null), makeCertificate('other-ca', null)]);
  await Promise.all([
    makeCertificate('server', 'ca', forLoopback),
    makeCertificate('elsewhere', 'ca', ['-addext', 'subjectAltName=DNS:elsewhere']),
    makeCertificate('client', 'ca', ['-addext', 'basicConstraints=CA:FALSE']),
    makeCertificate('stranger', 'other-ca', ['-addext', 'basicConstraints=CA:FALSE']),
  ]);
});
afterAll(() => rm(certs, { recursive: true, force: true }));

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'autogit-tls-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    const closed = new Promise<void>((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
  await rm(home, { recursive: true, force: true });
});

const answers: Readonly<Record<string, object>> = {
  '/version': { Version: '28.0.0', ApiVersion: '1.48', Arch: 'amd64' },
  '/info': {
    Driver: 'overlay2',
    NCPU: 2,
    MemTotal: 1024,
    Name: 'far-away',
    DockerRootDir: '/var/lib/docker',
  },
};

function listen(server: Server | ReturnType<typeof createPlain>): Promise<string> {
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(`tcp://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`);
    });
  });
}

/** An engine that asks for a client's certificate. */
async function engineWith(certificate: string): Promise<string> {
  const read = (name: string): Promise<string> => readFile(join(certs, name), 'utf8');
  const options = {
    ...{ cert: await read(`${certificate}.pem`), key: await read(`${certificate}-key.pem`) },
    ...{ ca: await read('ca.pem'), requestCert: true, rejectUnauthorized: true },
  };
  const server = createServer(options, ({ url = '' }, response) => {
    response.end(JSON.stringify(answers[url.replace(/\?.*$/, '')] ?? 'OK'));
  });
  // As engines do: they keep a connection as long as the other side does.
  server.keepAliveTimeout = 0;
  return listen(server);
}

/** What refuses a strange certificate with an alert, as engines do; Node's server only hangs up. */
async function strictServer(): Promise<string> {
  const path = (name: string): string => join(certs, name);
  const server = spawn('openssl', [
    ...['s_server', '-accept', '127.0.0.1:0', '-Verify', '1', '-verify_return_error', '-www'],
    ...['-cert', path('server.pem'), '-key', path('server-key.pem'), '-CAfile', path('ca.pem')],
  ]);
  servers.push({
    close: (done) => {
      server.once('close', done);
      server.kill();
    },
    closeAllConnections: () => undefined,
  });
  return new Promise((resolve, reject) => {
    let said = '';
    server.once('error', reject);
    server.stdout.setEncoding('utf8').on('data', (part: string) => {
      said += part;
      const port = /^ACCEPT 127\.0\.0\.1:(\d+)/m.exec(said)?.[1];
      if (port !== undefined) resolve(`tcp://127.0.0.1:${port}`);
    });
  });
}

/** A folder with the material of one client, as docker has it. */
async function material(client: string, ca = 'ca', folder = join(home, 'certs')): Promise<string> {
  await mkdir(folder, { recursive: true });
  await copyFile(join(certs, `${ca}.pem`), join(folder, 'ca.pem'));
  await copyFile(join(certs, `${client}.pem`), join(folder, 'cert.pem'));
  await copyFile(join(certs, `${client}-key.pem`), join(folder, 'key.pem'));
  return folder;
}

async function context(name: string, host: string, skips = false): Promise<string> {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = join(home, '.docker/contexts/meta', id);
  await mkdir(meta, { recursive: true });
  const endpoint = { Host: host, SkipTLSVerify: skips };
  await writeFile(join(meta, 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker: endpoint } }));
  return join(home, '.docker/contexts/tls', id, 'docker');
}

function engines(variables: Readonly<Record<string, string>> = {}): Engines {
  return createEngines({ variables, home, uid: null, log: silentLog });
}

describe('an engine behind TLS', () => {
  it('is reached with the certificates that the variables name', async () => {
    const host = await engineWith('server');
    const folder = await material('client');
    const variables = { DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder };
    const info = await engines(variables).ask(host);
    expect(info).toMatchObject({ version: '28.0.0', host, lowestPort: 1, disk: null });
    expect(await engines(variables).connect(host).info()).toEqual(info);
  });

  it('is reached with the certificates of its context, also when only the address is given', async () => {
    const host = await engineWith('server');
    await material('client', 'ca', await context('lab', host));
    expect(await engines().ask(host)).toMatchObject({ version: '28.0.0' });
  });

  it('has to show a certificate that is trusted, also where the context says that nobody need look at it', async () => {
    const host = await engineWith('server');
    const folder = await context('lab', host, true);
    await material('client', 'other-ca', folder);
    await expect(engines().ask(host)).rejects.toMatchObject({ key: 'engine.tls' });
    await material('client', 'ca', folder);
    expect(await engines().ask(host)).toMatchObject({ version: '28.0.0' });
  });

  it('takes up renewed certificates', async () => {
    const host = await engineWith('server');
    const folder = await context('lab', host);
    await material('client', 'other-ca', folder);
    const engine = engines().connect(host);
    await expect(engine.info()).rejects.toMatchObject({ key: 'engine.tls' });
    await material('client', 'ca', folder);
    expect(await engine.info()).toMatchObject({ version: '28.0.0' });
  });

  it('keeps no connection of questions that were answered', { timeout: 20_000 }, async () => {
    const host = await engineWith('server');
    await material('client', 'ca', await context('lab', host));
    const found = engines();
    for (let count = 0; count < 3; count += 1) await found.ask(host);
    const server = servers.at(-1);
    const open = (): Promise<number> =>
      new Promise((resolve, reject) => {
        if (!(server instanceof Server)) reject(new Error('no server'));
        else server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
      });
    await expect.poll(open, { timeout: 10_000, interval: 200 }).toBe(0);
  });

  it('that is not there is unreachable, and its context is named', async () => {
    await material('client', 'ca', await context('lab', 'tcp://127.0.0.1:1'));
    const asked = engines().ask('tcp://127.0.0.1:1');
    await expect(asked).rejects.toMatchObject({ key: 'engine.unreachable' });
    await expect(asked).rejects.toThrow('(docker context "lab")');
  });
});

describe('what is wrong with a secure connection', () => {
  /** The error for a context with this material, changed by the test. */
  async function errorFor(
    host: string,
    change: (folder: string) => Promise<unknown>,
    client = 'client',
    ca = 'ca',
  ): Promise<string> {
    const folder = await material(client, ca, await context('lab', host));
    await change(folder);
    const asked = engines().ask(host);
    await expect(asked).rejects.toMatchObject({ key: 'engine.tls' });
    return asked.then(
      () => '',
      (error: unknown) => String(error),
    );
  }
  const nothing = (): Promise<void> => Promise.resolve();

  it('is a certificate that nobody here trusts', async () => {
    expect(await errorFor(await engineWith('server'), nothing, 'client', 'other-ca')).toContain(
      'is not trusted',
    );
  });

  it('is a certificate for another name', async () => {
    expect(await errorFor(await engineWith('elsewhere'), nothing)).toContain('is for another name');
  });

  it('is our certificate, which the engine refuses', async () => {
    expect(await errorFor(await strictServer(), nothing, 'stranger')).toContain('refused our certificate');
  });

  it('is that the engine asks for a certificate and there is none', async () => {
    const host = await engineWith('server');
    const without = async (folder: string): Promise<void> => {
      await Promise.all(['cert.pem', 'key.pem'].map((name) => rm(join(folder, name))));
    };
    expect(await errorFor(host, without)).toContain('refused our certificate');
  });

  it('is a missing file, named with its folder', async () => {
    const host = await engineWith('server');
    expect(await errorFor(host, (folder) => rm(join(folder, 'key.pem')))).toContain(
      'key.pem is missing in /',
    );
    const folder = await material('client', 'ca', join(home, 'other'));
    await rm(join(folder, 'ca.pem'));
    const variables = { DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder };
    const asked = engines(variables).ask(host);
    await expect(asked).rejects.toThrow(`ca.pem is missing in ${folder}`);
  });

  it('is a file that is none, or cannot be read, or a key of another certificate', async () => {
    const host = await engineWith('server');
    const broken = (folder: string): Promise<void> => writeFile(join(folder, 'cert.pem'), 'no certificate');
    expect(await errorFor(host, broken)).toContain('cannot be used');
    const unreadable = async (folder: string): Promise<void> => {
      await rm(join(folder, 'key.pem'));
      await mkdir(join(folder, 'key.pem'));
    };
    expect(await errorFor(host, unreadable)).toContain('cannot be read');
    await rm(join(home, '.docker'), { recursive: true });
    const foreign = (folder: string): Promise<void> =>
      copyFile(join(certs, 'stranger-key.pem'), join(folder, 'key.pem'));
    expect(await errorFor(host, foreign)).toContain('cannot be used');
  });

  it('is that one side speaks TLS and the other does not', async () => {
    const plain = await listen(createPlain((_request, response) => response.end('OK')));
    expect(await errorFor(plain, nothing)).toContain('does not speak TLS');
    const words = 'Client sent an HTTP request to an HTTPS server.\n';
    const secure = await listen(createPlain((_request, response) => response.writeHead(400).end(words)));
    await expect(engines().ask(secure)).rejects.toMatchObject({ key: 'engine.tls' });
  });
});
