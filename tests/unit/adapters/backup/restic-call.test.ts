// Which restic there is: told at once from what is here, and found for good by the first call.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LookForImage, RunRestic } from '../../../../main/backup-ports.ts';
import { createCaller } from '../../../../main/adapters/backup/restic-call.ts';
import { silentLog } from '../../../fakes/silent-log.ts';

/** Says its version; `null`: it is not there. */
function answering(version: string | null, ran: string[], name: string): RunRestic {
  return async ({ onOutput }) => {
    ran.push(name);
    if (version === null) return { outcome: 'missing', why: `there is no ${name}` };
    await onOutput(Buffer.from(`restic ${version} compiled with go1.19.8 on linux/amd64\n`), 'stdout');
    return { outcome: 'ended', code: 0 };
  };
}

interface Case {
  readonly program: string | null;
  /** `null`: no engine can. */
  readonly image?: string | null;
  readonly look?: LookForImage;
}

let folder: string;
let ran: string[];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-call-'));
  ran = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const callerOf = ({ program, image = '0.18.1', look }: Case) =>
  createCaller({
    program: answering(program, ran, 'program'),
    image: image === null ? null : answering(image, ran, 'image'),
    ...{ programName: 'restic', lookForImage: look, folder, log: silentLog },
    disks: () => Promise.resolve({}),
  });

describe('what is known of restic', () => {
  it('is the program, where it is new enough', async () => {
    const known = { version: '0.14.0', runs: 'program', isHere: true };
    expect(await callerOf({ program: '0.14.0' }).known()).toEqual(known);
    expect(ran).toEqual(['program']);
  });

  it.each([
    ['here', true],
    ['elsewhere', false],
  ] as const)('is an image that is %s, which is not run for it', async (state, isHere) => {
    const caller = callerOf({ program: '0.12.1', look: () => Promise.resolve({ state }) });
    expect(await caller.known()).toEqual({ version: null, runs: 'image', isHere });
    expect(ran).not.toContain('image');
    await caller.find();
    expect(await caller.known()).toEqual({ version: '0.18.1', runs: 'image', isHere: true });
    expect(ran.filter((name) => name === 'image')).toHaveLength(1);
  });

  it('waits for no image that is being fetched', async () => {
    const fetched = Promise.withResolvers<undefined>();
    const image: RunRestic = async (call) => {
      await fetched.promise;
      return answering('0.18.1', ran, 'image')(call);
    };
    const caller = createCaller({
      ...{ program: answering(null, ran, 'program'), image, programName: 'restic', folder, log: silentLog },
      ...{ lookForImage: () => Promise.resolve({ state: 'elsewhere' }), disks: () => Promise.resolve({}) },
    });
    const found = caller.find();
    expect(await caller.known()).toMatchObject({ version: null, isHere: false });
    fetched.resolve(undefined);
    await found;
    expect(await caller.known()).toMatchObject({ version: '0.18.1' });
  });

  it.each([
    [{ program: null, image: null }, 'backup.restic-missing', 'no container engine'],
    [{ program: '0.12.1', image: null }, 'backup.restic-old', '0.12.1'],
    [
      { program: null, look: () => Promise.resolve({ state: 'none', why: 'the engine is away' } as const) },
      'backup.restic-missing',
      'the engine is away',
    ],
  ])('is why there is none: %o', async (one: Case, key, words) => {
    const message: unknown = expect.stringContaining(words);
    await expect(callerOf(one).known()).rejects.toMatchObject({ key, message });
    expect(ran).not.toContain('image');
  });
});
