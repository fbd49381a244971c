// Who holds port 53 of this machine, and the honest ways out, for findings of the doctor. All of them: docs/names.md.

export const nameServerHolders = [
  'systemd-resolved',
  'dnsmasq',
  'networkmanager',
  'libvirt',
  'pi-hole',
  'adguard',
  'unbound',
  'bind',
  'container',
  'other',
] as const;
export type NameServerHolder = (typeof nameServerHolders)[number];

/** What is known of who holds port 53. */
export interface HeldNamePort {
  /** Name of the program as the kernel shows it, cut after 15 letters: `systemd-resolve`; `null`: of another user. */
  readonly program: string | null;
  /** Address it listens on: `127.0.0.53`, `0.0.0.0`, `192.168.122.1`, `::`; `null`: not known. */
  readonly address: string | null;
  /** Name and image of the container that publishes it, where there is one. */
  readonly container: string | null;
}

/** 5353 is no other port: there machines announce their names (mDNS), and most desktops have somebody who listens. */
export const otherDnsPort = 5354;

/** libvirt's own networks begin with it. https://libvirt.org/formatnetwork.html */
const libvirtNetwork = /^192\.168\.122\./;

/** Names of programs and of their images. */
const known: readonly (readonly [RegExp, NameServerHolder])[] = [
  [/pi-?hole/, 'pi-hole'],
  [/adguard/, 'adguard'],
  [/unbound/, 'unbound'],
  [/^named$|bind9/, 'bind'],
];

/** Whose port it is. */
export function holderOf({ program, address, container }: HeldNamePort): NameServerHolder {
  const name = (container ?? program ?? '').toLowerCase();
  const found = known.find(([form]) => form.test(name))?.[1];
  if (found !== undefined) return found;
  if (container !== null) return 'container';
  const place = address ?? '';
  if (name.startsWith('systemd-resolv') || /^127\.0\.0\.5[34]$/.test(place)) return 'systemd-resolved';
  if (name.startsWith('dnsmasq') || name === '') {
    if (libvirtNetwork.test(place)) return 'libvirt';
    if (name !== '' && place === '127.0.1.1') return 'networkmanager';
  }
  if (name.startsWith('dnsmasq')) return 'dnsmasq';
  const isOfEngine = /^(?:docker-proxy|rootlesskit|rootlessport|slirp4netns|pasta|conmon|aardvark)/.test(
    name,
  );
  return isOfEngine ? 'container' : 'other';
}

/** The lab as the ways name it. */
export interface WaysOf {
  readonly domain: string;
  /** Address of this machine in its network. */
  readonly address: string;
}

/** The gentlest way out, and the one that is always there: leave port 53 to who has it. */
export function nameServerNext(holder: NameServerHolder, lab: WaysOf): string {
  return `${ownWays[holder](lab)}. Or leave it port 53: set ports.dns to another port in the answers (such as ${otherDnsPort}), and have it ask the lab there: ${forwardLine(holder, lab)}. All ways: docs/names.md`;
}

/** What has a name server ask the lab for the lab alone. */
function forwardLine(holder: NameServerHolder, { domain, address }: WaysOf): string {
  switch (holder) {
    case 'systemd-resolved':
      return `DNS=${address}:${otherDnsPort} and Domains=~${domain}`;
    case 'adguard':
      return `[/${domain}/]${address}:${otherDnsPort} among its upstream servers`;
    case 'unbound':
      return `forward-zone: name: "${domain}." forward-addr: ${address}@${otherDnsPort}`;
    case 'bind':
      return `zone "${domain}" { type forward; forward only; forwarders { ${address} port ${otherDnsPort}; }; };`;
    case 'dnsmasq':
    case 'networkmanager':
    case 'libvirt':
    case 'pi-hole':
    case 'container':
    case 'other':
      return `server=/${domain}/${address}#${otherDnsPort}`;
  }
}

/** Where the lab takes one address alone, it gets along with who listens on another one. */
const oneAddress =
  'Publish the name server of the lab on the address of this machine alone (address in the answers)';
const answers = 'answer for the lab, and give the lab no name server of its own (dns: own)';

const ownWays: Readonly<Record<NameServerHolder, (lab: WaysOf) => string>> = {
  'systemd-resolved': () =>
    `${oneAddress}; or switch off its listener, it goes on resolving without: echo -e "[Resolve]\\nDNSStubListener=no" | sudo tee /etc/systemd/resolved.conf.d/autogit.conf && sudo ln -sf /run/systemd/resolve/resolv.conf /etc/resolv.conf && sudo systemctl restart systemd-resolved`,
  libvirt: () =>
    `${oneAddress}; or switch off the name server of libvirt's network, whose machines then need another one: virsh net-edit default, with <dns enable='no'/>`,
  networkmanager: () =>
    `${oneAddress}; NetworkManager's dnsmasq needs only the loopback address: /etc/NetworkManager/dnsmasq.d/`,
  dnsmasq: ({ domain, address }) =>
    `\`ps -fC dnsmasq\` says whose it is. Have it ${answers}: address=/${domain}/${address} and local=/${domain}/; or have it keep to an interface of its own: interface=lo and bind-interfaces`,
  'pi-hole': ({ domain, address }) =>
    `Have Pi-hole ${answers}: in misc.dnsmasq_lines address=/${domain}/${address} and local=/${domain}/`,
  adguard: ({ domain, address }) =>
    `Have AdGuard Home ${answers}: Filters, DNS rewrites, *.${domain} to ${address}`,
  unbound: ({ domain, address }) =>
    `Have Unbound ${answers}: local-zone: "${domain}." redirect, local-data: "${domain}. 300 IN A ${address}"`,
  bind: ({ domain }) => `Have BIND ${answers}: a zone ${domain} with the lines of autogit names show zone`,
  container: () =>
    'Give that container an address of its own or stop it: docker ps --filter publish=53 shows it',
  other: () => "End it: sudo ss -lntup 'sport = :53' shows it",
};
