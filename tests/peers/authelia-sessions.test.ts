// The real Authelia and the real Redis, both as their rendered files start them: who is signed in stays so over a restart.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { renderStack } from '../../main/templates/render-stack.ts';
import { bundledTemplates, someAnswers, someFacts } from '../fakes/stack-templates.ts';
import { freePorts, startPeer } from './peer-process.ts';
import type { PeerProcess } from './peer-process.ts';
import { describeWithPeer, findAuthelia, findRedis } from './peers.ts';
import { openAuthelia } from './real-authelia.ts';
import type { RealAuthelia } from './real-authelia.ts';
import { contentOf } from './stack-matrix.ts';

const [authelia, redis] = [await findAuthelia(), await findRedis()];
const found = authelia.found === null || redis.found === null ? null : { authelia: authelia.found };
const password = 'a'.repeat(64);
const levelSchema = z.object({ data: z.object({ authentication_level: z.number() }) });

describeWithPeer('sessions in Redis', { name: 'redis', found }, (programs) => {
  let folder: string;
  let port: number;
  let server: PeerProcess;
  let at: RealAuthelia;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autogit-sessions-'));
    [port = 0] = await freePorts(1);
    await layOut(folder, port);
    server = startPeer('sh', [join(folder, 'start.sh')], { cwd: folder });
    await vi.waitFor(async () => expect(await ask('PING')).toMatch(/^-NOAUTH/), { timeout: 30_000 });
    at = await openAuthelia(programs().authelia, {
      answers: { templates: { authelia: { sessions: 'redis' } } },
      secrets: { 'authelia-redis-password': password },
      configuration: (text) =>
        text.replace("host: 'authelia-redis'\n    port: 6379", `host: '127.0.0.1'\n    port: ${port}`),
    });
  });
  afterAll(async () => {
    await at.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Says something to Redis as anybody could who reaches it; the first line of its answer. */
  const ask = (words: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(`${words}\r\n`));
      socket.once('error', reject).once('data', (data: Buffer) => {
        socket.destroy();
        resolve(data.toString().split('\r\n')[0] ?? '');
      });
    });

  it('last over a restart of Authelia, and over one of Redis', async () => {
    const { cookie } = await call(at, '/api/firstfactor', {
      body: { username: 'admin', password: 'correct horse battery' },
    });
    expect(cookie).toMatch(/^authelia_session=/);
    const level = async (): Promise<number> =>
      levelSchema.parse(JSON.parse((await call(at, '/api/state', { cookie })).text)).data
        .authentication_level;
    expect(await level()).toBe(1);
    await at.restart();
    expect(await level(), at.output()).toBe(1);
    await server.stop();
    expect(await readdir(join(folder, 'data'))).toEqual(['sessions.rdb']);
    server = startPeer('sh', [join(folder, 'start.sh')], { cwd: folder });
    await vi.waitFor(async () => expect(await level()).toBe(1), { timeout: 30_000 });
  });

  it('are shown to nobody who has not their password', async () => {
    expect(await ask('KEYS *')).toMatch(/^-NOAUTH/);
    expect(await ask(`AUTH ${'b'.repeat(64)}`)).toMatch(/^-WRONGPASS/);
    expect(await ask(`AUTH ${password}`)).toBe('+OK');
  });

  it('answer to the question whether all is well, and say when it is not', async () => {
    const asking = async (): Promise<string> => {
      const one = startPeer('sh', ['-c', `sh ${join(folder, 'start.sh')} ask && echo well || echo ill`], {
        cwd: folder,
      });
      await vi.waitFor(() => expect(one.output()).toMatch(/^(?:well|ill)$/m));
      return /^(?:well|ill)$/m.exec(one.output())?.[0] ?? '';
    };
    expect(await asking()).toBe('well');
    await server.stop();
    expect(await asking()).toBe('ill');
  });
});

/** The rendered files, with places of this machine and a port of the test's own. */
async function layOut(folder: string, port: number): Promise<void> {
  const answers = someAnswers({ templates: { authelia: { sessions: 'redis' } } });
  const rendering = renderStack({ answers, templates: bundledTemplates(), facts: someFacts() });
  if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems));
  const here = (text: string): string =>
    text
      .replaceAll('/run/secrets/', `${folder}/`)
      .replaceAll('/config/', `${folder}/`)
      .replaceAll('/tmp/password.conf', `${folder}/password.conf`)
      .replace('dir /data', `dir ${folder}/data`)
      .replace('port 6379', `port ${port}`)
      .replace('redis-cli', `redis-cli -p ${port}`);
  for (const name of ['redis.conf', 'start.sh'])
    await writeFile(join(folder, name), here(contentOf(rendering.stack, `authelia-redis/${name}`)));
  await writeFile(join(folder, 'authelia-redis-password'), password);
  await mkdir(join(folder, 'data'));
}

interface Told {
  readonly text: string;
  readonly cookie: string;
}

/** As a browser does, through the front. */
function call(
  { issuer, connect: place, root }: RealAuthelia,
  path: string,
  { cookie, body }: { readonly cookie?: string; readonly body?: unknown },
): Promise<Told> {
  const { hostname, host } = new URL(issuer);
  const [address = '', port = ''] = place.split(':');
  const headers = { host, 'content-type': 'application/json', ...(cookie === undefined ? {} : { cookie }) };
  const options = {
    ...{ host: address, port: Number(port), path, ca: root, servername: hostname, headers },
    method: body === undefined ? 'GET' : 'POST',
  };
  return new Promise((resolve, reject) => {
    const asked = request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.once('end', () =>
        resolve({ text, cookie: answer.headers['set-cookie']?.[0]?.split(';')[0] ?? cookie ?? '' }),
      );
    });
    asked.once('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}
