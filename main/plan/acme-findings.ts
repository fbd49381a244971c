// What speaks for and against a way to certificates that Traefik asks for by itself, in sentences. Pure.
import { assertNever } from '../model/assert.ts';
import { isReached, limitWords, limitsNear } from '../model/stack/acme.ts';
import type { AcmeTls, AcmeTry } from '../model/stack/acme.ts';
import type { PublicCaa, PublicDomain, PublicName, TokenVerdict } from '../model/stack/acme-outside.ts';

export interface AcmeCheck {
  readonly key: string;
  readonly label: string;
  readonly state: 'good' | 'warning' | 'bad' | 'unknown';
  readonly message: string;
  readonly next: string | null;
}

type Words = Omit<AcmeCheck, 'key' | 'label'>;

function check(key: string, label: string, words: Words): AcmeCheck {
  return { key, label, ...words };
}

const unknownOutside: Words = {
  state: 'unknown',
  message: "No name server of the Internet answers, so that nobody knows what Let's Encrypt would see.",
  next: 'Check that this machine reaches 1.1.1.1 or 9.9.9.9 on port 53.',
};

/** Whether the domain is there for everybody. */
export function domainCheck(domain: string, { zone }: Pick<PublicDomain, 'zone'>): AcmeCheck {
  const label = 'Domain';
  if (zone === null) return check('acme.domain', label, unknownOutside);
  if (zone === '')
    return check('acme.domain', label, {
      state: 'bad',
      message: `Nobody outside knows ${domain}: it is not registered, or not delegated to any name server.`,
      next: 'Register it, or choose a domain that you have.',
    });
  return check('acme.domain', label, {
    state: 'good',
    message: `${domain} lies in the zone ${zone}, which the Internet knows.`,
    next: null,
  });
}

const authority = 'letsencrypt.org';

/** `isWild`: a certificate for all names below the domain is wanted. https://letsencrypt.org/docs/caa/ */
export function caaCheck(domain: string, { caa }: Pick<PublicDomain, 'caa'>, isWild: boolean): AcmeCheck {
  const label = 'Who may give certificates';
  if (caa === null) return check('acme.caa', label, unknownOutside);
  const { at, records } = caa;
  const strange = records.find(({ tag, critical }) => critical && tag === 'other');
  const issue = records.filter(({ tag }) => tag === 'issue');
  const wild = records.filter(({ tag }) => tag === 'issuewild');
  const missing = [
    ...(allows(issue) ? [] : ['issue']),
    ...(!isWild || allows(wild.length > 0 ? wild : issue) ? [] : ['issuewild']),
  ];
  if (missing.length === 0 && strange === undefined)
    return check('acme.caa', label, {
      state: 'good',
      message:
        issue.length + wild.length === 0
          ? `No CAA record of ${domain} restricts who may give certificates.`
          : `The CAA records of ${at} allow Let's Encrypt.`,
      next: null,
    });
  const tags = missing.length === 0 ? ['issue'] : missing;
  return check('acme.caa', label, {
    state: 'bad',
    message: `The CAA records of ${at} do not allow Let's Encrypt${missing.includes('issuewild') && missing.length === 1 ? ' to give a certificate for all names below it' : ''}.`,
    next: `Add at ${at}: ${tags.map((tag) => `CAA 0 ${tag} "${authority}"`).join(' and ')}`,
  });
}

/** Without a record everybody may; parameters after `;` do not count here. */
function allows(records: readonly PublicCaa[]): boolean {
  return (
    records.length === 0 ||
    records.some(({ value }) => value.split(';')[0]?.trim().toLowerCase() === authority)
  );
}

export interface TokenWords {
  readonly title: string;
  readonly url: string;
  readonly help: string;
}

/** Nobody could find out what the credentials may do. */
function unasked(kind: 'busy' | 'unreachable' | 'not-tried', title: string, said: string): Words {
  switch (kind) {
    case 'busy':
      return {
        state: 'unknown',
        message: `${title} answers no more questions for now: ${said}`,
        next: 'Check again in some minutes.',
      };
    case 'unreachable':
      return {
        state: 'unknown',
        message: `${title} could not be asked: ${said}`,
        next: 'Check that this machine reaches it, then check again.',
      };
    case 'not-tried':
      return {
        state: 'unknown',
        message: `Nobody can tell before what the token of ${title} may do: ${said}.`,
        next: null,
      };
    default:
      return assertNever(kind);
  }
}

/** What came of trying the provider's credentials. */
export function tokenCheck(
  verdict: TokenVerdict,
  domain: string,
  { title, url, help }: TokenWords,
): AcmeCheck {
  const made = (words: Words): AcmeCheck => check('acme.token-scope', `Token of ${title}`, words);
  const said = verdict.kind === 'good' ? '' : ` ${title} said: ${verdict.said}`;
  switch (verdict.kind) {
    case 'good':
      return made({
        state: 'good',
        message: `${title} lets the record _acme-challenge.${domain} be made, in the zone ${verdict.zone}.`,
        next: null,
      });
    case 'incomplete':
      return made({
        state: 'bad',
        message: `Something is missing for ${title}: ${verdict.said}.`,
        next: help,
      });
    case 'wrong-token':
      return made({
        state: 'bad',
        message: `${title} does not accept the token.${said}`,
        next: `Make another one at ${url}. ${help}`,
      });
    case 'no-zone':
      return made({
        state: 'bad',
        message: `${title} accepts the token, and has no zone for ${domain} that it may see.${said}`,
        next: `Check that the domain is at ${title}, and that the token is for it. ${help}`,
      });
    case 'read-only':
      return made({
        state: 'bad',
        message: `The token may see the zone of ${domain} at ${title}, and not write to it.${said}`,
        next: help,
      });
    case 'occupied':
      return made({
        state: 'unknown',
        message: `Whether the token may write was not tried, because _acme-challenge.${domain} has a record now.`,
        next: 'If nothing asks for a certificate at this moment, remove that record at the provider and check again.',
      });
    case 'left':
      return made({
        state: 'bad',
        message: `${title} let the record _acme-challenge.${domain} be made for a try, and not be removed again: it is still there.${said}`,
        next: `Remove the record with the text autogit-check at ${title}. ${help}`,
      });
    case 'busy':
    case 'unreachable':
    case 'not-tried':
      return made(unasked(verdict.kind, title, verdict.said));
    default:
      return assertNever(verdict);
  }
}

