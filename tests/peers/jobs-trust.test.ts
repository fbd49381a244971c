// Programs in jobs of both executors reach GitLab by its public name, with verification, where its root is an own one.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { CoreDoor } from '../../main/contract/contract.ts';
import { createCore, homePaths, writeSettings } from '../../main/index.ts';
import type { Core } from '../../main/index.ts';
import { settingsSchema } from '../../main/model/settings.ts';
import type { Settings } from '../../main/model/settings.ts';
import { createSandboxClient } from '../engine/sandbox-client.ts';
import type { SandboxClient } from '../engine/sandbox-client.ts';
import { importOfficialImage } from './official-image.ts';
import { describeWithPeer, findStackPeer } from './peers.ts';
import { provideRunnerImages } from './runner-images.ts';
import { openStackFront } from './stack-front.ts';
import type { StackFront } from './stack-front.ts';
import { collectTrustTools } from './trust-tools.ts';

const peer = await findStackPeer();
const patience = { timeout: 180_000, interval: 200 };
const serial = randomBytes(4).toString('hex');
/** Runner, job and all their programs: for both executors the same. */
const image = `autogit-test-trust-${serial}:1`;
const executors = ['container', 'image'] as const;
/** In the sandbox's image wherever it is made. */
const always = ['git', 'node'] as const;

describeWithPeer('programs in jobs', peer, (found) => {
  let folder: string;
  let stack: StackFront;
  let core: Core;
  let door: CoreDoor;
  let gitlab: SandboxClient;
  let images: Awaited<ReturnType<typeof provideRunnerImages>>;
  let programs: readonly string[];
  let env: NodeJS.ProcessEnv;

  const settings = (trustInJobs: boolean): Settings => {
    const common = { max: 1, idleTime: 4, runUntagged: false };
    return settingsSchema.parse({
      gitlab: {
        ...{ kind: 'server', url: stack.url, ca: stack.ca, trustInJobs },
        stack: { network: stack.network, connect: stack.connect },
      },
      pools: [
        { ...common, name: `container-${serial}`, tags: ['container'], image },
        {
          ...{ ...common, name: `image-${serial}`, tags: ['image'], executor: 'image' },
          ...{ runnerImage: image, image, pullPolicy: 'if-not-present' },
        },
      ],
    });
  };

  beforeAll(async () => {
    const { engine, binary, helperImage, traefik } = found();
    folder = await mkdtemp(join(tmpdir(), 'autogit-jobs-trust-'));
    stack = await openStackFront(engine, traefik, folder);
    const { names, files: more } = await collectTrustTools();
    programs = [...always, ...names];
    await importOfficialImage(engine, image, { binary, cacheFolder: join(folder, 'image'), more });
    images = await provideRunnerImages(engine, image, { binary, helperImage });
    env = {
      ...{ ...process.env, AUTOGIT_HOME: join(folder, 'home'), DOCKER_HOST: engine.host },
      AUTOGIT_GITLAB_TOKEN: stack.token,
    };
    await writeSettings(homePaths(env, { demo: false }), settings(true));
    core = await createCore({ env, home: 'default', act: true, terminalLogLevel: 'error' });
    door = core.through('cli');
    await core.start();
    gitlab = createSandboxClient(stack.plainUrl, stack.token);
    await gitlab.push('second', 'never: { script: echo, when: manual }\n');
  });
  afterAll(async () => {
    await door.call('lab.teardown', {});
    await vi.waitUntil(async () => (await door.call('lab.objects', {})).containers.length === 0, patience);
    await core.stop();
    await stack.close();
    await images.remove();
    await found().engine.removeImage(image);
    await rm(folder, { recursive: true, force: true });
  });

  /** The log of the project's one job. */
  const logOf = async (name: string, file: string): Promise<string> => {
    const project = await gitlab.push(name, file);
    const job = async () => (await gitlab.jobs(project)).at(-1);
    await expect.poll(async () => (await job())?.status, patience).toMatch(/success|failed|canceled/);
    const { id = 0, status = '' } = (await job()) ?? {};
    const log = await gitlab.trace(project, id);
    expect(status, log).toBe('success');
    return log;
  };
  const claimOf = async (pool: string): Promise<string | null> => {
    const { proof } = (await door.call('pool.show', { name: `${pool}-${serial}` })).status;
    return proof?.claims.find(({ name }) => name === 'trust')?.state ?? null;
  };

  it.each(executors)('trust the root, and no other that is not public: executor %s', async (tag) => {
    const log = await logOf(`trusted-${tag}`, jobFile(tag, stack, tag === 'image'));
    for (const name of programs) expect(log).toContain(`${name} trusts\n`);
    expect(log).toContain('registry trusts');
    expect(log).toContain('foreign refuses');
    expect(log).toMatch(/public roots: \d{3}/);
    expect(log).toContain(tag === 'image' ? 'service: 200' : 'the roots are not for 1000 to change');
  });

  it.each(executors)('go by a variable of the person’s own: executor %s', async (tag) => {
    const log = await logOf(`own-${tag}`, ownFile(tag, stack));
    expect(log).toContain('curl goes by /nowhere.pem');
    expect(log).toContain('own refuses');
  });

  it.each(executors)('are proven to trust it: executor %s', async (pool) => {
    await expect.poll(() => claimOf(pool), patience).toBe('held');
  });

  it('trust it no longer once somebody says so, while their own clone goes on', async () => {
    await expect.poll(() => door.call('runner.list', {}), patience).toEqual([]);
    await writeSettings(homePaths(env, { demo: false }), settings(false));
    await expect
      .poll(async () => (await door.call('settings.show', {})).settings.gitlab, patience)
      .toMatchObject({ trustInJobs: false });
    for (const tag of executors) {
      const log = await logOf(`untrusted-${tag}`, jobFile(tag, stack, false));
      expect(log).toContain('cloned');
      for (const name of programs) expect(log).toContain(`${name} refuses\n`);
      expect(log).not.toContain('public roots: 1');
    }
    await expect.poll(() => claimOf('image'), patience).toBeNull();
  });
});

