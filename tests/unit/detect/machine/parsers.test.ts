// What files of the kernel and small programs say of a machine: whole, cut, and damaged.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { architectureOf, buildFeaturesOf, variantOf } from '../../../../main/detect/machine/architecture.ts';
import { cgroupVersionOf, parseControllers } from '../../../../main/detect/machine/cgroup.ts';
import { parsePluginMetadata, parseShortVersion } from '../../../../main/detect/machine/compose.ts';
import { parseCpuinfo } from '../../../../main/detect/machine/cpuinfo.ts';
import { parseUfw } from '../../../../main/detect/machine/firewall.ts';
import { parseMeminfo } from '../../../../main/detect/machine/meminfo.ts';
import { disksOf, parseMounts } from '../../../../main/detect/machine/mounts.ts';
import { parseNumberList } from '../../../../main/detect/machine/number-list.ts';
import { parseOsRelease } from '../../../../main/detect/machine/os-release.ts';
import { parseProcess, parsePs } from '../../../../main/detect/machine/processes.ts';
import { countSubordinates } from '../../../../main/detect/machine/rootless.ts';
import { parseSockets } from '../../../../main/detect/machine/sockets.ts';
import { parseSynchronised } from '../../../../main/detect/machine/time.ts';
import { parseWsl } from '../../../../main/detect/machine/virtual.ts';
import { runsBy } from '../../../fakes/arbitrary-world.ts';

const x86 = (id: number, flags: string): string =>
  `processor\t: ${id}\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) CPU E5-2670 0 @ 2.60GHz\nphysical id\t: ${id % 2}\ncore id\t\t: ${id >> 2}\nflags\t\t: ${flags}\n\n`;
const v3 =
  'fpu cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 abm avx avx2 bmi1 bmi2 f16c fma movbe xsave aes hypervisor';
const cpuinfo = [0, 1, 2, 3, 4, 5, 6, 7].map((id) => x86(id, v3)).join('');
const arm = `processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\n\n`;
const pi = `processor\t: 0\nmodel name\t: ARMv7 Processor rev 4 (v7l)\nFeatures\t: half thumb fastmult vfp edsp neon vfpv3 tls vfpv4\nCPU implementer\t: 0x41\nCPU architecture: 7\n\nHardware\t: BCM2835\nRevision\t: a02082\n`;
const riscv = `processor\t: 0\nhart\t\t: 1\nisa\t\t: rv64imafdc_zicbom_zicboz_zba_zbb_zbs_zfhmin\nmmu\t\t: sv39\nuarch\t\t: sifive,u74-mc\n\n`;
const meminfo =
  'MemTotal:       24684092 kB\nMemFree:         1024 kB\nMemAvailable:   20000000 kB\nSwapTotal:      2097148 kB\nSwapFree:       1000000 kB\nHugePages_Total:       0\n';
const osRelease =
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID=12\nID=debian\nHOME_URL="https://example.org/"\n';
const mountinfo = [
  '22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw,errors=remount-ro',
  '23 22 0:5 / /proc rw,nosuid shared:13 - proc proc rw',
  '30 22 259:1 / /boot/efi rw - vfat /dev/nvme0n1p1 rw,fmask=0077',
  '31 22 8:1 / /srv/my\\040data ro,relatime shared:20 - xfs /dev/sda1 rw,attr2',
  '32 22 259:2 /var/lib/docker /srv/docker rw,relatime - ext4 /dev/nvme0n1p2 rw',
  '33 22 0:40 / /mnt/nas rw - nfs4 nas:/volume rw',
  '34 22 7:0 / /snap/core/1 ro - squashfs /dev/loop0 ro',
  '35 22 0:50 / /mnt/c rw,noatime - 9p C:\\134 rw,aname=drvfs;path=C:\\',
  '36 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate',
  '',
].join('\n');
const udp = [
  '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
  '  350: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   102        0 21346 2 ffff0000 0',
  ' 1350: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000   112        0 21400 2 ffff0000 0',
  ' 1351: 0100007F:A000 0100007F:0035 01 00000000:00000000 00:00000000 00000000  1000        0 21500 2 ffff0000 0',
  '',
].join('\n');
const tcp6 = [
  '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  '   0: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31000 1 ffff 100 0 0 10 0',
  '   1: B80D0120000000000000000042000000:0035 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31001 1 ffff 100 0 0 10 0',
  '',
].join('\n');
const status =
  'Name:\tsystemd-resolve\nUmask:\t0022\nState:\tS (sleeping)\nUid:\t102\t102\t102\t102\nGid:\t104\t104\t104\t104\n';
const ps = '    1     0 systemd\n  611   102 systemd-resolve\n 2000  1000 Web Content\n';

