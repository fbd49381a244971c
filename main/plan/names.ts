// The names of a lab in every form in which somebody may have to enter them: table, hosts file, zone file, name servers.
import { nameForms, plainName } from '../model/stack/names.ts';
import type { NameForm } from '../model/stack/names.ts';
import type { RenderedName } from '../model/stack/stack.ts';

/** What has to be known about a lab's names. */
export interface LabNames {
  /** `lab.home.arpa` */
  readonly domain: string;
  readonly names: readonly RenderedName[];
  /** Addresses that names lead to, IPv4 first. */
  readonly addresses: readonly string[];
  /** Where the lab's own name server answers, `192.168.1.10` and the port; `null`: it has none. */
  readonly server: { readonly address: string; readonly port: number } | null;
}

/** A record that has to be there. */
export interface NameRow {
  readonly name: string;
  readonly type: 'A' | 'AAAA';
  readonly value: string;
  /** What is behind it: `GitLab`. */
  readonly what: string;
}

/** A piece of text to copy. */
export interface NameSnippet {
  readonly form: NameForm;
  /** What it is for, one line. */
  readonly title: string;
  /** Where it goes: `/etc/hosts of each device`. */
  readonly goes: string;
  readonly text: string;
}

/** Seconds that an answer may be kept: short, so that a new address is known soon. */
export const nameTtl = 300;

/** One row for each name and address, in the order of the names. */
export function nameRows({ names }: Pick<LabNames, 'names'>): readonly NameRow[] {
  return names.flatMap(({ name, what, addresses }) =>
    addresses.map((value) => ({ name, type: typeOf(value), value, what })),
  );
}

/** `AAAA` for an address of IPv6. */
export function typeOf(address: string): 'A' | 'AAAA' {
  return address.includes(':') ? 'AAAA' : 'A';
}

/** Every form, for people who have a name server of their own or none at all. */
export function nameSnippets(lab: LabNames): readonly NameSnippet[] {
  return nameForms.map((form) => ({ form, ...makers[form](lab) }));
}

type Maker = (lab: LabNames) => Omit<NameSnippet, 'form'>;

const makers: { readonly [F in NameForm]: Maker } = {
  hosts: (lab) => ({
    title: 'For a device that asks nobody: one line for each address',
    goes: '/etc/hosts, or C:\\Windows\\System32\\drivers\\etc\\hosts, of each device; it knows no wildcards',
    text: hostsFile(lab),
  }),
  zone: (lab) => ({
    title: 'As lines of a zone file, or as rows at a provider',
    goes: `the zone ${lab.domain}, or the one above it`,
    text: zoneLines(lab),
  }),
  dnsmasq: (lab) => ({
    title: lab.server === null ? 'dnsmasq answers for the lab' : 'dnsmasq asks the name server of the lab',
    goes: '/etc/dnsmasq.d/autogit.conf, then: systemctl restart dnsmasq',
    text: lines(dnsmasqLines(lab)),
  }),
  unbound: (lab) => ({
    title: lab.server === null ? 'Unbound answers for the lab' : 'Unbound asks the name server of the lab',
    goes: '/etc/unbound/unbound.conf.d/autogit.conf, then: unbound-checkconf && systemctl reload unbound',
    text: lines(unboundLines(lab)),
  }),
  pihole: (lab) => ({
    title: 'Pi-hole 6',
    goes: 'Settings, All settings, Miscellaneous, misc.dnsmasq_lines; or, by name, Settings, Local DNS Records',
    text: lines([
      ...dnsmasqLines(lab),
      ...nameRows(lab).map(({ name, value }) => `# Local DNS Records: ${value} ${name}`),
    ]),
  }),
  openwrt: (lab) => ({
    title: 'A router with OpenWrt; others have a page for it, named "local DNS" or "host overrides"',
    goes: 'its command line',
    text: lines(openwrtLines(lab)),
  }),
  resolved: (lab) => ({
    title: 'A Linux device with systemd-resolved asks the name server of the lab for the lab alone',
    goes: '/etc/systemd/resolved.conf.d/autogit.conf of that device, then: systemctl restart systemd-resolved',
    text: lines(resolvedLines(lab)),
  }),
};

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}

function hostsFile({ names, addresses, domain }: LabNames): string {
  const of = (address: string): readonly string[] =>
    names.flatMap(({ name, addresses: own }) => (own.includes(address) ? [name] : []));
  const used = addresses.filter((address) => of(address).length > 0);
  return lines([
    `# begin autogit ${domain}`,
    ...used.map((address) => `${address} ${of(address).join(' ')}`),
    `# end autogit ${domain}`,
  ]);
}

