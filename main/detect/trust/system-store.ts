// The system's own store of roots: which kind it is, and what is in it.
import type { FoundRoot, KnownRoot, RootStore, StoreObstacle, StoreWay } from '../../model/trust.ts';
import type { Probe, ProbeSelf } from '../../probe-port.ts';
import { fingerprintsOf } from './fingerprints.ts';
import { readFolder } from './read-folder.ts';
import { detectDistribution, findTool, trustPackage } from './tools.ts';

interface Family {
  /** Where an administrator's roots belong. */
  readonly folder: string;
  /** Has to be there for the family to be this one; `null`: the tool suffices, and makes the folder. */
  readonly sign: string | null;
  readonly tool: string;
  readonly args: readonly string[];
  /** After a file was removed. */
  readonly removed: readonly string[];
  readonly extension: '.crt' | '.pem';
  /** What programs read. */
  readonly bundle: string;
}

/**
 * In the order in which they are looked for: several have a program of the same name. `--fresh` of Debian's clears links
 * of roots that are gone, which it leaves lying otherwise; other systems' programs clear them always.
 * https://github.com/FiloSottile/mkcert/blob/master/truststore_linux.go, https://manpages.debian.org/update-ca-certificates
 */
const families: readonly Family[] = [
  {
    ...{ folder: '/etc/pki/ca-trust/source/anchors', sign: '/etc/pki/ca-trust/source', extension: '.pem' },
    ...{ tool: 'update-ca-trust', args: ['extract'], removed: ['extract'] },
    bundle: '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  },
  {
    ...{ folder: '/etc/ca-certificates/trust-source/anchors', sign: '/etc/ca-certificates/trust-source' },
    ...{ tool: 'trust', args: ['extract-compat'], removed: ['extract-compat'], extension: '.crt' },
    bundle: '/etc/ssl/certs/ca-certificates.crt',
  },
  {
    ...{ folder: '/etc/pki/trust/anchors', sign: '/etc/pki/trust', extension: '.pem' },
    ...{ tool: 'update-ca-certificates', args: [], removed: [] },
    bundle: '/var/lib/ca-certificates/ca-bundle.pem',
  },
  {
    ...{ folder: '/usr/local/share/ca-certificates', sign: '/etc/debian_version', extension: '.crt' },
    ...{ tool: 'update-ca-certificates', args: [], removed: ['--fresh'] },
    bundle: '/etc/ssl/certs/ca-certificates.crt',
  },
  {
    ...{ folder: '/usr/local/share/ca-certificates', sign: null, extension: '.crt' },
    ...{ tool: 'update-ca-certificates', args: [], removed: [] },
    bundle: '/etc/ssl/certs/ca-certificates.crt',
  },
];

const label = 'Programs of this machine (curl, git, wget, Python)';
const id = 'system';
const deadlineMs = 20_000;

async function familyOf(probe: Probe): Promise<{ readonly family: Family; readonly tool: string } | null> {
  for (const family of families) {
    if (family.sign !== null && (await probe.stat(family.sign)) === null) continue;
    const tool = await findTool([family.tool], probe);
    if (tool !== null) return { family, tool };
  }
  return null;
}

/** Only root may change it: without its rights nothing is tried. */
export function rootOnly({ uid, user }: ProbeSelf, what: string): StoreObstacle | null {
  if (uid === 0 || uid === null) return null;
  return {
    why: `Only root may change ${what}, and AutoGit runs as ${user ?? `user ${uid}`}.`,
    needsRoot: true,
    install: null,
  };
}

async function linuxStore(probe: Probe): Promise<RootStore> {
  const found = await familyOf(probe);
  if (found === null) return noStore(probe);
  const { family, tool } = found;
  const { folder, extension, bundle } = family;
  const text = await probe.readFile(bundle);
  return {
    ...{ id, kind: 'system', label, path: folder },
    way: {
      ...{ kind: 'files', folder, extension, isOwnFolder: false },
      refresh: { added: [tool, ...family.args], removed: [tool, ...family.removed] },
    },
    found: await readFolder(folder, probe),
    trusted: text === null ? null : fingerprintsOf(text),
    obstacle: rootOnly(probe.self(), "the system's store"),
  };
}

async function noStore(probe: Probe): Promise<RootStore> {
  const distribution = await detectDistribution(probe);
  const known = trustPackage(distribution, 'ca-certificates');
  const folder = '/usr/local/share/ca-certificates';
  const why =
    distribution.id === 'nixos'
      ? "This system takes its roots from its own configuration: add the root's file to security.pki.certificateFiles."
      : `No program is here that tells the system of roots${known === null ? '' : `; the package ${known.name} brings it`}.`;
  return {
    ...{ id, kind: 'system', label, path: folder },
    way: { kind: 'files', folder, extension: '.crt', refresh: null, isOwnFolder: false },
    ...{ found: [], trusted: [] },
    obstacle: { why, needsRoot: false, install: known === null ? null : `sudo ${known.install}` },
  };
}

interface OtherStore {
  readonly label: string;
  readonly path: string;
  readonly way: StoreWay;
  readonly found: readonly FoundRoot[] | null;
  readonly obstacle: StoreObstacle | null;
}

function storeOf({ label: shown, path, way, found, obstacle }: OtherStore): RootStore {
  const trusted = found?.map(({ fingerprint }) => fingerprint) ?? null;
  return { ...{ id, kind: 'system', label: shown, path, way, obstacle }, found: found ?? [], trusted };
}

/** https://ss64.com/mac/security.html */
async function macStore(probe: Probe): Promise<RootStore> {
  const keychain = '/Library/Keychains/System.keychain';
  const ran = await probe.run('security', ['find-certificate', '-a', '-p', keychain], deadlineMs);
  const found =
    ran.outcome === 'ended' && ran.code === 0
      ? fingerprintsOf(ran.stdout).map((fingerprint) => ({ name: '', fingerprint }))
      : null;
  return storeOf({
    ...{ label: 'Programs of this Mac', path: keychain, way: { kind: 'keychain', keychain }, found },
    obstacle: rootOnly(probe.self(), "the system's keychain"),
  });
}

/** Its words are translated, its fingerprints are not. https://learn.microsoft.com/windows-server/administration/windows-commands/certutil */
async function windowsStore(probe: Probe, known: readonly KnownRoot[]): Promise<RootStore> {
  const ran = await probe.run('certutil', ['-user', '-store', 'Root'], deadlineMs);
  const hashes =
    ran.outcome === 'ended' && ran.code === 0
      ? [...ran.stdout.matchAll(/\(sha1\):\s*([0-9a-f ]{40,})/gi)].map(([, hash = '']) =>
          hash.replaceAll(' ', '').toLowerCase(),
        )
      : null;
  const found =
    hashes === null
      ? null
      : known
          .filter(({ sha1 }) => hashes.includes(sha1))
          .map(({ fingerprint }) => ({ name: '', fingerprint }));
  const path = 'Cert:\\CurrentUser\\Root';
  return storeOf({ label: 'Programs of this user', path, way: { kind: 'windows' }, found, obstacle: null });
}

/** `known`: roots that are looked for where the store tells no more than short fingerprints. Never rejects. */
export async function detectSystemStore(probe: Probe, known: readonly KnownRoot[]): Promise<RootStore> {
  switch (probe.self().platform) {
    case 'darwin':
      return macStore(probe);
    case 'win32':
      return windowsStore(probe, known);
    default:
      return linuxStore(probe);
  }
}
