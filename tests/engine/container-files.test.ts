// Files of containers on every real engine of this machine: into volumes of containers that never ran, out of ones that run or
// have ended, and programs run in them.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectContainerFiles } from '../../main/adapters/engine/container-files.ts';
import type { ContainerFiles, FileFacts } from '../../main/backup-ports.ts';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import type { Engine } from '../../main/ports.ts';
import { countAbsentEngines } from './own-engines.ts';
import { openBench, scripts } from './port-suite.ts';
import type { Bench } from './port-suite.ts';
import { listRealEngines, silentLog, titleOf } from './real-engines.ts';

const hosts = await listRealEngines();
const never = new AbortController().signal;
const big = Buffer.alloc(3_000_000, 'autogit ');

for (const host of hosts) {
  describe(`files of containers of ${await titleOf(host)} at ${host}`, { timeout: 60_000 }, () => {
    let engine: Engine;
    let files: ContainerFiles;
    let bench: Bench;
    let folder: string;

    beforeAll(async () => {
      engine = connectEngine({ host, log: silentLog });
      files = connectContainerFiles({ host, log: silentLog });
      bench = await openBench(engine, ['ls', 'env', 'ln', 'mkdir', 'mkfifo']);
      folder = await mkdtemp(join(tmpdir(), 'autogit-files-'));
    }, 60_000);
    afterAll(async () => {
      await bench.clean();
      await rm(folder, { recursive: true, force: true });
    }, 60_000);

    /** A folder of this machine with a bit of everything. */
    async function source(name: string): Promise<string> {
      const root = join(folder, name);
      const deep = join(root, 'folder', 'x'.repeat(120), 'y'.repeat(120));
      await mkdir(deep, { recursive: true });
      await mkdir(join(root, 'empty'));
      await writeFile(join(root, 'big'), big, { mode: 0o600 });
      await writeFile(join(root, 'script'), 'run me', { mode: 0o700 });
      await writeFile(join(root, 'nothing'), '');
      await writeFile(join(deep, 'ünï cödé'), 'deep');
      return root;
    }

    it('puts a folder into the volume of a container that never runs, and fetches it from another', async () => {
      const volume = bench.name('volume');
      await engine.createVolume(volume, bench.labels);
      const volumes = { [volume]: '/data' };
      const helper = await engine.createContainer(bench.spec(scripts.wait, { volumes }));
      await files.put(helper, await source('put'), '/data', { uid: 7, gid: 8 }, never);
      await engine.removeContainer(helper, { force: true });
      const id = await bench.run(scripts.wait, { volumes });
      const owner = await files.exec(
        id,
        ['stat', '-c', '%u:%g %a', '/data/script'],
        { deadlineMs: 20_000 },
        never,
      );
      expect(owner).toEqual({ code: 0, output: '7:8 700\n' });
      const into = join(folder, 'fetched');
      expect(await files.fetch(id, '/data', into, never)).toEqual({
        leftOut: [],
        owner: { uid: 0, gid: 0 },
        databases: {},
      });
      expect((await readdir(into, { recursive: true })).toSorted()).toEqual(
        (await readdir(join(folder, 'put'), { recursive: true })).toSorted(),
      );
      expect((await readFile(join(into, 'big'))).equals(big)).toBe(true);
      expect((await stat(join(into, 'script'))).mode & 0o777).toBe(0o700);
      expect((await stat(join(into, 'nothing'))).mode & 0o777).toBe(0o600);
    });

    it('puts everything back with the owner, the mode and the time it had', async () => {
      const volume = bench.name('exact');
      await engine.createVolume(volume, bench.labels);
      const volumes = { [volume]: '/data' };
      const helper = await engine.createContainer(bench.spec(scripts.wait, { volumes }));
      const root = join(folder, 'exact');
      await mkdir(join(root, 'keys'), { recursive: true });
      await writeFile(join(root, 'acme.json'), '{}', { mode: 0o600 });
      await writeFile(join(root, 'keys', 'public'), 'for all', { mode: 0o600 });
      const at = Date.UTC(2026, 4, 1, 2);
      const facts = new Map<string, FileFacts>([
        ['', { uid: 7, gid: 8, mode: 0o751, at }],
        ['acme.json', { uid: 9, gid: 10, mode: 0o600, at }],
        ['keys', { uid: 7, gid: 10, mode: 0o751, at }],
        ['keys/public', { uid: 7, gid: 8, mode: 0o644, at }],
      ]);
      await files.put(helper, root, '/data', { uid: 1, gid: 2, facts }, never);
      const found = new Map<string, FileFacts>();
      const keep = (path: string, one: FileFacts): void => void found.set(path, one);
      await files.fetch(helper, '/data', join(folder, 'exact-back'), never, keep);
      // Podman calls everything the root's in its archives, and leaves the owner of a volume itself as it is.
      const isPodman = (await titleOf(host)).includes('Podman');
      const asTold = [...facts].map(([name, one]) => [name, isPodman ? { ...one, uid: 0, gid: 0 } : one]);
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(asTold));
      await engine.removeContainer(helper, { force: true });
      const id = await bench.run(scripts.wait, { volumes });
      const look = ['stat', '-c', '%u:%g %a %Y', '/data/acme.json', '/data/keys', '/data/keys/public'];
      const { output } = await files.exec(id, look, { deadlineMs: 20_000 }, never);
      const seconds = at / 1000;
      expect(output).toBe(`9:10 600 ${seconds}\n7:10 751 ${seconds}\n7:8 644 ${seconds}\n`);
    });

    it('makes the folder where it is missing, and fetches from a container that has ended', async () => {
      const id = await engine.createContainer(bench.spec('exit 0'));
      await files.put(id, await source('made'), '/var/lib/somewhere', { uid: 0, gid: 0 }, never);
      await engine.startContainer(id);
      await bench.untilState(id, 'exited');
      const into = join(folder, 'ended');
      await files.fetch(id, '/var/lib/somewhere', into, never);
      expect(await readFile(join(into, 'script'), 'utf8')).toBe('run me');
    });

    it('leaves out what is neither a file nor a folder, and says what', async () => {
      const make =
        'mkdir /made/in && ln -s /etc/passwd /made/in/link && mkfifo /made/pipe && echo yes > /made/file';
      const all = ['/bin/sh', '-c', `${make} && ln /made/file /made/in/twin`];
      const id = await bench.run(scripts.wait);
      // Without its capabilities, root may not make it itself on every engine.
      await mkdir(join(folder, 'none'));
      await files.put(id, join(folder, 'none'), '/made', { uid: 0, gid: 0 }, never);
      expect(await files.exec(id, all, { deadlineMs: 20_000 }, never)).toEqual({ code: 0, output: '' });
      const into = join(folder, 'odd');
      const { leftOut } = await files.fetch(id, '/made', into, never);
      expect(leftOut.toSorted()).toEqual(['in/link', 'pipe']);
      expect(await readdir(into, { recursive: true })).toEqual(
        expect.arrayContaining(['file', 'in', 'in/twin']),
      );
      expect(await readFile(join(into, 'in', 'twin'), 'utf8')).toBe('yes\n');
    });

    it('carries no links out of a folder into a container', async () => {
      const root = await source('links');
      await symlink('/etc/passwd', join(root, 'link'));
      const id = await engine.createContainer(bench.spec('exit 0'));
      await files.put(id, root, '/put', { uid: 0, gid: 0 }, never);
      await files.fetch(id, '/put', join(folder, 'links-back'), never);
      expect(await readdir(join(folder, 'links-back'))).not.toContain('link');
    });

    it('runs a program with its environment, and gives its status and what it printed', async () => {
      const id = await bench.run(scripts.wait);
      const script = 'echo "$WORD"; echo wrong >&2; exit 7';
      const options = { env: { WORD: 'out of the environment' }, deadlineMs: 20_000 };
      const { code, output } = await files.exec(id, ['/bin/sh', '-c', script], options, never);
      expect(code).toBe(7);
      expect(output).toContain('out of the environment\n');
      expect(output).toContain('wrong\n');
    });

    it('gives up at the deadline, and at once when nobody wants it any more', async () => {
      const id = await bench.run(scripts.wait);
      await expect(files.exec(id, ['sleep', '60'], { deadlineMs: 500 }, never)).rejects.toMatchObject({
        key: 'backup.exec-timeout',
      });
      const reason = new Error('not any more');
      const call = files.exec(id, ['sleep', '60'], { deadlineMs: 60_000 }, AbortSignal.abort(reason));
      await expect(call).rejects.toThrow(reason.message);
    });

    it('names what is not there', async () => {
      await expect(files.fetch(bench.name('none'), '/x', join(folder, 'n'), never)).rejects.toMatchObject({
        key: 'engine.refused',
      });
    });
  });
}

countAbsentEngines();
