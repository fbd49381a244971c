// `kill -9` while the ground is laid: the import of the sandbox's image, and the runner entry at GitLab.
import { appendFile, chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { openSecrets } from '../../main/adapters/host/secrets.ts';
import { startSandbox } from '../../main/sandbox/server.ts';
import { openGate } from '../fixtures/gate.ts';
import { engineHost, engineSocket, kill, openLab, patience } from './lab.ts';
import type { Lab } from './lab.ts';
import { createSandboxClient } from './sandbox-client.ts';

/** Another program file makes another image: one that no other home on this engine has. */
async function copyNode(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-node-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const node = path.join(folder, 'node');
  await copyFile(process.execPath, node);
  await appendFile(node, folder);
  await chmod(node, 0o755);
  return node;
}

const imageFile = z.object({ name: z.string() });

async function imagesOf(lab: Lab): Promise<readonly string[]> {
  const images = await lab.engine.listImages({ 'autogit.instance': lab.instance() });
  return images.map(({ name }) => name);
}

describe.skipIf(engineHost === null)('a core that is killed', () => {
  it('while its image is imported leaves no half of it', async () => {
    const gate = await openGate({ socketPath: engineSocket });
    onTestFinished(() => gate.close());
    // Hooks run last first: the images go when the containers that use them are gone.
    const images = new Set<string>();
    onTestFinished(async () => {
      for (const image of images) await lab.engine.removeImage(image);
    });
    const lab = await openLab(onTestFinished, { env: { DOCKER_HOST: gate.address }, node: await copyNode() });
    onTestFinished(async () => (await imagesOf(lab)).forEach((image) => images.add(image)));
    await lab.writeSettings();
    const isImport = (call: string): boolean => call === 'POST /images/create';
    const first = lab.start(['serve']);
    await gate.trap('answered', isImport, () => kill(first.pid));
    await first.done;
    const second = lab.start(['serve']);
    await gate.trap('asked', isImport, () => kill(second.pid));
    await second.done;

    const core = await lab.serve();
    const { name } = imageFile.parse(
      JSON.parse(await readFile(path.join(lab.paths.sandbox, 'image.json'), 'utf8')),
    );
    await vi.waitFor(async () => expect(await imagesOf(lab)).toEqual([name]), patience);
    await lab.json(['sandbox', 'reset', '--yes']);
    expect(await lab.left()).toEqual([]);
    await core.stop();
  });

  it.each(['asked', 'answered'] as const)(
    'while GitLab makes its runner entry ends up with one that works (GitLab %s)',
    async (moment) => {
      const lab = await openLab(onTestFinished);
      const sandbox = await startSandbox({
        stateDir: path.join(lab.home, 'gitlab'),
        host: '127.0.0.1',
        port: 0,
      });
      onTestFinished(() => sandbox.close());
      const gate = await openGate({ port: sandbox.port });
      onTestFinished(() => gate.close());
      const client = createSandboxClient(sandbox.url, sandbox.rootToken ?? '');
      // Nothing is to be pulled for this: nobody listens on that port.
      const pool = { name: 'lab', tags: ['autogit'], image: 'localhost:1/none:1' };
      await writeFile(
        lab.paths.settings,
        stringify({ gitlab: { kind: 'server', url: gate.address }, proofs: 'off', pools: [pool] }),
      );
      const env = { AUTOGIT_GITLAB_TOKEN: client.token };
      const first = lab.start(['serve'], env);
      await gate.trap(
        moment,
        (call) => call === 'POST /api/v4/user/runners',
        () => kill(first.pid),
      );
      await first.done;
      expect(await client.entries()).toHaveLength(moment === 'asked' ? 0 : 1);

      const core = await lab.serve({ env });
      await lab.until(({ pools }) => pools.every(({ ready }) => ready));
      await vi.waitFor(async () => expect(await client.entries()).toHaveLength(1), patience);
      const token = (await openSecrets(lab.paths)).get('entry.lab');
      await client.api('POST', '/runners/verify', { token });
      await sleep(1_000);
      expect(await client.entries()).toHaveLength(1);
      await lab.json(['lab', 'teardown']);
      expect(await client.entries()).toEqual([]);
      await core.stop();
      expect(await lab.left()).toEqual([]);
    },
  );
});
