// Where roots are looked for on each kind of system, and what is found there.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectBrowserPlaces } from '../../../../main/detect/trust/browsers.ts';
import { detectEngineStore, engineFolder } from '../../../../main/detect/trust/engine-store.ts';
import { fingerprintsOf, knownRoot } from '../../../../main/detect/trust/fingerprints.ts';
import { parseProfiles } from '../../../../main/detect/trust/firefox-profiles.ts';
import { detectNssStore, parseNicknames } from '../../../../main/detect/trust/nss-database.ts';
import { detectSystemStore } from '../../../../main/detect/trust/system-store.ts';
import { FakeTrustMachine, somePem } from '../../../fakes/fake-trust-machine.ts';
import { ended, fakeProbe } from '../../../fakes/hardware.ts';

const debian = ['/etc/debian_version', '/usr/sbin/update-ca-certificates', '/etc/os-release'];

function machineWith(files: readonly string[], release = 'ID=other\n'): FakeTrustMachine {
  const machine = new FakeTrustMachine();
  for (const path of debian) machine.files.delete(path);
  for (const path of files) machine.files.set(path, '');
  machine.files.set('/etc/os-release', release);
  return machine;
}

describe("the system's store", () => {
  it.each([
    {
      system: 'Debian',
      files: ['/etc/debian_version', '/usr/sbin/update-ca-certificates'],
      ...{ folder: '/usr/local/share/ca-certificates', extension: '.crt' },
      refresh: ['/usr/sbin/update-ca-certificates', '--fresh'],
    },
    {
      system: 'Fedora',
      files: ['/etc/pki/ca-trust/source/README', '/usr/bin/update-ca-trust', '/usr/bin/trust'],
      ...{ folder: '/etc/pki/ca-trust/source/anchors', extension: '.pem' },
      refresh: ['/usr/bin/update-ca-trust', 'extract'],
    },
    {
      system: 'Arch',
      files: [
        '/etc/ca-certificates/trust-source/anchors/.keep',
        '/usr/bin/trust',
        '/usr/bin/update-ca-trust',
      ],
      ...{ folder: '/etc/ca-certificates/trust-source/anchors', extension: '.crt' },
      refresh: ['/usr/bin/trust', 'extract-compat'],
    },
    {
      system: 'openSUSE',
      files: ['/etc/pki/trust/anchors/.keep', '/usr/sbin/update-ca-certificates', '/usr/bin/trust'],
      ...{ folder: '/etc/pki/trust/anchors', extension: '.pem' },
      refresh: ['/usr/sbin/update-ca-certificates'],
    },
    {
      system: 'Alpine',
      files: ['/usr/sbin/update-ca-certificates'],
      ...{ folder: '/usr/local/share/ca-certificates', extension: '.crt' },
      refresh: ['/usr/sbin/update-ca-certificates'],
    },
  ])('of $system is known by its folders and programs', async ({ files, folder, extension, refresh }) => {
    const { way, path } = await detectSystemStore(machineWith(files).probe, []);
    expect(path).toBe(folder);
    expect(way).toMatchObject({ kind: 'files', folder, extension, refresh: { removed: refresh } });
  });

  it('says which package is missing, and nothing to paste where none is known', async () => {
    const { obstacle } = await detectSystemStore(machineWith([], 'ID=fedora\n').probe, []);
    expect(obstacle).toMatchObject({ install: 'sudo dnf install ca-certificates', needsRoot: false });
    const { obstacle: nix } = await detectSystemStore(machineWith([], 'ID=nixos\n').probe, []);
    expect(nix?.why).toContain('security.pki.certificateFiles');
  });

  it('is unknown where what programs read cannot be read', async () => {
    const machine = new FakeTrustMachine();
    machine.files.delete('/etc/ssl/certs/ca-certificates.crt');
    expect((await detectSystemStore(machine.probe, [])).trusted).toBeNull();
  });

  it('of macOS is its keychain, which only root changes', async () => {
    const probe = fakeProbe({ self: { platform: 'darwin', uid: 501 }, run: () => ended(somePem('a')) });
    const store = await detectSystemStore(probe, []);
    expect(store).toMatchObject({ trusted: fingerprintsOf(somePem('a')), obstacle: { needsRoot: true } });
  });

  it("of Windows is the user's, read by fingerprints whatever the language", async () => {
    const root = knownRoot('casa', somePem('a'));
    const text = `Zertifikathash(sha1): ${(root?.sha1.match(/../g) ?? []).join(' ')}\r\n`;
    const probe = fakeProbe({ self: { platform: 'win32', uid: null }, run: () => ended(text) });
    const { trusted, obstacle } = await detectSystemStore(probe, root === null ? [] : [root]);
    expect([trusted, obstacle]).toEqual([[root?.fingerprint], null]);
  });
});

