// Keys of SSH servers as ssh-keyscan prints them.
import { expect, it } from 'vitest';
import { readHostKeys } from '../../../../main/adapters/backup/host-keys.ts';

it('gives a line to pin and the fingerprint that OpenSSH shows, newest kind first', () => {
  const text = [
    '# nas:22 SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7',
    'nas ssh-rsa AAAAB3NzaC1yc2E=',
    'nas ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1YZ+Hn3a0qWx0aKF3BjJ9f0sNYrXjTTVS5Tt9dCQ2t',
    'nas ssh-unknown AAAA',
    'nas ssh-ed25519 not;base64',
    '',
  ].join('\n');
  const keys = readHostKeys(text);
  expect(keys.map(({ line }) => line)).toEqual([
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1YZ+Hn3a0qWx0aKF3BjJ9f0sNYrXjTTVS5Tt9dCQ2t',
    'ssh-rsa AAAAB3NzaC1yc2E=',
  ]);
  for (const { fingerprint } of keys) expect(fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
});
