// The root certificate that the settings name follows its file.
import { describe, expect, it } from 'vitest';
import { createCaFile } from '../../../main/coordinator/ca-file.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { gitlabSettingsSchema } from '../../../main/model/settings.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

const server = (ca: string | null) =>
  gitlabSettingsSchema.parse({ kind: 'server', url: 'https://gitlab.test', ca });
const wanted = server('/srv/root.pem');

function unreadable(why: string): AutoGitError {
  return new AutoGitError({ key: 'gitlab.ca-unreadable', message: why, next: 'Mend it.' });
}

function open() {
  const clock = new FakeClock();
  const world = { content: 'first' as string | AutoGitError, reads: [] as string[], changes: 0 };
  const read = (file: string): Promise<string> => {
    world.reads.push(file);
    const { content } = world;
    return content instanceof AutoGitError ? Promise.reject(content) : Promise.resolve(content);
  };
  const file = createCaFile({ read, clock, onChange: () => void (world.changes += 1) });
  return { clock, world, file };
}

describe('the file with the root certificate', () => {
  it('is read when it is asked for, and says when it has been', async () => {
    const { clock, world, file } = open();
    expect(file.of(wanted)).toBeNull();
    await clock.settle();
    expect(world.changes).toBe(1);
    expect(file.of(wanted)).toBe('first');
    expect(file.issue()).toBeNull();
    expect(world.reads).toEqual(['/srv/root.pem']);
  });

  it('is not looked at where the settings name none', async () => {
    const { clock, world, file } = open();
    for (const gitlab of [server(null), gitlabSettingsSchema.parse({ kind: 'sandbox' })])
      expect(file.of(gitlab)).toBeNull();
    await clock.settle();
    expect(world.reads).toEqual([]);
  });

  it('is taken up again when it has changed, and does not wake anybody when it has not', async () => {
    const { clock, world, file } = open();
    file.of(wanted);
    await clock.advance(5_000);
    file.of(wanted);
    await clock.settle();
    expect([world.reads.length, world.changes]).toEqual([2, 1]);
    world.content = 'second';
    await clock.advance(5_000);
    file.of(wanted);
    await clock.settle();
    expect(file.of(wanted)).toBe('second');
    expect(world.changes).toBe(2);
  });

  it('keeps what was read last while it cannot be read, and warns', async () => {
    const { clock, world, file } = open();
    file.of(wanted);
    await clock.advance(5_000);
    world.content = unreadable('it is gone');
    file.of(wanted);
    await clock.settle();
    expect(file.of(wanted)).toBe('first');
    expect(file.issue()).toMatchObject({ key: 'gitlab.ca-unreadable', severity: 'warning' });
  });

  it('is an error as long as it was never read, and of another file nothing is known', async () => {
    const { clock, world, file } = open();
    world.content = unreadable('there is none');
    file.of(wanted);
    await clock.settle();
    expect(file.of(wanted)).toBeNull();
    expect(file.issue()).toMatchObject({ severity: 'error', subject: 'file /srv/root.pem' });
    world.content = 'other';
    expect(file.of(server('/srv/other.pem'))).toBeNull();
    expect(file.issue()).toBeNull();
    await clock.settle();
    expect(file.of(server('/srv/other.pem'))).toBe('other');
  });
});
