// Updates over a real server on this machine, good and bad: only what was signed comes in, and only whole.
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signBytes } from '../../../../electron/update-release.ts';
import { createUpdates } from '../../../../main/adapters/updates/updates.ts';
import type { UpdatesOptions } from '../../../../main/adapters/updates/updates.ts';
import { updateKeys } from '../../../../main/model/update-keys.ts';
import type { Updates } from '../../../../main/update-port.ts';
import { fileOf, makeSigner, manifestOf, openPlace, releaseOf } from '../../../fakes/update-place.ts';
import type { UpdatePlace } from '../../../fakes/update-place.ts';

const signer = makeSigner();
const stranger = makeSigner();
const content = randomBytes(300_000);
const name = 'autogit_1.1.0_amd64.deb';
const file = fileOf(name, content);
const never = new AbortController().signal;

let place: UpdatePlace;
let folder: string;
beforeEach(async () => {
  place = await openPlace();
  place.put(name, content);
  place.publish(manifestOf([releaseOf('1.1.0', [file])]), [signer]);
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-updates-'));
});
afterEach(async () => {
  await place.close();
  await rm(folder, { recursive: true, force: true });
});

const make = (options: Partial<UpdatesOptions> = {}): Updates =>
  createUpdates({
    ...{ folder: path.join(folder, 'updates'), keys: [signer.key], env: { PATH: '' } },
    installed: { kind: 'deb', appImage: null },
    ...options,
  });
const fetchIt = (updates = make(), address = place.address) => updates.fetchManifest(address, never);
const stage = (updates = make(), wanted = file) =>
  updates.stage(place.address, wanted, () => undefined, never);
const files = (): Promise<string[]> => readdir(path.join(folder, 'updates', 'files')).catch(() => []);
const staged = (): string => path.join(folder, 'updates', 'files', name);

