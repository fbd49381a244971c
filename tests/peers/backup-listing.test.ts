// Folders of a snapshot as real restic lists them: one at a time, whatever lies below.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRestic } from '../../main/adapters/backup/restic.ts';
import { createResticProgram } from '../../main/adapters/backup/restic-program.ts';
import type { Restic, ResticPlace, RunRestic } from '../../main/backup-ports.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { describeWithPeer, findRestic } from './peers.ts';

const never = new AbortController().signal;

describeWithPeer('a folder of a snapshot', await findRestic(), () => {
  let folder: string;
  let restic: Restic;
  let place: ResticPlace;
  let snapshot: string;
  /** Lines that restic has printed. */
  let lines = 0;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'autogit-listing-'));
    const stage = path.join(folder, 'stage');
    const deep = path.join(stage, 'home', '[odd] *name', 'deep');
    await mkdir(deep, { recursive: true });
    for (let number = 0; number < 300; number += 1) await writeFile(path.join(deep, String(number)), '');
    await writeFile(path.join(stage, 'home', '[odd] *name', 'one'), 'first');
    await writeFile(path.join(stage, 'manifest.json'), '{}');
    const environment = process.env;
    const program = createResticProgram({ environment });
    const counting: RunRestic = (call) =>
      program({
        ...call,
        onOutput: (part, from) => {
          if (call.args.includes('ls')) lines += Buffer.from(part).toString().split('\n').length - 1;
          return call.onOutput(part, from);
        },
      });
    restic = createRestic({
      ...{ environment, folder: path.join(folder, 'restic'), log: silentLog, image: null },
      program: counting,
    });
    place = {
      target: { name: 'nas', kind: 'folder', path: path.join(folder, 'repository') },
      ...{ password: 'twelve words', secrets: {}, limits: { uploadKiB: 0, downloadKiB: 0, nice: 0 } },
    };
    await restic.init(place, never);
    const what = { folder: stage, host: 'lab', tags: [], at: Date.now() };
    ({ snapshot } = await restic.backup(place, what, () => undefined, never));
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const listed = async (at: string | null): Promise<readonly string[]> => {
    lines = 0;
    const paths: string[] = [];
    for await (const node of restic.list(place, snapshot, at, never)) paths.push(node.path);
    return paths.toSorted();
  };

  it('is read alone, and nothing that lies deeper', async () => {
    expect(await listed('')).toEqual(['home', 'manifest.json']);
    expect(lines).toBeLessThan(10);
    expect(await listed('home')).toEqual(['home/[odd] *name']);
    expect(lines).toBeLessThan(10);
    expect(await listed('home/[odd] *name')).toEqual(['home/[odd] *name/deep', 'home/[odd] *name/one']);
    expect(await listed('home/[odd] *name/deep')).toHaveLength(300);
  });

  it('is empty where there is none, or it is a file', async () => {
    expect(await listed('none')).toEqual([]);
    expect(await listed('manifest.json')).toEqual([]);
  });

  it('is among all others where everything is asked for', async () => {
    expect(await listed(null)).toHaveLength(305);
  });

  it('may be left before its end', async () => {
    for await (const node of restic.list(place, snapshot, 'home/[odd] *name/deep', never)) {
      expect(node.type).toBe('file');
      break;
    }
  });
});
