// What answers about a lab's names mean: which device would find it, which not, and what is to be done.
import { assertNever } from '../model/assert.ts';
import type { Severity } from '../model/issue.ts';
import { addressNumber, isInside, parseSubnet } from '../model/stack/subnet.ts';
import type { NameVerdict, Viewpoint } from '../model/stack/names.ts';
import type { RenderedName } from '../model/stack/stack.ts';
import { sameAddress } from './names.ts';

/** What somebody was told of one name. `null`: could not be asked. */
export interface NameSeen {
  readonly name: string;
  readonly v4: readonly string[] | null;
  readonly v6: readonly string[] | null;
}

export interface NameView {
  readonly from: Viewpoint;
  /** `192.168.1.1`, `gitlab`; '' for the machine itself. */
  readonly who: string;
  readonly seen: readonly NameSeen[];
  /** Why nothing could be asked; `null`: it answered. */
  readonly silence: string | null;
}

export interface JudgedName {
  readonly name: string;
  readonly verdict: NameVerdict;
  readonly got: readonly string[];
}

export interface JudgedView {
  readonly from: Viewpoint;
  readonly who: string;
  readonly names: readonly JudgedName[];
}

/** Something that is wrong with the names, for people. */
export interface NameFinding {
  readonly key: `names.${Exclude<NameVerdict, 'right'>}`;
  readonly severity: Severity;
  readonly subject: string;
  readonly message: string;
  readonly next: string;
}

export interface NameCase {
  readonly domain: string;
  readonly names: readonly RenderedName[];
  /** Of the stack's own networks: inside, names lead to Traefik itself. */
  readonly subnets: readonly string[];
  /** Whether the lab has a name server of its own that should answer. */
  readonly hasServer: boolean;
  /** The records at the provider are right; `null`: there is none, or nobody asked. */
  readonly published: boolean | null;
  readonly views: readonly NameView[];
}

/** Judges every answer, and says what to do about those that are wrong. */
export function judgeNames(subject: NameCase): {
  readonly views: readonly JudgedView[];
  readonly findings: readonly NameFinding[];
} {
  const views = subject.views.map((view) => ({
    from: view.from,
    who: view.who,
    names: subject.names.map((name) => judge(name, view, subject)),
  }));
  return { views, findings: views.flatMap((view) => findingsOf(view, subject)) };
}

function judge(wanted: RenderedName, view: NameView, subject: NameCase): JudgedName {
  const seen = view.seen.find(({ name }) => name === wanted.name);
  const got = [...(seen?.v4 ?? []), ...(seen?.v6 ?? [])];
  const of = (verdict: NameVerdict): JudgedName => ({ name: wanted.name, verdict, got });
  // A name without IPv6 is usual: that alone says nothing of a name whose IPv4 nobody has told.
  if (seen === undefined || (seen.v4 === null && got.length === 0)) return of('no-answer');
  const isRight = (address: string): boolean =>
    wanted.addresses.some((one) => sameAddress(one, address)) ||
    (view.from === 'container' && isWithin(address, subject.subnets));
  if (got.length === 0) return of(missingHere(wanted, view, subject));
  const wrong = got.filter((address) => !isRight(address));
  if (wrong.length === 0) return of(view.from === 'machine' ? knownHere(wanted, subject) : 'right');
  const isOnlyV6 = wrong.every((address) => address.includes(':')) && wrong.length < got.length;
  return of(isOnlyV6 ? 'v6-elsewhere' : 'wrong-address');
}

function isWithin(address: string, subnets: readonly string[]): boolean {
  const number = addressNumber(address);
  if (number === null) return false;
  return subnets.some((text) => {
    const subnet = parseSubnet(text);
    return subnet !== null && isInside(number, subnet);
  });
}

/** Whether somebody there tells a name as it should be; `null`: nobody has said anything of it. */
function told(wanted: RenderedName, subject: NameCase, from: Viewpoint): boolean | null {
  const answers = subject.views
    .filter((view) => view.from === from)
    .flatMap(({ seen }) => seen.flatMap(({ name, v4 }) => (name === wanted.name && v4 !== null ? [v4] : [])));
  if (answers.length === 0) return null;
  return answers.some((v4) =>
    v4.some((address) => wanted.addresses.some((one) => sameAddress(one, address))),
  );
}

function isMdns({ domain }: Pick<NameCase, 'domain'>): boolean {
  return domain === 'local' || domain.endsWith('.local');
}

function missingHere(wanted: RenderedName, { from }: NameView, subject: NameCase): NameVerdict {
  const byNetwork = told(wanted, subject, 'network') === true;
  const isPublished = subject.published === true;
  switch (from) {
    case 'machine':
      if (!byNetwork) return 'missing';
      return isMdns(subject) ? 'by-mdns' : 'cached';
    case 'network':
      return isPublished ? 'cached' : 'missing';
    case 'lab':
    case 'container':
      return 'missing';
  }
}

/** What this machine knows is worth something only where its network knows it, too. */
function knownHere(wanted: RenderedName, subject: NameCase): NameVerdict {
  if (told(wanted, subject, 'network') !== false) return 'right';
  return isMdns(subject) ? 'by-mdns' : 'only-here';
}

function findingsOf({ from, who, names }: JudgedView, subject: NameCase): readonly NameFinding[] {
  const verdicts = [...new Set(names.map(({ verdict }) => verdict))];
  return verdicts.flatMap((verdict) => {
    if (verdict === 'right') return [];
    const those = names.filter((one) => one.verdict === verdict);
    return [
      {
        severity: severityOf(verdict, from, subject),
        subject: viewName(from, who),
        ...wordsOf(verdict, { from, who, names: those }, subject),
      },
    ];
  });
}