describe('the processor', () => {
  it('is counted where every thread says where it is', () => {
    expect(parseCpuinfo(cpuinfo)).toMatchObject({ sockets: 2, cores: 4, threads: 8, vendor: 'GenuineIntel' });
    expect(parseCpuinfo(arm)).toMatchObject({
      sockets: null,
      cores: null,
      threads: 1,
      vendor: 'ARM',
      model: null,
    });
    expect(parseCpuinfo(pi)).toMatchObject({
      threads: 1,
      model: 'ARMv7 Processor rev 4 (v7l)',
      armVersion: 7,
    });
    expect(parseCpuinfo(riscv)).toMatchObject({ threads: 1, model: 'sifive,u74-mc' });
  });

  it.each([
    ['amd64', 'x86_64', x86(0, 'fpu sse2'), 'v1'],
    ['amd64', 'x86_64', x86(0, 'cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 avx'), 'v2'],
    ['amd64', 'x86_64', cpuinfo, 'v3'],
    ['amd64', 'x86_64', x86(0, `${v3} avx512f avx512bw avx512cd avx512dq avx512vl`), 'v4'],
    ['arm64', 'aarch64', arm, 'v8.2'],
    ['arm', 'armv7l', pi, 'v7'],
    ['arm', 'armv6l', pi, 'v6'],
    ['riscv64', 'riscv64', riscv, 'rva22'],
    ['riscv64', 'riscv64', 'processor\t: 0\nisa\t: rv64imac\n\n', null],
    ['amd64', 'x86_64', '', null],
    ['s390x', 's390x', '', null],
  ])('of %s (%s) is a variant of it', (architecture, machine, text, variant) => {
    expect(variantOf({ architecture, machine, ...parseCpuinfo(text) })).toBe(variant);
  });

  it('has a word of Go for its architecture, or none', () => {
    expect(['x86_64', 'AARCH64', 'armv8l', 'i686', 'x64', 'constructor', ''].map(architectureOf)).toEqual([
      ...['amd64', 'arm64', 'arm', '386', 'amd64', null, null],
    ]);
  });

  it('has features that matter to builds, each once', () => {
    expect(buildFeaturesOf(['fpu', 'avx2', 'aes', 'avx2'])).toEqual(['avx2', 'aes']);
  });

  it('has as many threads as the kernel lists', () => {
    expect(parseNumberList('0-3,8\n')).toEqual([0, 1, 2, 3, 8]);
    for (const text of ['', '\n', '0-3', '3-x\n', '0-99999\n', null])
      expect(parseNumberList(text)).toBeNull();
  });
});

describe('the other files', () => {
  it('say what they say when they are whole', () => {
    expect(parseMeminfo(meminfo)).toEqual({
      ...{ totalBytes: 24684092 * 1024, availableBytes: 20000000 * 1024 },
      ...{ swapTotalBytes: 2097148 * 1024, swapFreeBytes: 1000000 * 1024 },
    });
    expect(parseOsRelease(osRelease)).toEqual({
      ...{ name: 'Debian GNU/Linux 12 (bookworm)', id: 'debian', version: '12' },
    });
    expect(parseOsRelease('ID=\'arch\'\nNAME="A \\"b\\" \\$c"\n')).toEqual({
      name: 'A "b" $c',
      id: 'arch',
      version: null,
    });
    expect(parseProcess(611, status)).toEqual({ pid: 611, name: 'systemd-resolve', uid: 102 });
    expect(parsePs(ps).at(-1)).toEqual({ pid: 2000, uid: 1000, name: 'Web Content' });
    expect(parseUfw('# ufw\nENABLED=no\nENABLED="yes"\n')).toBe(true);
    expect(['yes\n', 'no\n', 'yes', 'ja\n', null].map(parseSynchronised)).toEqual([
      true,
      false,
      null,
      null,
      null,
    ]);
  });

  it('tell which disks there are: each once, none of a server, at the shortest place', () => {
    const disks = disksOf(parseMounts(mountinfo));
    expect(disks.map(({ mount, device, readOnly }) => [mount, device, readOnly])).toEqual([
      ['/', '/dev/nvme0n1p2', false],
      ['/mnt/c', 'C:\\', false],
      ['/boot/efi', '/dev/nvme0n1p1', false],
      ['/srv/my data', '/dev/sda1', true],
    ]);
  });

  it('tell the version of control groups', () => {
    const first = '40 22 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n';
    const second = '41 22 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n';
    expect([mountinfo, first, first + second, ''].map((text) => cgroupVersionOf(parseMounts(text)))).toEqual([
      ...['2', '1', 'hybrid', 'none'],
    ]);
    expect(parseControllers('cpu memory pids\n')).toEqual(['cpu', 'memory', 'pids']);
    expect(parseControllers('\n')).toEqual([]);
    expect(parseControllers('cpu memory pi')).toBeNull();
  });

  it('tell who listens, and on which address', () => {
    expect(parseSockets('udp', udp)).toEqual([
      { protocol: 'udp', address: '127.0.0.53', port: 53, uid: 102, inode: 21346 },
      { protocol: 'udp', address: '0.0.0.0', port: 5353, uid: 112, inode: 21400 },
    ]);
    expect(parseSockets('tcp', tcp6).map(({ address }) => address)).toEqual(['::1', '2001:db8::42']);
  });

  it('tell ids of a user by name and by number', () => {
    const text = 'ann:100000:65536\n1000:300000:1000\nbob:165536:65536\n';
    expect(countSubordinates(text, { user: 'ann', uid: 1000 })).toBe(66_536);
    expect(countSubordinates(text, { user: 'eve', uid: 1001 })).toBe(0);
    expect(countSubordinates('ann:100000:655', { user: 'ann', uid: 1000 })).toBe(0);
    expect(countSubordinates(null, { user: 'ann', uid: 1000 })).toBeNull();
  });

  it('tell the version of Compose, by its plugin or by its program', () => {
    expect(parsePluginMetadata('{"SchemaVersion":"0.1.0","Vendor":"Docker Inc.","Version":"v2.29.7"}')).toBe(
      '2.29.7',
    );
    expect([
      parsePluginMetadata('{"Version":2}'),
      parsePluginMetadata('no'),
      parsePluginMetadata('null'),
    ]).toEqual([...[null, null, null]]);
    expect([parseShortVersion('1.29.2\n'), parseShortVersion('1.29.'), parseShortVersion('')]).toEqual([
      ...['1.29.2', null, null],
    ]);
  });

  it('tell the two kinds of WSL apart, and from everything else', () => {
    expect(
      [
        'Linux version 5.15.167.4-microsoft-standard-WSL2 (root@f9c826d3017f)\n',
        'Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)\n',
        'Linux version 6.1.0-18-amd64 (debian-kernel@lists)\n',
        'Linux version 5.15.167.4-micro',
      ].map(parseWsl),
    ).toEqual(['2', '1', 'none', null]);
  });
});

