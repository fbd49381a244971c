// What the command line asks for a place of backups: secrets are typed or come from a pipe, and a key from its file.
import { describe, expect, it } from 'vitest';
import { noHostKey } from '../../../main/model/backup/target.ts';
import { useCli } from './open-cli.ts';

const open = useCli();
const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n';
const place = {
  ...{ name: 'nas', kind: 'sftp', host: 'nas.home.arpa', user: 'backup', path: '/lab' },
  hostKey: 'ssh-ed25519 AAAA',
};
/** As one word: this command line knows no quotes. */
const add = `backup add-target --dry-run --target ${JSON.stringify(place).replace(' ', '\\u0020')}`;

describe('a place that is added', () => {
  it('by SSH has the key of the file that is named', async () => {
    const { cli, core } = await open({ typed: ['/keys/backup'], files: { '/keys/backup': key } });
    expect(await cli.run(add)).toBe(0);
    expect(core.calls.findLast(({ name }) => name === 'backup.add-target')?.input).toMatchObject({
      secrets: { 'ssh-key': key },
    });
  });

  it('without that file is refused, and says why', async () => {
    const { cli, core } = await open({ typed: ['/keys/none'] });
    expect(await cli.run(add)).not.toBe(0);
    expect(cli.err()).toContain('/keys/none cannot be read');
    expect(core.calls.some(({ name }) => name === 'backup.add-target')).toBe(false);
  });

  it('takes what is secret from a pipe as JSON', async () => {
    const { cli, core } = await open({ files: { '-': JSON.stringify({ 'ssh-key': key }) } });
    expect(await cli.run(add)).toBe(0);
    expect(core.calls.findLast(({ name }) => name === 'backup.add-target')?.input).toMatchObject({
      secrets: { 'ssh-key': key },
    });
  });
});

describe('a place with a field that is wrong', () => {
  it.each([
    [
      'backup add-target --name nas --kind folder --path mnt',
      '--path must be text, not "mnt".',
      'It takes an absolute path of a folder.',
    ],
    ['backup test-target --name nas --path /mnt', '--kind is missing.', 'Give one of folder, usb'],
    ['backup find --name nas --kind s3 --bucket b --endpoint ftp://a', '--endpoint must be text', 'https://'],
    ['backup add-target --name nas --kind folder --path /mnt --host a', 'There is no --host here.', '--path'],
    [
      'backup add-target --target {"name":"nas","kind":"folder","path":"mnt"}',
      'path of --target must be text, not "mnt".',
      'It takes an absolute path of a folder.',
    ],
  ])('is told by its name: %s', async (line, message, next) => {
    const { cli, core } = await open();
    expect(await cli.run(line)).toBe(2);
    expect(cli.err()).toContain(message);
    expect(cli.err()).toContain(next);
    expect(core.calls.some(({ name }) => name.startsWith('backup.'))).toBe(false);
  });
});

it('a machine whose key nobody knows yet is tried without one, to be shown its keys', async () => {
  const { cli, core } = await open({ files: { '-': JSON.stringify({ 'ssh-key': key }) } });
  await cli.run('backup test-target --kind sftp --name nas --host nas.home.arpa --user backup --path /lab');
  expect(core.calls.findLast(({ name }) => name === 'backup.test-target')?.input).toMatchObject({
    target: { kind: 'sftp', hostKey: noHostKey },
  });
});