function zoneLines(lab: LabNames): string {
  const wildcard = lab.addresses.map((value) => ({ name: `*.${lab.domain}`, type: typeOf(value), value }));
  return lines([
    '; each name by itself',
    ...nameRows(lab).map(({ name, type, value }) => `${name}. ${nameTtl} IN ${type} ${value}`),
    '; or all of them at once',
    ...wildcard.map(({ name, type, value }) => `${name}. ${nameTtl} IN ${type} ${value}`),
  ]);
}

/**
 * With an address alone, dnsmasq since 2.86 sends questions for the other family upstream: hence `local`, which in OpenWrt's
 * lists is a `server` without an address.
 * https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html
 */
function dnsmasqLines({ domain, addresses, server }: LabNames): readonly string[] {
  if (server !== null)
    return [
      `server=/${domain}/${server.address}${server.port === 53 ? '' : `#${server.port}`}`,
      `rebind-domain-ok=/${domain}/`,
    ];
  return [...addresses.map((address) => `address=/${domain}/${address}`), `local=/${domain}/`];
}

/**
 * `home.arpa` is a zone that unbound answers by itself, with nothing; and answers with private addresses it may hide.
 * https://nlnetlabs.nl/documentation/unbound/unbound.conf/
 */
function unboundLines({ domain, addresses, server }: LabNames): readonly string[] {
  if (server === null)
    return [
      'server:',
      `  local-zone: "${domain}." redirect`,
      ...addresses.map((address) => `  local-data: "${domain}. ${nameTtl} IN ${typeOf(address)} ${address}"`),
    ];
  return [
    'server:',
    ...(domain.endsWith('home.arpa') ? ['  local-zone: "home.arpa." nodefault'] : []),
    `  domain-insecure: "${domain}"`,
    `  private-domain: "${domain}"`,
    'forward-zone:',
    `  name: "${domain}."`,
    `  forward-addr: ${server.address}${server.port === 53 ? '' : `@${server.port}`}`,
  ];
}

function openwrtLines(lab: LabNames): readonly string[] {
  const { domain, addresses, server } = lab;
  const add = (list: string, value: string): string => `uci add_list dhcp.@dnsmasq[0].${list}='${value}'`;
  const records =
    server === null
      ? [...addresses.map((address) => add('address', `/${domain}/${address}`)), add('server', `/${domain}/`)]
      : [add('server', `/${domain}/${server.address}${server.port === 53 ? '' : `#${server.port}`}`)];
  return [...records, add('rebind_domain', `/${domain}/`), 'uci commit dhcp', 'service dnsmasq restart'];
}

function resolvedLines({ domain, server }: LabNames): readonly string[] {
  if (server === null) return ['# The lab has no name server of its own: use the lines for /etc/hosts.'];
  const port = server.port === 53 ? '' : `:${server.port}`;
  return ['[Resolve]', `DNS=${server.address}${port}`, `Domains=~${domain}`];
}

/** What a provider has to get so that every name leads to the lab. */
export interface RecordChange {
  readonly change: 'create' | 'update' | 'same';
  readonly name: string;
  readonly type: 'A' | 'AAAA';
  /** What is there; '' for none. */
  readonly from: string;
  readonly to: string;
}

/** Compares what a provider has with what there should be; nothing else of the zone is looked at. */
export function recordChanges(
  lab: Pick<LabNames, 'names'>,
  present: readonly { readonly name: string; readonly type: 'A' | 'AAAA'; readonly value: string }[],
): readonly RecordChange[] {
  return nameRows(lab).map(({ name, type, value }) => {
    const there = present.filter((one) => plainName(one.name) === name && one.type === type);
    const from = there.map((one) => one.value).join(', ');
    const isSame = there.length === 1 && sameAddress(from, value);
    return {
      change: isSame ? 'same' : there.length === 0 ? 'create' : 'update',
      name,
      type,
      from,
      to: value,
    };
  });
}

/** Whether two addresses are one: IPv6 can be written in many ways. */
export function sameAddress(a: string, b: string): boolean {
  return a === b || (a.includes(':') && b.includes(':') && wide(a) === wide(b));
}

/** An address of IPv6 with all its eight parts; what is none stays as it is. */
function wide(address: string): string {
  const [plain = ''] = address.toLowerCase().split('%');
  const [head = '', tail] = plain.split('::');
  const parts = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));
  const left = parts(head);
  const right = parts(tail ?? '');
  const middle =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...middle, ...right].map((part) => part.replace(/^0+(?=.)/, '')).join(':');
}
