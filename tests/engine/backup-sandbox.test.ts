// A real sandbox in its container is backed up while people push and comes back in a new volume.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBackupFiles } from '../../main/adapters/backup/files.ts';
import { connectContainerFiles } from '../../main/adapters/engine/container-files.ts';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { systemClock } from '../../main/adapters/host/clock.ts';
import type { PutGround, SandboxSeat, StageGround } from '../../main/apply/backup/context.ts';
import { putSandbox } from '../../main/apply/backup/sandbox.ts';
import { stageBackup } from '../../main/apply/backup/stage.ts';
import { removeSandbox, sandboxName, startSandbox } from '../../main/apply/sandbox.ts';
import { secretName } from '../../main/apply/context.ts';
import type { ApplyContext } from '../../main/apply/context.ts';
import { label } from '../../main/model/labels.ts';
import type { Engine } from '../../main/ports.ts';
import { listMachineEngines } from '../chaos/machine-engine.ts';
import { applyBench, fakeHost, memorySecrets } from '../fakes/fake-context.ts';
import { FakeGitlab } from '../fakes/fake-gitlab.ts';
import { FakeCompose } from '../fakes/fake-stack-compose.ts';
import { FakeStackFolder } from '../fakes/fake-stack-folder.ts';
import { FakeStackImages } from '../fakes/fake-stack-images.ts';
import { createSandboxClient } from './sandbox-client.ts';
import type { SandboxClient } from './sandbox-client.ts';
import { provideSharedImage } from './shared-image.ts';
import { silentLog, titleOf } from './real-engines.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const node = 'node-1';

