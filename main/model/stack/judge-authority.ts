// Whether the lab's own authority and the certificate that it has signed are as they should be.
import { dayOf, isEndingSoon, keyText } from './certificate-facts.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { covers } from './certificate-names.ts';
import { isPrivateAddress } from './private-networks.ts';
import { fatalProblem, good, unknown, mildProblem } from './own-seen.ts';
import type { OwnCheck, Verdict } from './own-seen.ts';

/** `null`: it has not been made yet. */
export interface AuthoritySeen {
  readonly root: CertificateFacts | null;
  /** Whether its kept key belongs to it. */
  readonly keyFits: boolean | null;
  readonly leaf: CertificateFacts | null;
  readonly domain: string;
  /** Names and addresses that the leaf should be for. */
  readonly names: readonly string[];
}

const later = 'The next "autogit stack up" makes it.';
const dayMs = 86_400_000;

function judgeRoot({ root }: AuthoritySeen, now: number): Verdict {
  if (root === null) return good(`There is no root yet. ${later}`);
  if (now > root.to)
    return fatalProblem(
      'stack.certificate-dates',
      `The root ended on ${dayOf(root.to)}.`,
      'Make another: autogit stack up. Then every device has to trust it.',
    );
  if (root.to - now < 30 * dayMs)
    return mildProblem(
      'stack.certificate-ending',
      `The root ends on ${dayOf(root.to)}.`,
      'Make another when it suits: autogit stack up. Then every device has to trust it.',
    );
  return good(`${root.subject} holds until ${dayOf(root.to)}, with a key of ${keyText(root.key)}.`);
}

function judgeLimits({ root, domain }: AuthoritySeen): Verdict {
  if (root === null)
    return good(`It will be able to sign for ${domain} and addresses of private networks alone.`);
  const { names = null, addresses = null } = root.limits ?? {};
  if (names?.includes(domain) !== true)
    return fatalProblem(
      'stack.certificate-limits',
      names === null
        ? 'The root may sign for every name.'
        : `The root may sign for ${names.join(', ')}, and not for ${domain}.`,
      'Make another: autogit stack up',
    );
  return good(
    addresses === null
      ? `It can sign for ${domain} and what is below it alone; addresses are not limited, as a version before has made it. It stays as it is, since devices trust it.`
      : `It can sign for ${domain}, what is below it, and addresses of private networks alone.`,
  );
}

function judgeKey({ root, keyFits }: AuthoritySeen): Verdict {
  if (root === null)
    return good('Its key will be kept among the encrypted secrets of this home, and in no file beside.');
  if (keyFits !== true)
    return fatalProblem(
      'stack.certificate-key',
      'The key that is kept does not belong to the root.',
      "Put AutoGit's secrets back from a backup.",
    );
  return good(
    'Its key is kept among the encrypted secrets of this home, which nobody else may read, and in no file beside.',
  );
}

/** An address that the root may not sign for: it stays out, so that the names are believed. */
function isLeftOut(name: string, { root }: AuthoritySeen): boolean {
  const addresses = root?.limits?.addresses ?? null;
  const isAddress = /^[\d.]+$|:/.test(name);
  if (!isAddress || addresses === null || isPrivateAddress(name)) return false;
  return !addresses.some((network) => network.startsWith(`${name}/`));
}

function judgeLeafNames(seen: AuthoritySeen): Verdict {
  const { leaf } = seen;
  const names = seen.names.filter((name) => !isLeftOut(name, seen));
  if (leaf === null) return unknown(`No certificate has been made yet. ${later}`);
  const missing = names.filter((name) => !covers(leaf.names, name));
  if (missing.length > 0)
    return mildProblem(
      'stack.certificate-names',
      `The certificate is not for ${missing.join(', ')}.`,
      'Have another one made: autogit certificate renew',
    );
  return good(`It is for ${leaf.names.join(', ')}.`);
}

function judgeLeafDates({ leaf }: AuthoritySeen, now: number): Verdict {
  if (leaf === null) return unknown(`No certificate has been made yet. ${later}`);
  if (now > leaf.to)
    return fatalProblem(
      'stack.certificate-dates',
      `The certificate ended on ${dayOf(leaf.to)}.`,
      'Renew it: autogit certificate renew',
    );
  if (isEndingSoon(leaf, now))
    return mildProblem(
      'stack.certificate-ending',
      `The certificate ends on ${dayOf(leaf.to)}.`,
      'Renew it: autogit certificate renew',
    );
  return good(`It holds until ${dayOf(leaf.to)}; AutoGit renews it long before.`);
}

/** Every check in the order in which they are told. */
export function judgeAuthority(seen: AuthoritySeen, now: number): readonly OwnCheck[] {
  const row = (key: string, label: string, verdict: Verdict): OwnCheck => ({ key, label, ...verdict });
  return [
    row('certificate.root', 'Root', judgeRoot(seen, now)),
    row('certificate.root-limits', 'What the root may sign', judgeLimits(seen)),
    row('certificate.root-key', 'Key of the root', judgeKey(seen)),
    row('certificate.names', 'Names', judgeLeafNames(seen)),
    row('certificate.dates', 'Dates', judgeLeafDates(seen, now)),
  ];
}
