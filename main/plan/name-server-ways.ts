// Who holds port 53 of this machine, and the honest ways out: for findings of the doctor and for docs/names.md.

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

/** What is known of a program that holds port 53. */
export interface HeldNamePort {
  /** Name of the program as the kernel shows it, cut after 15 letters: `systemd-resolve`; `null`: of another user. */
  readonly program: string | null;
  /** Address it listens on: `127.0.0.53`, `0.0.0.0`, `192.168.122.1`, `::`. */
  readonly address: string;
}

/** A way out. */
export interface NameServerWay {
  /** One line: what it does, and what it costs. */
  readonly title: string;
  /** Commands or lines of a file; `null`: there is nothing to type. */
  readonly text: string | null;
}

/** libvirt's own networks begin with it. https://libvirt.org/formatnetwork.html */
const libvirtNetwork = /^192\.168\.122\./;

/** Whose name a program's name is. */
export function holderOf({ program, address }: HeldNamePort): NameServerHolder {
  const name = (program ?? '').toLowerCase();
  if (name.startsWith('systemd-resolv') || /^127\.0\.0\.5[34]$/.test(address)) return 'systemd-resolved';
  if (name.startsWith('dnsmasq') || name === '') {
    if (libvirtNetwork.test(address)) return 'libvirt';
    if (name !== '' && address === '127.0.1.1') return 'networkmanager';
  }
  if (name.startsWith('dnsmasq')) return 'dnsmasq';
  if (name.startsWith('pihole')) return 'pi-hole';
  if (name.startsWith('adguard')) return 'adguard';
  if (name.startsWith('unbound')) return 'unbound';
  if (name === 'named') return 'bind';
  if (/^(?:docker-proxy|rootlesskit|rootlessport|slirp4netns|pasta|conmon|aardvark)/.test(name))
    return 'container';
  return 'other';
}

/** Whether a listener on `address` leaves port 53 of `wanted` free; `wanted` `0.0.0.0`: every address. */
export function leavesFree(address: string, wanted: string): boolean {
  const everywhere = ['0.0.0.0', '::', '*'];
  if (everywhere.includes(address) || everywhere.includes(wanted)) return false;
  return address !== wanted;
}

/** What they are called in sentences. */
export const holderNames: Readonly<Record<NameServerHolder, string>> = {
  'systemd-resolved': 'systemd-resolved',
  dnsmasq: 'dnsmasq',
  networkmanager: "NetworkManager's dnsmasq",
  libvirt: "libvirt's dnsmasq",
  'pi-hole': 'Pi-hole',
  adguard: 'AdGuard Home',
  unbound: 'Unbound',
  bind: 'BIND',
  container: 'a container',
  other: 'another program',
};

/** The lab as the ways name it. */
export interface WaysOf {
  readonly domain: string;
  /** Address of this machine in its network. */
  readonly address: string;
}

/** Ways out, the gentlest first. The last is always there: leave port 53 to who has it. */
export function nameServerWays(holder: NameServerHolder, lab: WaysOf): readonly NameServerWay[] {
  return [...ownWays[holder](lab), elsewhere(lab)];
}

/** The gentlest one as one sentence, for a finding. */
export function nameServerNext(holder: NameServerHolder, lab: WaysOf): string {
  const [first] = ownWays[holder](lab);
  const way = first === undefined ? '' : `${first.title}. `;
  return `${way}Or leave it the port and give the lab another one (ports.dns), or your own name server (dns: own). All ways: docs/names.md`;
}

/** Only this machine's own address, so that a listener on a loopback address is in nobody's way. */
function oneAddress({ address }: WaysOf): NameServerWay {
  return {
    title: `Nothing: it listens on other addresses, and the name server of the lab takes ${address} alone`,
    text: null,
  };
}