describe('the list of updates', () => {
  it('is taken when a known key has signed exactly its bytes, kept, and looked at again', async () => {
    const updates = make();
    const found = await fetchIt(updates);
    expect(found.manifest.releases[0]?.version).toBe('1.1.0');
    expect(await updates.kept()).toBeNull();
    await updates.keep(found);
    expect((await updates.kept())?.digest).toBe(found.digest);
    const kept = path.join(folder, 'updates', 'updates.json');
    expect((await stat(kept)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(kept))).mode & 0o777).toBe(0o700);
    await writeFile(kept, (await readFile(kept, 'utf8')).replace('1.1.0', '1.1.1'));
    expect(await updates.kept()).toBeNull();
  });

  it('may be signed by two keys, of which one is known', async () => {
    place.publish(manifestOf([]), [stranger, signer]);
    expect((await fetchIt()).manifest.releases).toEqual([]);
  });

  it.each([
    ['a strange key', () => place.publish(manifestOf([]), [stranger])],
    ['nobody', () => place.put('updates.json.sig', Buffer.from('{"signatures":[]}'))],
    ['something that is no list of signatures', () => place.put('updates.json.sig', Buffer.from('nothing'))],
    [
      'the known key, under the name of which a strange one stands',
      () => {
        place.publish(manifestOf([]), [stranger]);
        place.answer('updates.json.sig', (_request, response) => {
          response.end(
            JSON.stringify({
              signatures: [{ key: signer.key.id, signature: Buffer.alloc(64).toString('base64') }],
            }),
          );
        });
      },
    ],
    [
      'a known key that signed other bytes',
      () => {
        const [bytes, signatures] = [manifestOf([releaseOf('9.0.0')]), manifestOf([])];
        place.publish(signatures, [signer]);
        place.put('updates.json', Buffer.from(JSON.stringify(bytes)));
      },
    ],
  ])('signed by %s is refused', async (_who, spoil) => {
    spoil();
    await expect(fetchIt()).rejects.toMatchObject({ key: 'update.signature' });
  });

  it('is not even asked for without a key, and says what of a signed one is not understood', async () => {
    await expect(fetchIt(make({ keys: [] }))).rejects.toMatchObject({ key: 'update.no-key' });
    expect(updateKeys.every(({ id }) => /^[0-9a-f]{16}$/.test(id))).toBe(true);
    for (const { id, publicKey } of updateKeys)
      expect(createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex').slice(0, 16)).toBe(
        id,
      );
    const bytes = Buffer.from('{"schema":2}');
    place.put('updates.json', bytes);
    place.put('updates.json.sig', Buffer.from(signBytes(bytes, [signer.pem])));
    await expect(fetchIt()).rejects.toMatchObject({ key: 'update.unreadable' });
  });

  it('is read to its bound and no further', async () => {
    let sent = 0;
    place.answer('updates.json', (_request, response) => {
      const more = (): void => {
        sent += 65_536;
        if (!response.destroyed) response.write(Buffer.alloc(65_536), () => setImmediate(more));
      };
      more();
    });
    await expect(fetchIt()).rejects.toMatchObject({ key: 'update.too-large' });
    expect(sent).toBeLessThan(64 * 1_048_576);
  });

  it('that stops coming, or leads in circles, ends with its reason', async () => {
    place.answer('updates.json', (_request, response) => void response.write('{'));
    await expect(fetchIt(make({ idleMs: 50 }))).rejects.toMatchObject({
      key: 'update.too-slow',
      retry: true,
    });
    place.answer('updates.json', (_request, response) =>
      response.writeHead(302, { location: '/updates.json' }).end(),
    );
    await expect(fetchIt()).rejects.toMatchObject({ key: 'update.unreachable' });
    place.answer('updates.json', (_request, response) => response.writeHead(503).end());
    await expect(fetchIt()).rejects.toMatchObject({
      key: 'update.unreachable',
      message: expect.stringContaining('503') as string,
    });
  });

  it('is not followed to another place, which is not even asked, but may move within its own', async () => {
    const other = await openPlace();
    try {
      place.answer('updates.json', (_request, response) =>
        response.writeHead(302, { location: `${other.address}/updates.json` }).end(),
      );
      await expect(fetchIt()).rejects.toMatchObject({ key: 'update.redirected' });
      expect(other.asked).toEqual([]);
    } finally {
      await other.close();
    }
    place.put('new/updates.json', Buffer.from('{}'));
    place.answer('updates.json', (_request, response) =>
      response.writeHead(301, { location: '/new/updates.json' }).end(),
    );
    await expect(fetchIt()).rejects.toMatchObject({ key: 'update.signature' });
    expect(place.asked).toContain('new/updates.json');
  });

  it.each([
    'http://192.168.1.10/',
    'ftp://localhost/',
    'http://localhost.example.org/',
    'https://me@example.org/',
    'nothing',
  ])('is never asked for at %s', async (address) => {
    await expect(fetchIt(make(), address)).rejects.toMatchObject({ key: 'update.insecure' });
  });

  it('is not to be had where nobody listens', async () => {
    await expect(fetchIt(make(), 'http://127.0.0.1:1/')).rejects.toMatchObject({ key: 'update.unreachable' });
  });
});

