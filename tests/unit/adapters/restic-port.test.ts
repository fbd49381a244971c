// The fake restic under the suite that the real one passes: what tests believe of restic is true.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeRestic } from '../../fakes/fake-restic.ts';
import { describeResticPort } from '../../peers/restic-suite.ts';

describeResticPort('the fake restic', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-fake-restic-'));
  const restic = new FakeRestic();
  return {
    restic,
    target: { name: 'nas', kind: 'folder', path: '/mnt/nas/lab' },
    secrets: {},
    folder,
    damage: (snapshot) => {
      restic.damage(snapshot, 'big');
      return Promise.resolve();
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
});