function elsewhere({ domain, address }: WaysOf): NameServerWay {
  return {
    title:
      'Leave it port 53: the lab answers on port 5353 or another one, and your name server asks it there',
    text: [
      'autogit stack plan: ports.dns = 5353',
      `dnsmasq, Pi-hole, OpenWrt: server=/${domain}/${address}#5353`,
      `systemd-resolved: DNS=${address}:5353 and Domains=~${domain}`,
    ].join('\n'),
  };
}

type Ways = (lab: WaysOf) => readonly NameServerWay[];

const ownWays: Readonly<Record<NameServerHolder, Ways>> = {
  'systemd-resolved': (lab) => [
    oneAddress(lab),
    {
      title: 'Have this machine ask the lab for the lab alone, and others as before',
      text: [
        '# /etc/systemd/resolved.conf.d/autogit.conf, then: systemctl restart systemd-resolved',
        '[Resolve]',
        `DNS=${lab.address}`,
        `Domains=~${lab.domain}`,
      ].join('\n'),
    },
    {
      title: 'Take port 53 of every address from it; it goes on resolving without its listener',
      text: [
        '# /etc/systemd/resolved.conf.d/autogit-listener.conf',
        '[Resolve]',
        'DNSStubListener=no',
        '# then, as root:',
        'ln -sf /run/systemd/resolve/resolv.conf /etc/resolv.conf',
        'systemctl restart systemd-resolved',
      ].join('\n'),
    },
  ],
  libvirt: (lab) => [
    oneAddress(lab),
    {
      title: "Switch off the name server of libvirt's network; its machines then need another one",
      text: "virsh net-edit default: add <dns enable='no'/>, then: virsh net-destroy default && virsh net-start default",
    },
  ],
  networkmanager: (lab) => [
    oneAddress(lab),
    {
      title: "Have NetworkManager's dnsmasq ask the lab for the lab alone",
      text: `# /etc/NetworkManager/dnsmasq.d/autogit.conf, then: systemctl reload NetworkManager\nserver=/${lab.domain}/${lab.address}`,
    },
  ],
  dnsmasq: ({ domain, address }) => [
    {
      title: 'Have dnsmasq answer for the lab, and give the lab no name server of its own (dns: own)',
      text: `# /etc/dnsmasq.d/autogit.conf, then: systemctl restart dnsmasq\naddress=/${domain}/${address}\nlocal=/${domain}/`,
    },
    {
      title: 'Have dnsmasq take one interface and leave the other addresses free',
      text: '# /etc/dnsmasq.d/autogit.conf, then: systemctl restart dnsmasq\ninterface=lo\nbind-interfaces',
    },
  ],
  'pi-hole': ({ domain, address }) => [
    {
      title: 'Have Pi-hole answer for the lab, and give the lab no name server of its own (dns: own)',
      text: `Settings, All settings, Miscellaneous, misc.dnsmasq_lines:\naddress=/${domain}/${address}\nlocal=/${domain}/`,
    },
  ],
  adguard: ({ domain, address }) => [
    {
      title: 'Have AdGuard Home answer for the lab, and give the lab no name server of its own (dns: own)',
      text: `Filters, DNS rewrites: *.${domain} to ${address}`,
    },
  ],
  unbound: ({ domain, address }) => [
    {
      title: 'Have Unbound answer for the lab, and give the lab no name server of its own (dns: own)',
      text: `server:\n  local-zone: "${domain}." redirect\n  local-data: "${domain}. 300 IN A ${address}"`,
    },
  ],
  bind: ({ domain, address }) => [
    {
      title: 'Have BIND ask the lab, which takes another port',
      text: `zone "${domain}" { type forward; forward only; forwarders { ${address} port 5353; }; };`,
    },
  ],
  container: () => [
    {
      title: 'Look which container publishes it, and give that one an address of its own or stop it',
      text: 'docker ps --filter publish=53',
    },
  ],
  other: () => [
    {
      title: 'Look which program it is, as root',
      text: "ss -lntup 'sport = :53'",
    },
  ],
};