describe('a package', () => {
  it('is there once it is whole and what was signed, for nobody else to read, and not fetched twice', async () => {
    const updates = make();
    const told: number[] = [];
    await updates.stage(place.address, file, ({ received }) => told.push(received), never);
    expect(await updates.isStaged(file)).toBe(true);
    expect(await readFile(staged())).toEqual(content);
    expect((await stat(staged())).mode & 0o777).toBe(0o600);
    expect(told.at(-1)).toBe(file.size);
    await stage(updates);
    expect(place.asked.filter((one) => one.startsWith(name))).toHaveLength(1);
  });

  it('that was swapped for another of its size is refused, and nothing of it stays', async () => {
    place.put(name, randomBytes(content.length));
    await expect(stage()).rejects.toMatchObject({ key: 'update.digest' });
    expect(await files()).toEqual([]);
  });

  it('that ends too early is refused, and goes on where it stopped', async () => {
    place.put(name, content.subarray(0, 100_000));
    await expect(stage()).rejects.toMatchObject({ key: 'update.truncated', retry: true });
    expect(await files()).toEqual([`${file.sha256}.part`]);
    place.put(name, content);
    await stage();
    expect(place.asked.at(-1)).toBe(`${name} bytes=100000-`);
    expect(await readFile(staged())).toEqual(content);
    expect(await files()).toEqual([name]);
  });

  it('whose beginning was spoilt meanwhile is fetched once more, all of it', async () => {
    place.put(name, content.subarray(0, 100_000));
    await expect(stage()).rejects.toMatchObject({ key: 'update.truncated' });
    await writeFile(path.join(folder, 'updates', 'files', `${file.sha256}.part`), randomBytes(100_000));
    place.put(name, content);
    await stage();
    expect(await readFile(staged())).toEqual(content);
  });

  it('goes on from the beginning where the server knows of no parts', async () => {
    place.put(name, content.subarray(0, 100_000));
    await expect(stage()).rejects.toMatchObject({ key: 'update.truncated' });
    place.answer(name, (_request, response) => response.end(content));
    await stage();
    expect(await readFile(staged())).toEqual(content);
  });

  it('that does not end is left at its size', async () => {
    let sent = 0;
    place.answer(name, (_request, response) => {
      const more = (): void => {
        sent += 65_536;
        if (!response.destroyed) response.write(Buffer.alloc(65_536), () => setImmediate(more));
      };
      more();
    });
    await expect(stage()).rejects.toMatchObject({ key: 'update.too-large' });
    expect(await files()).toEqual([]);
    expect(sent).toBeLessThan(64 * 1_048_576);
  });

  it('that drips for ever is given up', async () => {
    place.answer(name, (_request, response) => void response.write(content.subarray(0, 10)));
    const slow = stage(make({ idleMs: 50 }));
    await expect(slow).rejects.toMatchObject({ key: 'update.too-slow' });
  });

  it('is brought no further once somebody stops it', async () => {
    const stop = new AbortController();
    place.answer(name, (_request, response) => void response.write(content.subarray(0, 10)));
    const going = make().stage(place.address, file, () => stop.abort(), stop.signal);
    await expect(going).rejects.toMatchObject({ key: 'update.unreachable' });
  });

  it('too large for the disk is not begun', async () => {
    const huge = { ...file, size: 4_000_000_000_000_000 };
    await expect(stage(make(), huge)).rejects.toMatchObject({ key: 'update.no-space' });
    expect(place.asked).toEqual([]);
  });

  it('is looked at again right before it is installed, and removed when somebody has changed it', async () => {
    const updates = make();
    await expect(updates.install(file, { ask: false })).rejects.toMatchObject({ key: 'update.not-staged' });
    await stage(updates);
    expect(await updates.install(file, { ask: false })).toBe(false);
    await chmod(staged(), 0o600);
    await writeFile(staged(), randomBytes(content.length));
    await expect(updates.install(file, { ask: false })).rejects.toMatchObject({ key: 'update.digest' });
    expect(await files()).toEqual([]);
  });

  it('of another version is removed with what was left half done', async () => {
    const updates = make();
    await stage(updates);
    await writeFile(path.join(folder, 'updates', 'files', `${'0'.repeat(64)}.part`), 'left');
    const other = fileOf('autogit_1.2.0_amd64.deb', Buffer.from('other'));
    place.put(other.name, Buffer.from('other'));
    await stage(updates, other);
    await updates.tidy(other);
    expect(await files()).toEqual([other.name]);
    await updates.tidy(null);
    expect(await files()).toEqual([]);
  });
});