/** Says what became of a program: `refuses` is about the certificate and nothing else. */
const tell =
  'tell() { name=$1; shift; if "$@" > out.txt 2>&1 < /dev/null; then echo "$name trusts"; elif grep -q -i certificate out.txt; then echo "$name refuses"; else echo "$name: $(tail -n 3 out.txt)"; fi; }';

const jobFile = (tag: string, { url, foreignUrl, token }: StackFront, service: boolean): string => `
trust:
  tags: [${tag}]
${service ? serviceOf(url) : ''}
  script:
    - test -f .gitlab-ci.yml && echo "cloned"
    - export PATH="$PATH:/opt/python/bin"
    - '${tell}'
    - tell git git clone -q ${url.replace('//', `//oauth2:${token}@`)}/root/second.git second
    - tell curl curl -sS -m 20 -o /dev/null ${url}/
    - tell wget wget -nv -O /dev/null ${url}/
    - tell openssl openssl s_client -verify_return_error -verify_hostname ${new URL(url).host} -connect ${new URL(url).host}:443
    - tell node node -e 'require("https").get("${url}/", (answer) => answer.destroy()).on("error", (why) => { console.error(why.message); process.exit(1); })'
    - tell python python3 -c 'import urllib.request; urllib.request.urlopen("${url}/")'
    - tell registry curl -sS -m 20 -o /dev/null ${url.replace('gitlab', 'registry')}/v2/
    - tell foreign curl -sS -m 20 -o /dev/null ${foreignUrl}/
    - 'echo "public roots: $(grep -c BEGIN "$SSL_CERT_FILE")"'
    - test -w "$SSL_CERT_FILE" || echo "the roots are not for $(id -u) to change"
    - ${service ? 'curl -sS --retry 20 --retry-connrefused --retry-delay 1 http://db:18987/' : 'echo "no service"'}
`;

/** A program of a service, as `services` has it. */
const serviceOf = (url: string): string => `  services:
    - name: ${image}
      alias: db
      entrypoint: [node, -e]
      command:
        - 'require("http").createServer((_, answer) => fetch("${url}/").then((page) => answer.end("service: " + page.status + "\\n"), (why) => answer.end("service: " + why.cause + "\\n"))).listen(18987)'
      variables: { HEALTHCHECK_TCP_PORT: "18987" }`;

const ownFile = (tag: string, { url }: StackFront): string => `
own:
  tags: [${tag}]
  variables: { CURL_CA_BUNDLE: /nowhere.pem }
  script:
    - '${tell}'
    - 'echo "curl goes by $CURL_CA_BUNDLE"'
    - tell own curl -sS -m 20 -o /dev/null ${url}/
`;