/** Every parser with a text that it understands, and how its answer is a part of the whole one. */
const parsers: readonly (readonly [string, string, (text: unknown) => unknown])[] = [
  ['os-release', osRelease, parseOsRelease],
  ['meminfo', meminfo, parseMeminfo],
  ['cpuinfo of x86', cpuinfo, parseCpuinfo],
  ['cpuinfo of arm64', arm, parseCpuinfo],
  ['cpuinfo of arm', pi, parseCpuinfo],
  ['cpuinfo of riscv64', riscv, parseCpuinfo],
  ['mountinfo', mountinfo, (text) => disksOf(parseMounts(text))],
  ['udp', udp, (text) => parseSockets('udp', text)],
  ['tcp6', tcp6, (text) => parseSockets('tcp', text)],
  ['status', status, (text) => parseProcess(611, text)],
  ['ps', ps, parsePs],
  ['the list of threads', '0-3,8-11\n', parseNumberList],
  ['controllers', 'cpu memory pids\n', parseControllers],
  [
    'subuid',
    'ann:100000:65536\nann:300000:1000\n',
    (text) => countSubordinates(text, { user: 'ann', uid: 1 }),
  ],
  ['ufw.conf', 'ENABLED=yes\n', parseUfw],
  ['timedatectl', 'yes\n', parseSynchronised],
  ['Compose', '{"SchemaVersion":"0.1.0","Version":"v2.29.7"}\n', parsePluginMetadata],
  ['docker-compose', '2.29.7\n', parseShortVersion],
  ['version', 'Linux version 5.15.1-microsoft-standard-WSL2 (root@x)\n', parseWsl],
];

/** Single values of an answer that are numbers. */
function numbersIn(value: unknown, path = ''): ReadonlyMap<string, number> {
  if (typeof value === 'number') return new Map([[path, value]]);
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...numbersIn(inner, `${path}.${key}`)]));
}

/** Single values of an answer with the name of their field: `memory 42`. */
function leavesIn(value: unknown, key = ''): readonly string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((inner: unknown) => leavesIn(inner, key));
  if (typeof value === 'object')
    return Object.entries(value).flatMap(([name, inner]) => leavesIn(inner, name));
  return [`${key} ${JSON.stringify(value)}`];
}

/** Answers that grow with every whole line: threads are compared with the kernel's list by whoever asks. */
const growing = /^(?:threads|cores|sockets|subuid) /;

describe.each(parsers)('%s', (name, text, parse) => {
  const whole = new Set(leavesIn(parse(text), name));

  it('is understood when it is whole', () => {
    expect(JSON.stringify(parse(text))).not.toMatch(/^(?:null|\[\])$/);
  });

  it('that is cut anywhere says nothing that the whole one does not say', () => {
    for (let end = 0; end < text.length; end += 1) {
      const said = leavesIn(parse(text.slice(0, end)), name).filter((leaf) => !growing.test(leaf));
      expect(
        said.filter((leaf) => !whole.has(leaf)),
        `of the first ${end} characters`,
      ).toEqual([]);
    }
  });

  it('never throws, whatever it is given', () => {
    const garbage = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.anything(),
      fc
        .tuple(fc.nat(text.length), fc.string({ unit: 'binary', maxLength: 5 }))
        .map(([at, inserted]) => text.slice(0, at) + inserted + text.slice(at)),
      fc.constantFrom('', '\n', '\0', text.replaceAll('\n', '\r\n'), text.replaceAll('.', ','), text + text),
    );
    fc.assert(
      fc.property(garbage, (value) => {
        for (const number of numbersIn(parse(value)).values())
          expect(Number.isSafeInteger(number) && number >= 0).toBe(true);
      }),
      { numRuns: runsBy(20) },
    );
  });
});
