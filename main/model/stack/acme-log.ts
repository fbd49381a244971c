// Why Traefik gets no certificate: its log's lines, as lego 5 and Let's Encrypt write them, in stable keys and plain words.
import type { AcmeTls } from './acme.ts';
import type { Tls } from './answers.ts';

export const acmeFailureKeys = [
  'acme.limit-reached',
  'acme.caa',
  'acme.refused-name',
  'acme.contact',
  'acme.token-missing',
  'acme.token-refused',
  'acme.zone-unknown',
  'acme.record-unseen',
  'acme.record-missing',
  'acme.name-unknown',
  'acme.not-reached',
  'acme.other-answers',
  'acme.authority-untrusted',
  'acme.authority-unreachable',
  'acme.storage-open',
  'acme.failed',
] as const;
export type AcmeFailureKey = (typeof acmeFailureKeys)[number];

export interface AcmeFailure {
  readonly key: AcmeFailureKey;
  /** Milliseconds since 1970, to the second; `null`: the line does not say. */
  readonly at: number | null;
  /** `[]`: all of them. */
  readonly domains: readonly string[];
  /** What Traefik said, without what it says around it. */
  readonly said: string;
  /** There was a certificate, and another one was to take its place. */
  readonly isRenewal: boolean;
}

const mostSaid = 400;

/** https://github.com/traefik/traefik/blob/v3.7.13/pkg/provider/acme/provider.go */
const told = [
  { form: /Unable to obtain ACME certificate for domain/, isRenewal: false },
  { form: /Error renewing ACME certificate/, isRenewal: true },
  { form: /The ACME resolve is skipped from the resolvers list/, isRenewal: false },
] as const;

/** In the order of the log. Lines of other things count for nothing; never throws. */
export function acmeFailures(log: string): readonly AcmeFailure[] {
  return log.split(/\r?\n/).flatMap((raw): readonly AcmeFailure[] => {
    const line = raw.replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, '');
    const kind = told.find(({ form }) => form.test(line));
    if (kind === undefined) return [];
    const error = quoted(line, 'error') ?? line;
    const at = Date.parse(
      /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)/.exec(line)?.[0] ?? '',
    );
    return [
      {
        key: keyOf(error),
        at: Number.isNaN(at) ? null : at,
        domains: domainsOf(line, error),
        said: saidIn(error),
        isRenewal: kind.isRenewal,
      },
    ];
  });
}

/** The newest that is about one of these names. */
export function latestFailure(
  failures: readonly AcmeFailure[],
  names: readonly string[],
): AcmeFailure | null {
  const isAbout = ({ domains }: AcmeFailure): boolean =>
    domains.length === 0 ||
    domains.some((domain) => names.some((name) => name === domain || isBelow(name, domain)));
  return failures.findLast(isAbout) ?? null;
}

/** Let's Encrypt dates its certificates an hour back. Milliseconds. */
const backdatedMs = 3_600_000;
/** Whether the certificate has come after the failure. */
export function isMended({ at }: Pick<AcmeFailure, 'at'>, { from }: { readonly from: number }): boolean {
  return at !== null && from + backdatedMs > at;
}

function isBelow(name: string, wildcard: string): boolean {
  return wildcard.startsWith('*.') && name.slice(name.indexOf('.')) === wildcard.slice(1);
}

