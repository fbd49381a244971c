// Two homes that keep backups in one repository, which a third program uses as well: nobody removes what is another's.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { CoreDoor } from '../../main/contract/contract.ts';
import { createCore } from '../../main/index.ts';
import type { Core } from '../../main/index.ts';
import { describeWithPeer, findRestic } from './peers.ts';

const run = promisify(execFile);
const listed = z.array(z.object({ id: z.string() }));

let folder: string;
const cores: Core[] = [];

async function openHome(name: string): Promise<CoreDoor> {
  const { PATH = '', HOME = folder } = process.env;
  const core = await createCore({
    env: {
      ...{ PATH, HOME, AUTOGIT_HOME: join(folder, name) },
      DOCKER_HOST: `unix://${folder}/no-engine.sock`,
    },
    ...{ home: 'default', act: true, terminalLogLevel: 'error' },
  });
  cores.push(core);
  await core.start();
  return core.through('cli');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autogit-shared-'));
});
afterAll(async () => {
  for (const core of cores) await core.stop();
  await rm(folder, { recursive: true, force: true });
});

describeWithPeer('two homes with one repository', await findRestic(), (restic) => {
  it(
    'list both, forget only their own, and leave what other programs keep there',
    { timeout: 240_000 },
    async () => {
      const target = { name: 'nas', kind: 'folder', path: join(folder, 'repository') } as const;
      const first = await openHome('first');
      await first.call('backup.add-target', { target });
      const password = ((await first.call('backup.sheet', {})).words ?? []).join(' ');
      const env = { ...process.env, RESTIC_PASSWORD: password, RESTIC_CACHE_DIR: join(folder, 'cache') };
      const ask = async (...words: readonly string[]): Promise<string> =>
        (await run(restic(), ['-r', target.path, ...words], { env })).stdout;
      await mkdir(join(folder, 'photos'));
      await writeFile(join(folder, 'photos', 'one'), 'a photo');
      await ask('backup', join(folder, 'photos'));
      await first.call('backup.create', {});
      const second = await openHome('second');
      await second.call('backup.add-target', { target, password });
      for (let times = 0; times < 2; times += 1) await second.call('backup.create', {});

      await second.call('settings.change', { path: 'backups.keep.days', value: '0' });
      const would = await second.call('backup.prune', { dryRun: true });
      expect(would.backups).toHaveLength(3);
      expect(would.backups.filter(({ kept }) => kept.length === 0)).toHaveLength(1);
      await second.call('backup.prune', {});
      // The newest of each home, and what is no backup of ours.
      for (const door of [first, second])
        expect((await door.call('backup.list', { fresh: true })).backups).toHaveLength(2);
      expect(listed.parse(JSON.parse(await ask('snapshots', '--json')))).toHaveLength(3);
      await first.call('backup.drill', {});
      expect((await ask('list', 'locks', '--no-lock')).trim()).toBe('');
    },
  );
});
