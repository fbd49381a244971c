// Single facts around a stack: clock, disk, /dev/null, time zone, name servers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as around from '../../../../main/detect/stack/around.ts';
import {
  detectGroup,
  detectResolvers,
  detectTimezone,
  parseResolvers,
} from '../../../../main/detect/stack/place.ts';
import { ended, fakeProbe } from '../../../fakes/hardware.ts';

const tracking = (time: string, leap = 'Normal'): string =>
  `Reference ID    : C0000201 (192.0.2.1)\nStratum         : 3\nSystem time     : ${time} of NTP time\nLeap status     : ${leap}\n`;

describe('the clock', () => {
  it('is ahead where chrony calls it fast', () => {
    expect(around.parseChrony(tracking('4.500000000 seconds fast'))).toBe(4_500);
    expect(around.parseChrony(tracking('0.000006523 seconds slow'))).toBeCloseTo(-0.006523, 9);
    expect(around.parseChrony(tracking('0.000000000 seconds fast', 'Not synchronised'))).toBeNull();
    fc.assert(fc.property(fc.string(), (text) => around.parseChrony(text) === null));
  });
});

describe('/dev/null', () => {
  const stat = { group: 0, mode: 0o666 };
  it('is a file where it can be read like one', async () => {
    const node = fakeProbe({ devices: { '/dev/null': stat } });
    expect(await around.detectDevNull(node)).toBe('device');
    const plain = fakeProbe({ files: { '/dev/null': 'rubbish\n' }, devices: { '/dev/null': stat } });
    expect(await around.detectDevNull(plain)).toBe('file');
    expect(await around.detectDevNull(fakeProbe({ files: { '/dev/zero': '' } }))).toBe('missing');
    expect(await around.detectDevNull(fakeProbe({}))).toBeNull();
    expect(await around.detectDevNull(fakeProbe({ self: { platform: 'darwin' } }))).toBeNull();
  });
});

describe('the file system of the data', () => {
  const mountinfo =
    '22 1 8:2 / / rw,relatime - ext4 /dev/sda2 rw\n' +
    '30 22 8:3 / /srv rw,relatime - xfs /dev/sdb1 rw\n' +
    '31 30 0:50 / /srv/lab\\040data ro,relatime - nfs4 nas:/x rw\n';
  const probe = fakeProbe({
    files: { '/proc/self/mountinfo': mountinfo },
    disks: { '/srv': { free: 10, total: 20 } },
  });
  it('is that of the nearest mount above, also of a folder that is not there', async () => {
    expect(await around.detectDataMount(probe, '/srv/lab/gitlab')).toEqual({
      ...{ mount: '/srv', fileSystem: 'xfs', readOnly: false, freeBytes: 10, totalBytes: 20 },
    });
    expect(await around.detectDataMount(probe, '/srv/lab data')).toMatchObject({
      fileSystem: 'nfs4',
      readOnly: true,
    });
    expect(await around.detectDataMount(probe, '/srvlab')).toMatchObject({ mount: '/' });
    expect(await around.detectDataMount(fakeProbe({}), '/srv')).toBeNull();
  });
});

describe('small facts', () => {
  it('knows an address that is lent', () => {
    const text = JSON.stringify([
      { addr_info: [{ local: '10.0.0.2', dynamic: true }, { local: '10.0.0.3' }] },
    ]);
    expect([around.parseLent(text, '10.0.0.2'), around.parseLent(text, '10.0.0.3')]).toEqual([true, false]);
    expect([around.parseLent(text, '10.0.0.4'), around.parseLent('[', '10.0.0.2')]).toEqual([null, null]);
  });

  it('tells the old Compose from the new', async () => {
    const with_ = (text: string) => fakeProbe({ run: () => ended(text) });
    expect(await around.detectOldCompose(with_('1.29.2\n'))).toBe('1.29.2');
    expect(await around.detectOldCompose(with_('2.40.3\n'))).toBeNull();
    expect(await around.detectOldCompose(fakeProbe({}))).toBeNull();
  });

  it('finds files that others may read', async () => {
    const probe = fakeProbe({
      files: { '/h/secrets/a': '', '/h/secrets/b': '' },
      devices: { '/h/secrets/a': { group: 0, mode: 0o640 }, '/h/secrets/b': { group: 0, mode: 0o600 } },
    });
    expect(await around.detectOpenFiles(probe, '/h/secrets')).toEqual(['/h/secrets/a']);
  });

  it('takes the time zone from the link, else from the file', async () => {
    const link = { '/etc/localtime': '../usr/share/zoneinfo/Europe/Berlin' };
    expect(await detectTimezone(fakeProbe({ links: link, files: { '/etc/timezone': 'UTC\n' } }))).toBe(
      'Europe/Berlin',
    );
    expect(await detectTimezone(fakeProbe({ files: { '/etc/timezone': 'Etc/UTC\n' } }))).toBe('Etc/UTC');
    expect(await detectTimezone(fakeProbe({ files: { '/etc/timezone': '../../x y\n' } }))).toBeNull();
  });

  it('asks behind systemd-resolved, and leaves loopback out', async () => {
    const stub = { '/etc/resolv.conf': 'nameserver 127.0.0.53\noptions edns0\n' };
    const behind = {
      '/run/systemd/resolve/resolv.conf':
        '# x\nnameserver 192.168.1.1\nnameserver fd00::1\nnameserver 192.168.1.1',
    };
    expect(await detectResolvers(fakeProbe({ files: { ...stub, ...behind } }))).toEqual([
      '192.168.1.1',
      'fd00::1',
    ]);
    expect(await detectResolvers(fakeProbe({ files: stub }))).toEqual([]);
    expect(parseResolvers('nameserver fe80::1%eth0\nnameserver x\n')).toEqual([]);
  });

  it('knows the group of its user', async () => {
    const status = 'Name:\tnode\nUid:\t1000\t1000\t1000\t1000\nGid:\t1001\t1001\t1001\t1001\n';
    expect(await detectGroup(fakeProbe({ files: { '/proc/self/status': status } }))).toBe(1001);
    expect(await detectGroup(fakeProbe({}))).toBeNull();
  });
});
