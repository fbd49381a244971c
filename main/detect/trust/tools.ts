// Programs that change stores of roots, and the packages that they come with.
import { parseOsRelease } from '../../model/emulation-package.ts';
import type { Distribution } from '../../model/emulation-package.ts';
import type { Probe } from '../../probe-port.ts';

/** Those of root are not on everybody's `PATH`. */
const folders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin', '/snap/bin'];

/** Path of the first of these programs that is there; `null`: none. */
export async function findTool(names: readonly string[], probe: Pick<Probe, 'stat'>): Promise<string | null> {
  for (const name of names)
    for (const folder of folders)
      if ((await probe.stat(`${folder}/${name}`)) !== null) return `${folder}/${name}`;
  return null;
}

interface Packager {
  readonly ids: readonly string[];
  readonly install: string;
  /** Package of NSS's `certutil`. */
  readonly certutil: string;
}

const packagers: readonly Packager[] = [
  { ids: ['debian', 'ubuntu'], install: 'apt-get install', certutil: 'libnss3-tools' },
  { ids: ['fedora', 'rhel', 'centos'], install: 'dnf install', certutil: 'nss-tools' },
  { ids: ['arch'], install: 'pacman -S', certutil: 'nss' },
  {
    ids: ['suse', 'opensuse', 'opensuse-leap', 'opensuse-tumbleweed', 'sles'],
    install: 'zypper install',
    certutil: 'mozilla-nss-tools',
  },
  { ids: ['alpine'], install: 'apk add', certutil: 'nss-tools' },
];

export type TrustPackage = 'certutil' | 'ca-certificates';

/** Name of a package here, and the line that installs it, for root; `null`: nobody knows them. */
export function trustPackage(
  { id, like }: Distribution,
  wanted: TrustPackage,
): { readonly name: string; readonly install: string } | null {
  const found = packagers.find(({ ids }) => [id, ...like].some((one) => ids.includes(one)));
  if (found === undefined) return null;
  const name = wanted === 'certutil' ? found.certutil : wanted;
  return { name, install: `${found.install} ${name}` };
}

/** Never rejects. */
export async function detectDistribution(probe: Pick<Probe, 'readFile'>): Promise<Distribution> {
  return parseOsRelease((await probe.readFile('/etc/os-release')) ?? '');
}