// How files get in and out is tried on every engine: container-files.test.ts. The image takes a minute to import on each.
for (const host of (await listMachineEngines()).slice(0, 1)) {
  describe(`a sandbox on ${await titleOf(host)} at ${host}`, { timeout: 120_000 }, () => {
    const engine: Engine = connectEngine({ host, log: silentLog });
    const instance = randomBytes(16).toString('hex');
    const volume = `autogit-sandbox-${instance.slice(0, 8)}`;
    const network = `autogit-test-${instance.slice(0, 8)}`;
    const token = `glpat-${randomBytes(10).toString('hex')}`;
    let folder: string;
    let image: string;
    let context: ApplyContext;
    let ground: StageGround & PutGround;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'autogit-backup-'));
      image = await provideSharedImage(engine);
      await engine.createNetwork(network, { [label.instance]: instance });
      const secrets = memorySecrets({ [secretName.sandboxRootToken]: token });
      context = { ...applyBench({ engine, gitlab: new FakeGitlab(), secrets }), instance };
      const seat = (): Promise<SandboxSeat> => Promise.resolve({ node, engine, volume, image });
      const home = {
        root: folder,
        settings: join(folder, 'settings.yaml'),
        database: join(folder, 'state.db'),
        secrets: join(folder, 'secrets'),
      };
      await writeFile(home.settings, 'version: 1\n');
      ground = {
        files: createBackupFiles({ home, copyDatabase: () => Promise.resolve() }),
        connectContainers: (address) => connectContainerFiles({ host: address, log: silentLog }),
        ...{ clock: systemClock, log: silentLog, instance, secrets, machine: 'here', autogit: '1.0.0' },
        ...{
          served: () => 'sandbox',
          nice: () => 19,
          sandbox: seat,
          stack: () => Promise.reject(new Error('there is none')),
        },
        ...{ compose: new FakeCompose({ readFile: () => null }), folder: new FakeStackFolder() },
        ...{ images: new FakeStackImages(), host: fakeHost() },
      };
    }, 120_000);

    afterAll(async () => {
      await stop();
      await engine.removeVolume(volume);
      await engine.removeNetwork(network);
      await rm(folder, { recursive: true, force: true });
    }, 120_000);

    const present = () => engine.inspectContainer(sandboxName(instance));

    async function start(): Promise<SandboxClient> {
      const action = { kind: 'start-sandbox', key: '', target: '', reason: '' } as const;
      await startSandbox.apply({ ...action, node, image, network, volume, specHash: 'hash' }, context);
      const url = `http://127.0.0.1:${String((await present())?.ports[80])}`;
      const client = createSandboxClient(url, token);
      await expect
        .poll(
          () =>
            client.projects().then(
              () => true,
              () => false,
            ),
          { timeout: 60_000 },
        )
        .toBe(true);
      return client;
    }

    async function stop(): Promise<void> {
      const container = await present();
      if (container === null) return;
      const seen = { ...container, node, role: 'sandbox', pool: null, specHash: '' } as const;
      const action = { kind: 'remove-sandbox', key: '', target: '', reason: '' } as const;
      await removeSandbox.apply({ ...action, node, container: seen, deleteVolume: null }, context);
    }

    async function everything({ api, url }: SandboxClient): Promise<unknown> {
      const paths = [
        '/projects?per_page=100',
        '/users',
        '/user/keys',
        '/runners/all',
        '/projects/1/variables',
      ];
      const of = [1, 2, 3].flatMap((id) => [
        `/projects/${id}/repository/branches`,
        `/projects/${id}/repository/tags`,
        `/projects/${id}/pipelines`,
      ]);
      const all = await Promise.all([...paths, ...of].map((path) => api('GET', path)));
      const text = JSON.stringify(all).replaceAll(new URL(url).host, 'here');
      // A push that was under way is finished at the next start: then is when its pipeline was made.
      return JSON.parse(text, (name, value: unknown) => (/_(?:at|date)$/.test(name) ? null : value));
    }

    const commit = (text: string, action: string) => ({
      ...{ branch: 'main', commit_message: text },
      actions: [{ action, file_path: 'file', content: text }],
    });

    it('is copied whole while people push to it, and everything is equal in the volume it comes back in', async () => {
      const client = await start();
      for (const name of ['one', 'two', 'three']) await client.push(name, 'job:\n  script: [echo hello]\n');
      await client.api('POST', '/projects/1/variables', { key: 'NAME', value: 'value' });
      await client.api('POST', '/projects/1/repository/branches?branch=a/b&ref=main');
      for (const id of [1, 2, 3])
        await client.api('POST', `/projects/${id}/repository/commits`, commit('0', 'create'));
      let commits = 0;
      const isOver = new AbortController();
      const pushing = [1, 2, 3].map(async (id) => {
        for (; !isOver.signal.aborted; commits += 1)
          await client.api('POST', `/projects/${id}/repository/commits`, commit(String(commits), 'update'));
      });
      await expect.poll(() => commits, { timeout: 60_000 }).toBeGreaterThan(3);
      const options = { id: crypto.randomUUID(), at: Date.now(), tell: () => undefined, signal: never };
      const staged = await stageBackup(ground, options);
      isOver.abort();
      await Promise.all(pushing);

      const part = staged.manifest.parts.find((one) => one.part === 'sandbox');
      expect(part).toMatchObject({ awaySeconds: 0, counts: { projects: 3, variables: 1, branches: 4 } });
      expect(part?.version).toMatch(/^19\./);
      const repositories = join(staged.folder, 'sandbox', 'repositories');
      expect((await readdir(repositories)).toSorted()).toEqual(['1.git', '2.git', '3.git']);
      for (const name of await readdir(repositories)) {
        const where = { cwd: join(repositories, name) };
        const asIs = ['-c', 'safe.directory=*'];
        const { stdout, stderr } = await run('git', [...asIs, 'fsck', '--full', '--strict'], where);
        expect(stdout + stderr).not.toMatch(/missing|broken|error/);
      }
      const database = new DatabaseSync(join(staged.folder, 'sandbox', 'sandbox.db'), { readOnly: true });
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      database.close();

      // The moment of the backup lies between pushes: what it shows is compared with itself, started twice from it.
      await putSandbox(ground, staged.folder, never);
      expect(await present()).toBeNull();
      const first = await everything(await start());
      expect(JSON.stringify(first)).toContain('"default_branch":"main"');
      // Something else happens, and the same is put back once more, over a sandbox that runs.
      const again = createSandboxClient(`http://127.0.0.1:${String((await present())?.ports[80])}`, token);
      await again.push('four', 'job:\n  script: [echo no]\n');
      await putSandbox(ground, staged.folder, never);
      expect(await everything(await start())).toEqual(first);
    });

    it('is equal to the last thing when nobody pushes, and goes on', async () => {
      const client = createSandboxClient(`http://127.0.0.1:${String((await present())?.ports[80])}`, token);
      const before = await everything(client);
      const options = { id: crypto.randomUUID(), at: Date.now(), tell: () => undefined, signal: never };
      const staged = await stageBackup(ground, options);
      await client.push('later', 'job:\n  script: [echo no]\n');
      await putSandbox(ground, staged.folder, never);
      const restored = await start();
      expect(await everything(restored)).toEqual(before);
      await restored.push('five', 'job:\n  script: [echo on]\n');
    });

    it('leaves nothing of a backup in the sandbox, and nothing of a helper at the engine', async () => {
      const { id } = (await present()) ?? { id: '' };
      const containers = connectContainerFiles({ host, log: silentLog });
      const { output } = await containers.exec(
        id,
        ['ls', '/var/lib/autogit-sandbox'],
        { deadlineMs: 20_000 },
        never,
      );
      expect(output).not.toMatch(/^backup$/m);
      expect(await engine.listContainers({ 'autogit-backup': instance })).toEqual([]);
    });

    it('is backed up without running, too', async () => {
      const client = createSandboxClient(`http://127.0.0.1:${String((await present())?.ports[80])}`, token);
      const before = await everything(client);
      await stop();
      const options = { id: crypto.randomUUID(), at: Date.now(), tell: () => undefined, signal: never };
      const staged = await stageBackup(ground, options);
      await putSandbox(ground, staged.folder, never);
      expect(await everything(await start())).toEqual(before);
    });
  });
}