/** As it is named in sentences: `the name server 192.168.1.1`. */
export function viewName(from: Viewpoint, who: string): string {
  switch (from) {
    case 'machine':
      return 'this machine';
    case 'lab':
      return `the name server of the lab (${who})`;
    case 'network':
      return `the name server ${who}`;
    case 'container':
      return `a container of the stack (${who})`;
  }
}

function severityOf(verdict: NameVerdict, from: Viewpoint, { hasServer }: NameCase): Severity {
  switch (verdict) {
    case 'right':
      return 'info';
    case 'cached':
    case 'by-mdns':
    case 'v6-elsewhere':
    case 'only-here':
      return 'warning';
    case 'no-answer':
      return from === 'lab' && hasServer ? 'error' : 'warning';
    case 'missing':
    case 'wrong-address':
      return 'error';
  }
}

function wordsOf(
  verdict: Exclude<NameVerdict, 'right'>,
  view: JudgedView,
  { domain, hasServer, views }: NameCase,
): Pick<NameFinding, 'key' | 'message' | 'next'> {
  const who = viewName(view.from, view.who);
  const all = view.names.map(({ name }) => name).join(', ');
  const got = [...new Set(view.names.flatMap((one) => one.got))].join(', ');
  switch (verdict) {
    case 'wrong-address':
      return {
        key: 'names.wrong-address',
        message: `Asked for ${all}, ${who} says ${got}, which is not the lab.`,
        next: 'Correct the record there; an old address may also be kept until its time is over. See: autogit names show',
      };
    case 'missing':
      return {
        key: 'names.missing',
        message: `${capital(who)} knows nothing of ${all}.`,
        next: missingWays(view.from, hasServer),
      };
    case 'cached':
      return cachedWords(view.from, all, who, domain);
    case 'by-mdns':
      return {
        key: 'names.by-mdns',
        message: `${all}: names that end in .local belong to mDNS (RFC 6762), so programs ask the neighbours and not the name servers, and devices differ in what they find.`,
        next: 'Give the lab another domain, such as lab.home.arpa: autogit stack plan shows what that changes.',
      };
    case 'only-here':
      return {
        key: 'names.only-here',
        message: `This machine finds ${all}, but the name servers of its network do not: other devices will not find the lab.`,
        next: missingWays('network', hasServer),
      };
    case 'v6-elsewhere':
      return {
        key: 'names.v6-elsewhere',
        message: `Asked for ${all}, ${who} says the right IPv4 address and ${got.includes(':') ? onlyV6(got) : 'an IPv6 address'} that is not the lab: devices with IPv6 go there first.`,
        next: 'Remove the AAAA record, or give the lab its IPv6 address (address6 of the answers).',
      };
    case 'no-answer':
      return silentWords(view, who, views);
    default:
      return assertNever(verdict);
  }
}

function cachedWords(
  from: Viewpoint,
  all: string,
  who: string,
  domain: string,
): Pick<NameFinding, 'key' | 'message' | 'next'> {
  if (from === 'machine')
    return {
      key: 'names.cached',
      message: `The name servers know ${all}, but ${who} remembers that it was not there.`,
      next: 'Have it forget: resolvectl flush-caches (Linux), ipconfig /flushdns (Windows), dscacheutil -flushcache (macOS).',
    };
  return {
    key: 'names.cached',
    message: `The provider has ${all}, but ${who} does not tell it: it remembers that it was not there, or hides answers with private addresses.`,
    next: `Wait some minutes and ask again. If it stays so, allow ${domain} in the router's protection against DNS rebinding.`,
  };
}

function silentWords(
  { from, who: asked }: JudgedView,
  who: string,
  views: readonly NameView[],
): Pick<NameFinding, 'key' | 'message' | 'next'> {
  const why = views.find((one) => one.from === from && one.who === asked)?.silence;
  return {
    key: 'names.no-answer',
    message: `${capital(who)} did not answer${why === undefined || why === null ? '' : `: ${why}`}`.replace(
      /\.?$/,
      '.',
    ),
    next:
      from === 'lab'
        ? 'Look whether CoreDNS runs and its port is open: autogit stack status'
        : 'Look whether it can be reached from here: a firewall may stand in between.',
  };
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function onlyV6(got: string): string {
  return got
    .split(', ')
    .filter((address) => address.includes(':'))
    .join(', ');
}

function missingWays(from: Viewpoint, hasServer: boolean): string {
  switch (from) {
    case 'lab':
      return 'Its zone is not that of the present answers. Bring the stack up again: autogit stack up';
    case 'container':
      return "Traefik has lost its names on the stack's network. Start it again: autogit stack restart traefik";
    case 'machine':
    case 'network':
      return hasServer
        ? 'Have the router hand out the lab as name server (DHCP), or forward the zone to it, or enter the names: autogit names show'
        : 'Enter the names there, or in the hosts file of each device: autogit names show';
  }
}

/** One sentence from the point of view of the devices around. */
export function lanSentence(views: readonly JudgedView[], domain: string): string {
  const servers = views.filter(({ from }) => from === 'network');
  if (servers.length === 0)
    return `No name server of this network is known, so nobody can say whether other devices find ${domain}.`;
  const good = servers.filter(({ names }) => names.every(({ verdict }) => verdict === 'right'));
  if (good.length === servers.length) return `Devices of this network find ${domain}.`;
  const bad = servers.filter((view) => !good.includes(view)).map(({ who }) => who);
  return good.length === 0
    ? `Devices that ask ${bad.join(' or ')}, as this network tells them to, do not find ${domain}.`
    : `Devices that ask ${good.map(({ who }) => who).join(' or ')} find ${domain}; those that ask ${bad.join(' or ')} do not, and a device may ask either.`;
}
