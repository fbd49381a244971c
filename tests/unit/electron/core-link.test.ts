// The core behind the window: joined where one runs, its own where none does, found again when it is gone.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linkCore } from '../../../electron/core-link.ts';
import type { CoreLink, LinkState } from '../../../electron/core-link.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { connectCore } from '../../../main/serve/client.ts';
import { findCore } from '../../../main/serve/find-core.ts';
import type { CoreAccess } from '../../../main/serve/find-core.ts';
import { fakeAccess } from '../../fakes/fake-access.ts';

let folder: string;
let home: string;
let seen: LinkState[];
const open: CoreLink[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-link-'));
  home = path.join(folder, 'home');
  seen = [];
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((link) => link.close()));
  await rm(folder, { recursive: true, force: true });
});

const access = (): CoreAccess => fakeAccess({ stepMs: 20 });
const paths = () => access().homePaths({ AUTOGIT_HOME: home }, { demo: false });
const kinds = (): readonly string[] => seen.map(({ kind }) => kind);

function link(given: CoreAccess = access(), graceMs = 30): CoreLink {
  const made = linkCore({
    loadCore: () => Promise.resolve(given),
    env: { AUTOGIT_HOME: home },
    onChange: (state) => seen.push(state),
    graceMs,
    againMs: 20,
  });
  open.push(made);
  return made;
}

describe('a home that nobody uses', () => {
  it('gets a core of the desktop, which other programs find', async () => {
    const made = link();
    expect(await made.door.call('status.show', {})).toMatchObject({ home });
    expect(made.state()).toEqual({ kind: 'own' });
    const record = await findCore(access(), paths());
    expect(record?.pid).toBe(process.pid);
    await connectCore(record?.socket ?? '').call('lab.drain', {});
    expect(await made.door.call('status.show', {})).toMatchObject({ mode: 'drain' });
  });

  it('is free again once the desktop has closed', async () => {
    const made = link();
    await made.connect();
    await made.close();
    expect(await findCore(access(), paths())).toBeNull();
    await expect(made.door.call('status.show', {})).rejects.toMatchObject({ key: 'core.stopping' });
    const next = link();
    await next.connect();
    expect(next.state()).toEqual({ kind: 'own' });
  });

  it('gets one core, however many ask at once', async () => {
    const made = link();
    await Promise.all(Array.from({ length: 8 }, () => made.door.call('status.show', {})));
    expect(kinds()).toEqual(['own']);
  });
});

describe('a home with a core of another process', () => {
  it('is joined, and not disturbed when the desktop closes', async () => {
    const first = link();
    await first.connect();
    const second = link();
    await second.door.call('lab.drain', {});
    expect(second.state()).toEqual({ kind: 'joined', pid: process.pid });
    await second.close();
    expect(await first.door.call('status.show', {})).toMatchObject({ mode: 'drain' });
  });

  it('is taken over when that core ends, and the window is told in between', async () => {
    const first = link();
    await first.connect();
    const second = link();
    const stop = new AbortController();
    const stream = second.door.stream('snapshot.follow', {}, stop.signal);
    const items = stream[Symbol.asyncIterator]();
    await items.next();
    await first.close();
    await expect(drained(items)).rejects.toMatchObject({ key: 'desktop.core-ended' });
    await expect(second.door.call('status.show', {})).rejects.toMatchObject({ key: 'desktop.core-ended' });
    await expect.poll(() => second.state().kind).toBe('own');
    expect(await second.door.call('status.show', {})).toMatchObject({ home });
  });

  it('is joined again when that core comes back in time', async () => {
    const first = link();
    await first.connect();
    const second = link(access(), 400);
    await second.connect();
    await first.close();
    await expect(second.door.call('status.show', {})).rejects.toMatchObject({ key: 'desktop.core-ended' });
    const third = link();
    await third.connect();
    await expect.poll(() => second.state(), { timeout: 5000 }).toEqual({ kind: 'joined', pid: process.pid });
  });
});

async function drained(items: AsyncIterator<unknown>): Promise<void> {
  for (;;) if ((await items.next()).done === true) return;
}

describe('a core that cannot be made', () => {
  it('is told with its key and next step, and made as soon as it can be', async () => {
    await writeFile(home, 'a file where the home should be');
    const made = link();
    await expect(made.door.call('status.show', {})).rejects.toMatchObject({ key: 'host.home-not-a-folder' });
    expect(made.state()).toMatchObject({ kind: 'failed', error: { key: 'host.home-not-a-folder' } });
    await rm(home);
    await expect
      .poll(() =>
        made.door.call('status.show', {}).then(
          () => made.state().kind,
          () => 'failed',
        ),
      )
      .toBe('own');
  });

  it('is asked for once in a while, not with every request', async () => {
    let attempts = 0;
    const failing: CoreAccess = {
      ...access(),
      createCore: () => {
        attempts += 1;
        return Promise.reject(new AutoGitError({ key: 'store.corrupt', message: 'x', next: 'y' }));
      },
    };
    const made = link(failing);
    const asks = Array.from({ length: 20 }, () => made.door.call('status.show', {}).catch(() => undefined));
    await Promise.all(asks);
    expect(attempts).toBe(1);
  });

  it('lets go of the home when its doors cannot be opened', async () => {
    await mkdir(path.join(home, 'run', 'http-token'), { recursive: true });
    await chmod(home, 0o700);
    const made = link();
    await expect(made.connect()).rejects.toThrow();
    await rm(path.join(home, 'run', 'http-token'), { recursive: true });
    await expect
      .poll(() =>
        made.connect().then(
          () => made.state().kind,
          () => 'failed',
        ),
      )
      .toBe('own');
  });
});
