// What the machine itself may lack: space under AutoGit's state, and file descriptors.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSmallDisk } from '../fixtures/small-disk.ts';
import type { SmallDisk } from '../fixtures/small-disk.ts';
import { expectNothingLeft, expectRunOnce, expectSettled, openDecoys } from './judged.ts';
import { engineHost, openLab } from './lab.ts';

const once = 'once:\n  script: [echo once]\n';
const canMount = process.platform === 'linux' && process.getuid?.() === 0;

describe.skipIf(engineHost === null || !canMount)(
  'a disk under the state that is full',
  { timeout: 150_000 },
  () => {
    it('starts nothing that cannot be written down, ends no job, and all goes on when there is space', async () => {
      let disk: SmallDisk | null = null;
      const lab = await openLab(onTestFinished, {
        inside: {
          // The words are asked for when the disk is there.
          get prefix() {
            return disk?.prefix ?? [];
          },
          rootOf: async (home) => {
            disk = await openSmallDisk(home, 8);
            onTestFinished(() => disk?.close());
            return disk.root;
          },
        },
      });
      await lab.writeSettings({ max: 2, idleTime: 60 });
      const core = await lab.serve();
      const sandbox = await lab.sandbox();
      const held = await sandbox.pushHeld('held', 1);
      await sandbox.untilAll(held, 'running');
      const decoys = await openDecoys(lab, onTestFinished);
      const before = (await lab.runners()).map(({ id }) => id).toSorted();
      await smallDisk(disk).fill();
      const waiting = await sandbox.push('waiting', once);
      await lab.until(({ issues }) => issues.some(({ key }) => /^(?:store|home)\./.test(key)));
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      expect((await lab.runners()).map(({ id }) => id).toSorted()).toEqual(before);
      await sandbox.untilAll(held, 'running');
      expect(await Promise.race([core.done.then(() => 'ended'), Promise.resolve('runs')])).toBe('runs');
      await smallDisk(disk).free();
      await sandbox.untilAll(waiting, 'success');
      await expectSettled(lab, decoys);
      await sandbox.release(held);
      await expectRunOnce(sandbox, [held, waiting]);
      await expectNothingLeft(lab, sandbox, decoys);
    });
  },
);

function smallDisk(disk: SmallDisk | null): SmallDisk {
  if (disk === null) throw new Error('there is no disk');
  return disk;
}

describe.skipIf(engineHost === null || process.platform !== 'linux')(
  'few file descriptors',
  { timeout: 150_000 },
  () => {
    it('are enough for jobs, and callers that take them all keep nobody out for longer than they stay', async () => {
      const lab = await openLab(onTestFinished, {
        inside: { prefix: ['prlimit', '--nofile=96:96', '--'], rootOf: () => Promise.resolve('') },
      });
      await lab.writeSettings({ max: 2, idleTime: 60 });
      const core = await lab.serve();
      const sandbox = await lab.sandbox();
      const first = await sandbox.push('first', once);
      await sandbox.untilAll(first, 'success');
      const decoys = await openDecoys(lab, onTestFinished);
      const callers: Socket[] = [];
      for (let caller = 0; caller < 120; caller += 1)
        callers.push(connect(lab.paths.socket).on('error', () => undefined));
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      const second = await sandbox.push('second', once);
      for (const caller of callers) caller.destroy();
      await sandbox.untilAll(second, 'success');
      await expectSettled(lab, decoys);
      expect(await Promise.race([core.done.then(() => 'ended'), Promise.resolve('runs')])).toBe('runs');
      await expectRunOnce(sandbox, [first, second]);
      await expectNothingLeft(lab, sandbox, decoys);
    });
  },
);