export interface OutsideView {
  readonly name: string;
  /** `null`: nobody could be asked. */
  readonly found: PublicName | null;
  /** The address by which this network is seen outside; `null`: nobody says. */
  readonly network: string | null;
  /** Of this machine itself. */
  readonly addresses: readonly string[];
  readonly addresses6: readonly string[];
  readonly httpPort: number;
}

/** Whether a request to port 80 of a name can come to this machine. What only somebody outside could see is said to be unknown. */
export function reachChecks(view: OutsideView): readonly AcmeCheck[] {
  return [addressCheck(view), ...address6Check(view)];
}

const privateForm =
  /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;

function addressCheck({ name, found, network, addresses, httpPort }: OutsideView): AcmeCheck {
  const made = (words: Words): AcmeCheck => check('acme.address', `Way to port 80 of ${name}`, words);
  if (found === null) return made(unknownOutside);
  const { addresses: there } = found;
  const [first] = there;
  if (first === undefined)
    return found.addresses6.length > 0
      ? made({
          state: 'warning',
          message: `${name} has an IPv6 address alone; whether it leads here is said below.`,
          next: null,
        })
      : made({
          state: 'bad',
          message: `Nobody outside finds an address for ${name}.`,
          next: `Make a record of type A for it${network === null ? '' : `, with ${network}`}.`,
        });
  const inner = there.find((one) => privateForm.test(one));
  if (inner !== undefined)
    return made({
      state: 'bad',
      message: `${name} leads to ${inner}, which nobody outside can reach.`,
      next: 'Let it lead to the public address of this network, or choose acme-dns, which needs no way in.',
    });
  if (there.some((one) => addresses.includes(one)))
    return made({
      state: httpPort === 80 ? 'good' : 'bad',
      message:
        httpPort === 80
          ? `${name} leads to ${first}, which is this machine; a firewall in front could still be closed.`
          : `${name} leads to ${first}, which is this machine, and it will listen on port ${httpPort} instead of 80.`,
      next: httpPort === 80 ? null : 'Set ports.http to 80.',
    });
  if (network === null)
    return made({
      state: 'unknown',
      message: `${name} leads to ${first}; nobody tells whether that is the address of this network.`,
      next: 'Compare it with what the router shows as its address.',
    });
  if (!there.includes(network))
    return made({
      state: 'bad',
      message: `${name} leads to ${there.join(', ')}, and this network is seen outside as ${network}.`,
      next: `Change its record of type A to ${network}, or have the provider follow the address.`,
    });
  return made({
    state: 'warning',
    message: `${name} leads to this network (${network}). Whether its router forwards port 80 to port ${httpPort} of this machine cannot be seen from inside; the trial at the staging authority shows it.`,
    next: `Forward port 80 of the router to port ${httpPort} of this machine.`,
  });
}

/** Let's Encrypt takes IPv6 where there is some. https://letsencrypt.org/docs/ipv6-support/ */
function address6Check({ name, found, addresses6 }: OutsideView): readonly AcmeCheck[] {
  const there = found?.addresses6 ?? [];
  if (there.length === 0) return [];
  const made = (words: Words): readonly AcmeCheck[] => [check('acme.address6', `IPv6 of ${name}`, words)];
  if (there.some((one) => addresses6.includes(one)))
    return made({
      state: 'good',
      message: `The IPv6 address of ${name} is one of this machine.`,
      next: null,
    });
  return made({
    state: 'bad',
    message: `${name} has the IPv6 address ${there.join(', ')}, which is not this machine, and Let's Encrypt asks there first.`,
    next: 'Remove its record of type AAAA, or let it lead to this machine.',
  });
}

/** How near the limits are; nothing where none is in sight. */
export function limitChecks(tries: readonly AcmeTry[], now: number): readonly AcmeCheck[] {
  return limitsNear(tries, now).map((limit) =>
    check('acme.limits', "Let's Encrypt's limits", {
      state: isReached(limit) ? 'bad' : 'warning',
      ...limitWords(limit),
    }),
  );
}

/** What an authority of one's own allows, or that the staging one will be asked for ever. */
export function authorityCheck({ server, staging }: AcmeTls, isProven: boolean): AcmeCheck {
  const label = 'Authority';
  if (server !== null)
    return check('acme.authority', label, {
      state: 'unknown',
      message: `Certificates come from ${server}; what it allows, it says only when it is asked.`,
      next: null,
    });
  if (staging)
    return check('acme.authority', label, {
      state: 'warning',
      message: "Certificates come from Let's Encrypt's staging authority, which nothing trusts.",
      next: 'When you have seen them come, take tls.staging out of the answers.',
    });
  return check('acme.authority', label, {
    state: 'good',
    message: isProven
      ? "This way has worked before: Let's Encrypt is asked at once."
      : "Let's Encrypt's staging authority is asked first, which counts nothing; then the real one, by itself.",
    next: null,
  });
}