describe('databases of browsers', () => {
  it('are those of Chromium, Snap, Flatpak and the profiles of Firefox that are in use', async () => {
    const machine = new FakeTrustMachine({ user: 'ana', home: '/home/ana' });
    const chromium = '/home/ana/.local/share/pki/nssdb';
    const flatpak = '/home/ana/.var/app/org.chromium.Chromium/data/pki/nssdb';
    const profiles = [
      '/home/ana/.mozilla/firefox/a.default',
      '/home/ana/snap/firefox/common/.mozilla/firefox/b',
    ];
    for (const folder of [chromium, flatpak, ...profiles]) machine.addDatabase(folder);
    machine.files.set('/home/ana/snap/chromium/current/.config/x', '');
    machine.files.set(
      '/home/ana/.mozilla/firefox/profiles.ini',
      '[Profile0]\nName=default\nPath=a.default\n[Profile1]\nName=unused\nPath=c\n',
    );
    machine.files.set(
      '/home/ana/snap/firefox/common/.mozilla/firefox/profiles.ini',
      `[Profile0]\nIsRelative=0\nPath=${profiles[1] ?? ''}\n`,
    );
    const found = await detectBrowserPlaces(machine.probe);
    expect(found.map(({ database, exists }) => [database, exists])).toEqual([
      [chromium, true],
      ['/home/ana/snap/chromium/current/.pki/nssdb', false],
      [flatpak, true],
      [profiles[0], true],
      [profiles[1], true],
    ]);
  });

  it('are not made where no browser is', async () => {
    expect(await detectBrowserPlaces(new FakeTrustMachine().probe)).toEqual([]);
  });

  it('are left to their owner where HOME is somebody else’s, as with sudo -E', async () => {
    const machine = new FakeTrustMachine({ uid: 0, user: 'root', home: '/home/ana' });
    machine.files.set('/usr/bin/chromium', '');
    machine.files.set('/home/ana/.profile', '');
    const whys = async (): Promise<readonly (string | null)[]> => {
      const places = await detectBrowserPlaces(machine.probe);
      const stores = await Promise.all(places.map((place) => detectNssStore(place, machine.probe)));
      return stores.map(({ obstacle }) => obstacle?.why ?? null);
    };
    expect(await whys()).toEqual([null]);
    machine.owners.set('/home/ana', 1000);
    const said = expect.stringContaining(
      '/home/ana belongs to user 1000, and AutoGit runs as root',
    ) as string;
    expect(await whys()).toEqual([said]);
    machine.addDatabase('/home/ana/.pki/nssdb');
    expect(await whys()).toEqual([said]);
    machine.owners.set('/home/ana', 0).set('/home/ana/.pki/nssdb', 1000);
    expect((await whys())[0]).toContain('/home/ana/.pki/nssdb belongs to user 1000');
  });

  it('count a root as trusted only where it is for servers', async () => {
    const machine = new FakeTrustMachine();
    machine.addDatabase('/db');
    machine.databases.get('/db')?.set('AutoGit casa 0a0b0c0d', { text: somePem('a'), flags: ',,' });
    machine.databases.get('/db')?.set('AutoGit', { text: somePem('b'), flags: 'C,,' });
    // As it is where a person has put the same root in before.
    machine.databases.get('/db')?.set('Company', { text: somePem('c'), flags: 'CT,C,C' });
    machine.databases.get('/db')?.set('my own certificate', { text: somePem('d'), flags: 'u,u,u' });
    const place = { kind: 'nss', label: 'x', home: '/home/ana', database: '/db', exists: true } as const;
    const { trusted, found } = await detectNssStore(place, machine.probe);
    expect(trusted).toEqual(fingerprintsOf(`${somePem('b')}${somePem('c')}`));
    expect(found.map(({ name }) => name)).toEqual(['AutoGit casa 0a0b0c0d', 'AutoGit', 'Company']);
  });
});

describe('lists of other programs', () => {
  it("are read as NSS's certutil prints them", () => {
    const text = `
Certificate Nickname                                         Trust Attributes
                                                             SSL,S/MIME,JAR/XPI

AutoGit casa 0a0b0c0d                                        C,,  
mine, with a comma                                           u,pu,u
`;
    expect(parseNicknames(text)).toEqual([
      { nickname: 'AutoGit casa 0a0b0c0d', isTrusted: true },
      { nickname: 'mine, with a comma', isTrusted: false },
    ]);
  });

  it('make nothing throw, whatever they are', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseNicknames(text);
        parseProfiles(text);
        fingerprintsOf(text);
      }),
    );
  });
});

describe("the engine's folders", () => {
  it.each([
    ['docker', false, '/etc/docker/certs.d'],
    ['docker', true, '/home/ana/.config/docker/certs.d'],
    ['podman', false, '/etc/containers/certs.d'],
    ['podman', true, '/home/ana/.config/containers/certs.d'],
  ] as const)('of %s, rootless %s', (kind, rootless, folder) => {
    expect(engineFolder({ kind, rootless }, '/home/ana')).toBe(folder);
  });

  it('are changed by their owner, those of the system by root alone', async () => {
    const { probe } = new FakeTrustMachine({ uid: 1000, user: 'ana' });
    const own = await detectEngineStore('/home/ana/.config/docker/certs.d/gitlab.casa', 'gitlab.casa', probe);
    const shared = await detectEngineStore('/etc/docker/certs.d/gitlab.casa', 'gitlab.casa', probe);
    expect([own.obstacle, shared.obstacle?.needsRoot]).toEqual([null, true]);
    const machine = new FakeTrustMachine({ uid: 0, user: 'root', home: '/home/ana' });
    machine.files.set('/home/ana/.profile', '');
    machine.owners.set('/home/ana', 1000);
    const folder = '/home/ana/.config/docker/certs.d/gitlab.casa';
    const { obstacle } = await detectEngineStore(folder, 'gitlab.casa', machine.probe);
    expect(obstacle?.why).toContain('/home/ana belongs to user 1000');
  });
});
