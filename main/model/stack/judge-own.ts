// The one judge of a certificate that a person has: what every door, run and doctor says of it.
import { dayOf, isEndingSoon, keyText } from './certificate-facts.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { covers } from './certificate-names.ts';
import { judgeDuration, judgeEnd, judgeOrder, leafOf, wayOf } from './judge-own-chain.ts';
import { judgeCertificateFile, judgeKeyFile, nameOf } from './judge-own-files.ts';
import { fatalProblem, good, unknown, mildProblem } from './own-seen.ts';
import type { OwnCheck, OwnSeen, OwnWanted, Verdict } from './own-seen.ts';

const dayMs = 86_400_000;

function judgeFit({ certificate, key, keyFits }: OwnSeen): Verdict {
  if (keyFits !== null) return good('The key belongs to the certificate.');
  return fatalProblem(
    'stack.certificate-key',
    `${nameOf('certificate', certificate)} does not belong to the key${key.path === null ? '' : ` ${key.path}`}.`,
    'Give the key with which the certificate was asked for.',
  );
}

function judgeDates(leaf: CertificateFacts, { certificate }: OwnSeen, now: number): Verdict {
  const { from, to } = leaf;
  const name = nameOf('certificate', certificate);
  if (now > to)
    return fatalProblem(
      'stack.certificate-dates',
      `${name} has ended: it holds from ${dayOf(from)} to ${dayOf(to)}, and today is ${dayOf(now)}.`,
      'Put a certificate there that holds today, or set the clock of this machine right.',
    );
  if (now < from)
    return fatalProblem(
      'stack.certificate-dates',
      `${name} does not hold yet: it holds from ${dayOf(from)} to ${dayOf(to)}, and today is ${dayOf(now)}.`,
      'Wait until then, put one there that holds today, or set the clock of this machine right.',
    );
  const days = Math.floor((to - now) / dayMs);
  if (isEndingSoon(leaf, now))
    return mildProblem(
      'stack.certificate-ending',
      `${name} ends in ${days === 1 ? 'a day' : `${days} days`}, on ${dayOf(to)}.`,
      'Renew it where you have it from, and put the new files in the place of the old ones: AutoGit serves them within minutes.',
    );
  return good(`It holds from ${dayOf(from)} to ${dayOf(to)}, ${days} days from now.`);
}

function judgeNames({ names }: CertificateFacts, { certificate }: OwnSeen, wanted: OwnWanted): Verdict {
  const name = nameOf('certificate', certificate);
  const missing = wanted.names.filter((one) => !covers(names, one));
  const next = `Get one for ${[...wanted.names, ...wanted.optional].join(', ')}, or for *.${wanted.domain}.`;
  if (names.length === 0)
    return fatalProblem(
      'stack.certificate-names',
      `${name} has no subject alternative name, and clients have stopped reading the common name.`,
      next,
    );
  if (missing.length > 0) {
    const wildcard = names.find(
      (one) => one.startsWith('*.') && missing.some((wish) => wish.endsWith(one.slice(1))),
    );
    const deep = wildcard === undefined ? '' : `, and ${wildcard} stands for one label alone`;
    return fatalProblem(
      'stack.certificate-names',
      `${name} is not for ${missing.join(', ')}: it is for ${names.join(', ')}${deep}.`,
      next,
    );
  }
  const without = wanted.optional.filter((one) => !covers(names, one));
  if (without.length > 0)
    return mildProblem(
      'stack.certificate-names',
      `${name} is not for ${without.join(', ')}, which a stack with single sign-on or a registry has.`,
      next,
    );
  return good(`It is for all names: ${[...wanted.names, ...wanted.optional].join(', ')}.`);
}

/** What Chrome, Firefox, Go and OpenSSL take alike. https://www.rfc-editor.org/rfc/rfc8446#section-4.2.3 */
const curves: readonly string[] = ['P-256', 'P-384'];
/** What Traefik serves and Firefox takes, and Chrome does not. */
const rareCurves: readonly string[] = ['P-521'];
const weakDigests: readonly string[] = ['md2', 'md4', 'md5', 'sha1'];
const leastRsaBits = 2048;

interface Weakness {
  readonly isFatal: boolean;
  /** Completes "The certificate has …". */
  readonly what: string;
}

/** What browsers have against a key; `null`: nothing. */
function weaknessOf({ key }: CertificateFacts): Weakness | null {
  switch (key.kind) {
    case 'rsa':
      return key.bits < leastRsaBits
        ? { isFatal: true, what: `an RSA key of ${key.bits} bits, which can be broken` }
        : null;
    case 'ec':
      return curves.includes(key.curve)
        ? null
        : {
            isFatal: !rareCurves.includes(key.curve),
            what: `a key on the curve ${key.curve}, which not every browser knows`,
          };
    case 'other':
      return { isFatal: true, what: `a key of the kind ${key.name}, which browsers do not take` };
  }
}