/** The value of `key="…"`, with its escapes. */
function quoted(line: string, key: string): string | null {
  const text = new RegExp(`(?:^|\\s)${key}="((?:[^"\\\\]|\\\\.)*)"`).exec(line)?.[1];
  return text === undefined ? null : text.replaceAll(/\\(["\\])/g, '$1');
}

function domainsOf(line: string, error: string): readonly string[] {
  const list =
    /\sdomains=\[([^\]]*)\]/.exec(line)?.[1]?.split(',') ??
    /for the domains \[([^\]]*)\]/.exec(error)?.[1]?.split(/\s+/) ??
    // Of a renewal: {Main:lab.example.net SANs:[*.lab.example.net]}, or the same without names.
    /Error renewing ACME certificate: \{(?:Main:)?(\S+) (?:SANs:)?\[?([^\]}]*)/
      .exec(line)
      ?.slice(1)
      .join(' ')
      .split(/\s+/) ??
    [];
  const plain = list
    .map((one) => one.replaceAll(/["\s]/g, ''))
    .filter((one) => /^[\w*.-]+\.[\w-]+$/.test(one));
  return [...new Set(plain)];
}

/** What is wrong, without the domains and the layers of programs around it. */
function saidIn(error: string): string {
  const problem = /urn:ietf:params:acme:error:(\w+) :: (.*)/s.exec(error);
  const presented = /error presenting token \([^)]*\): (.*)/s.exec(error);
  const text = problem?.[2] ?? presented?.[1] ?? error;
  // One of several domains says it for all.
  const one = text.split(/\] \[[\w*.-]+: /)[0] ?? text;
  const tidy = one
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .replace(/\]+$/, '')
    .trim();
  return tidy.length > mostSaid ? `${tidy.slice(0, mostSaid)}…` : tidy;
}

/** Kinds of problems: https://www.rfc-editor.org/rfc/rfc8555#section-6.7; what Let's Encrypt says in them: https://github.com/letsencrypt/boulder */
function keyOf(error: string): AcmeFailureKey {
  const type = /urn:ietf:params:acme:error:(\w+)/.exec(error)?.[1] ?? null;
  switch (type) {
    case 'rateLimited':
      return 'acme.limit-reached';
    case 'caa':
      return 'acme.caa';
    case 'rejectedIdentifier':
    case 'unsupportedIdentifier':
      return 'acme.refused-name';
    case 'invalidContact':
    case 'unsupportedContact':
      return 'acme.contact';
    case 'serverInternal':
      return 'acme.authority-unreachable';
    case 'dns':
      return isRecord(error) ? 'acme.record-missing' : 'acme.name-unknown';
    case 'connection':
      return /could not resolve|no such host|no valid A/i.test(error)
        ? 'acme.name-unknown'
        : 'acme.not-reached';
    case 'unauthorized':
    case 'incorrectResponse':
      return isRecord(error) ? 'acme.record-missing' : 'acme.other-answers';
    case null:
      return keyWithoutProblem(error);
    default:
      return 'acme.failed';
  }
}

function isRecord(error: string): boolean {
  return /TXT|_acme-challenge/.test(error);
}

const signs: readonly (readonly [AcmeFailureKey, RegExp])[] = [
  ['acme.storage-open', /permissions \d+ for .* are too open/],
  ['acme.token-missing', /credentials? information are missing|credentials missing|incomplete credentials/i],
  ['acme.authority-untrusted', /x509:|certificate signed by unknown authority|failed to verify certificate/i],
  [
    'acme.authority-unreachable',
    /get directory|communicate with the API server|acme: error: 5\d\d|get nonce/i,
  ],
  ['acme.record-unseen', /propagation|time limit exceeded|did not return the expected TXT|NS .* returned/i],
  // The name server or the zone cannot be found out; nobody has refused anything.
  [
    'acme.zone-unknown',
    /could not find (?:the )?(?:start of authority|zone)|no (?:matching )?(?:hosted )?zone|zone .*not found|domain .*not found|responsible domain|unable to find the main domain/i,
  ],
  [
    'acme.token-refused',
    /bad authentication|\bREFUSED\b|NOTAUTH|BADKEY|BADSIG|\b40[13]\b|unauthori[sz]ed|forbidden|authentication|invalid (?:api )?(?:token|key|access)|access ?denied|permission|InvalidClientTokenId|SignatureDoesNotMatch|returned the following result \(KO\)/i,
  ],
  ['acme.limit-reached', /\b429\b|too many requests/i],
];

function keyWithoutProblem(error: string): AcmeFailureKey {
  return signs.find(([, form]) => form.test(error))?.[0] ?? 'acme.failed';
}

/** In sentences, for the way on which certificates come. */
export function failureWords(
  failure: Pick<AcmeFailure, 'key' | 'domains' | 'said'>,
  tls: Tls,
): { readonly key: AcmeFailureKey; readonly message: string; readonly next: string } {
  const { key, domains, said } = failure;
  const acme = tls.mode === 'acme-dns' || tls.mode === 'acme-http' ? tls : null;
  const { what, next } = wordsOf(key, acme);
  const of = domains.length === 0 ? '' : ` for ${domains.join(', ')}`;
  return { key, message: `Traefik gets no certificate${of}: ${what}. It was told: ${said}`, next };
}

interface Words {
  readonly what: string;
  readonly next: string;
}

const again = 'Then: autogit stack up';

interface Way {
  readonly authority: string;
  readonly provider: string;
  /** The authority is a person's own. */
  readonly isOwn: boolean;
}

function wordsOf(key: AcmeFailureKey, acme: AcmeTls | null): Words {
  const isOwn = acme !== null && acme.server !== null;
  const provider = acme?.mode === 'acme-dns' ? acme.provider : 'the provider';
  return words[key]({ isOwn, provider, authority: isOwn ? 'the authority' : "Let's Encrypt" });
}

const words: Readonly<Record<AcmeFailureKey, (way: Way) => Words>> = {
  'acme.limit-reached': ({ authority }) => ({
    what: `${authority} has been asked too often`,
    next: 'Wait until the time that it names, and see meanwhile what failed before: autogit certificate check. A try more only makes the wait longer.',
  }),
  'acme.caa': ({ authority }) => ({
    what: `a CAA record of the domain does not allow ${authority}`,
    next: `Add a record at the provider of the domain: CAA 0 issue "letsencrypt.org", or remove those that are there. ${again}`,
  }),
  'acme.refused-name': ({ authority }) => ({
    what: `${authority} gives no certificates for this name`,
    next: 'Use another domain that you own.',
  }),
  'acme.contact': ({ authority }) => ({
    what: `${authority} does not accept the e-mail address`,
    next: `Change tls.email in the answers. ${again}`,
  }),
  'acme.token-missing': ({ provider }) => ({
    what: `a secret for ${provider} is missing`,
    next: 'See which: autogit certificate providers. Give it from standard input: autogit stack set-secret NAME',
  }),
  'acme.token-refused': ({ provider }) => ({
    what: `${provider} does not let it write the record`,
    next: `See what is wrong with the token: autogit certificate check. Give another one: autogit stack set-secret NAME. ${again}`,
  }),
  'acme.zone-unknown': ({ provider }) => ({
    what: `nobody knows in which zone at ${provider} the domain lies, or its name server is silent`,
    next: 'Check that the domain is delegated to the name servers of the provider, and that this machine reaches name servers outside (port 53).',
  }),
  'acme.record-unseen': () => ({
    what: 'the record was made, and the name servers of the domain do not show it in time',
    next: 'Some providers take longer: give more seconds as the option <PREFIX>_PROPAGATION_TIMEOUT in tls.options, and check that the domain is delegated to the provider.',
  }),
  'acme.record-missing': ({ authority, provider }) => ({
    what: `${authority} does not see the record _acme-challenge that was made`,
    next: `Check which name servers the domain is delegated to (they have to be those of ${provider}), and that no CNAME leads _acme-challenge elsewhere. ${again}`,
  }),
  'acme.name-unknown': ({ authority }) => ({
    what: `${authority} finds no address for the name`,
    next: `Make a record of type A for it, with the public address of this network. ${again}`,
  }),
  'acme.not-reached': ({ authority }) => ({
    what: `${authority} does not reach port 80 of the address that the name leads to`,
    next: 'Let the router forward port 80 to this machine, open it in firewalls, and remove a record of type AAAA that leads elsewhere. Where that cannot be, use acme-dns.',
  }),
  'acme.other-answers': () => ({
    what: 'somebody else than this Traefik answers on port 80 of the address that the name leads to',
    next: 'Check where the records A and AAAA of the name lead, and to which machine the router forwards port 80.',
  }),
  'acme.authority-untrusted': ({ authority, isOwn }) => ({
    what: `the certificate of ${authority} itself is not trusted`,
    next: !isOwn
      ? 'A proxy on the way opens TLS: let acme-v02.api.letsencrypt.org pass it.'
      : 'Give the root of your authority (PEM) as tls.ca in the answers.',
  }),
  'acme.authority-unreachable': ({ authority, isOwn }) => ({
    what: `${authority} does not answer, or cannot now`,
    next: `Check that containers reach the Internet${!isOwn ? ', and https://letsencrypt.status.io' : ' and your authority'}. ${again}`,
  }),
  'acme.storage-open': () => ({
    what: 'others may read the file in which it keeps certificates and keys',
    next: 'Make it 0600: the file acme*.json in the folder traefik of the data. File systems that know no modes (SMB, some NAS) do not do.',
  }),
  'acme.failed': () => ({
    what: 'something went wrong',
    next: `See all of it: autogit stack logs traefik. ${again}`,
  }),
};