/** Of one on the way; `null`: nothing is wrong with it. */
function strengthOf(
  one: CertificateFacts,
  { isOwn, isSelfSigned, name }: { isOwn: boolean; isSelfSigned: boolean; name: string },
): Verdict | null {
  const who = isOwn ? name : `${name} leads to ${one.subject}, which`;
  const weakness = weaknessOf(one);
  if (weakness !== null) {
    // Programs know a root or are told to trust it: how strong its key has to be each decides for itself.
    const problem = weakness.isFatal && (isOwn || !isSelfSigned) ? fatalProblem : mildProblem;
    return problem(
      'stack.certificate-weak',
      `${who} has ${weakness.what}.`,
      'Ask for a certificate with a key of EC P-256 or RSA 2048.',
    );
  }
  // What a root's own signature is made with nobody looks at.
  return !isSelfSigned && weakDigests.includes(one.digest ?? '')
    ? fatalProblem(
        'stack.certificate-weak',
        `${who} is signed with ${(one.digest ?? '').toUpperCase()}, which can be forged and which clients refuse.`,
        'Ask for a certificate that is signed with SHA-256.',
      )
    : null;
}

/** Of those on the way to the root: others in the file nobody looks at. What is fatal is told before what is not. */
function judgeStrength(
  facts: readonly CertificateFacts[],
  leaf: CertificateFacts,
  { certificate, keyFits }: OwnSeen,
): Verdict {
  const name = nameOf('certificate', certificate);
  const wrong = wayOf(facts, keyFits).flatMap((one) => {
    const isSelfSigned = facts[one.signer ?? -1] === one;
    return strengthOf(one, { isOwn: one === leaf, isSelfSigned, name }) ?? [];
  });
  const worst = wrong.find(({ state }) => state === 'bad') ?? wrong[0];
  return (
    worst ??
    good(
      `Its key is ${keyText(leaf.key)}${leaf.digest === null ? '' : `, signed with ${leaf.digest.toUpperCase()}`}.`,
    )
  );
}

function judgePurpose({ isAuthority, mayServe }: CertificateFacts, { certificate }: OwnSeen): Verdict {
  const name = nameOf('certificate', certificate);
  if (isAuthority)
    return fatalProblem(
      'stack.certificate-purpose',
      `${name} is that of an authority, and browsers refuse a server that shows one as its own.`,
      'Sign a certificate for the server with it, or choose the local authority, which does that: tls: { mode: local-ca }.',
    );
  if (mayServe === false)
    return fatalProblem(
      'stack.certificate-purpose',
      `${name} is not made for servers: its extended key usage lacks serverAuth.`,
      'Ask for a certificate of a web server.',
    );
  return good('It is made for servers.');
}

const labels = {
  'certificate.file': 'File of the certificate',
  'certificate.key-file': 'File of the key',
  'certificate.key-fits': 'Key and certificate belong together',
  'certificate.purpose': 'Made for a server',
  'certificate.dates': 'Dates',
  'certificate.names': 'Names',
  'certificate.order': 'Order of the chain',
  'certificate.chain': 'Chain to a root',
  'certificate.strength': 'Strength',
  'certificate.duration': 'Duration',
} as const;
type CheckName = keyof typeof labels;

function check(key: CheckName, verdict: Verdict): OwnCheck {
  return { key, label: labels[key], ...verdict };
}

const notYet = 'Not looked at, because of what is wrong before.';

/** Every check in the order in which they are told; the first that is bad is what a run refuses with. */
export function judgeOwn(seen: OwnSeen, wanted: OwnWanted, now: number): readonly OwnCheck[] {
  const file = judgeCertificateFile(seen);
  const keyFile = judgeKeyFile(seen);
  const { facts, keyFits } = seen;
  const leaf = facts?.[leafOf(facts, keyFits)];
  const files = [check('certificate.file', file), check('certificate.key-file', keyFile)];
  if (file.state === 'bad' || facts === null || leaf === undefined)
    return [
      ...files,
      ...(
        ['certificate.key-fits', 'certificate.dates', 'certificate.names', 'certificate.chain'] as const
      ).map((key) => check(key, unknown(notYet))),
    ];
  const order = judgeOrder(facts, seen);
  return [
    ...files,
    check('certificate.key-fits', keyFile.state === 'bad' ? unknown(notYet) : judgeFit(seen)),
    check('certificate.order', order),
    check('certificate.purpose', judgePurpose(leaf, seen)),
    check('certificate.dates', judgeDates(leaf, seen, now)),
    check('certificate.names', judgeNames(leaf, seen, wanted)),
    check('certificate.strength', judgeStrength(facts, leaf, seen)),
    check('certificate.chain', order.state === 'bad' ? unknown(notYet) : judgeEnd(facts, seen)),
    check('certificate.duration', judgeDuration(leaf, seen)),
  ];
}

/** What a run refuses with; `null`: nothing stands against it. */
export function firstBad(checks: readonly OwnCheck[]): OwnCheck | null {
  return checks.find(({ state }) => state === 'bad') ?? null;
}
