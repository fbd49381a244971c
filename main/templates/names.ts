// Rules for the names of labs and domains: what cannot work as a name is refused with a name that can.
import { parse } from 'tldts';
import { z } from 'zod';
import { shown } from './problem.ts';
import type { AnswerProblem } from '../model/stack/stack.ts';

type Found = Omit<AnswerProblem, 'field'>;

/** Limits of DNS. https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4 */
const longest = { label: 63, name: 253 } as const;
/** The longest label that is put before the domain, with its dot: room for a template's name. */
const roomBefore = 41;

/** As browsers write a name: small letters, punycode. `null`: no address can hold it. */
export function inUrl(name: string): string | null {
  const url = z.url({ normalize: true }).safeParse(`https://${name}`);
  if (!url.success) return null;
  return /^https:\/\/([^/:?#@]+)\/$/.exec(url.data)?.[1] ?? null;
}

/** Small letters, digits and hyphens of what was typed; `null`: nothing is left of it. */
function plain(text: string): string | null {
  const kept = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .split('.')
    .map((label) => label.replaceAll(/^-+|-+$/g, '').slice(0, longest.label))
    .filter((label) => label !== '')
    .join('.');
  return kept === '' ? null : kept;
}

function instead(text: string | null): string {
  return text === null ? 'Choose a name of small letters, digits and hyphens.' : `Write ${text} instead.`;
}

/** What is wrong with the characters of a name, in the order in which it helps most. */
function judgeCharacters(name: string): Found | null {
  const said = shown(name);
  if (/[\p{Cc}\p{Z}\p{Cf}]/u.test(name))
    return {
      key: 'stack.name-blank',
      message: `The name ${said} has a blank, a line break or an invisible character in it.`,
      next: instead(plain(name)),
    };
  if (name.includes('*'))
    return {
      key: 'stack.name-wildcard',
      message: `The name ${said} has a wildcard. The lab answers for every name below its domain anyway.`,
      next: instead(plain(name.replaceAll('*', ''))),
    };
  if (/[^\p{ASCII}]/u.test(name)) {
    const url = inUrl(name);
    const encoded = url !== null && judgeCharacters(url) === null && judgeLabels(url) === null ? url : null;
    return {
      key: 'stack.name-idn',
      message: `The name ${said} has letters that DNS knows only in their encoded form.`,
      next: encoded === null ? instead(plain(name)) : `Write ${encoded}, which is the same name.`,
    };
  }
  if (/[A-Z]/.test(name))
    return {
      key: 'stack.name-uppercase',
      message: `The name ${said} has capital letters, which certificates and cookies do not all see as the same name.`,
      next: instead(plain(name)),
    };
  if (name.includes('_'))
    return {
      key: 'stack.name-underscore',
      message: `The name ${said} has an underscore, which no address of a web page may have.`,
      next: instead(plain(name)),
    };
  if (!/^[a-z0-9.-]*$/.test(name))
    return {
      key: 'stack.name-characters',
      message: `The name ${said} has other characters than letters, digits, hyphens and dots.`,
      next: instead(plain(name)),
    };
  return null;
}

function judgeLabels(name: string): Found | null {
  const labels = name.split('.');
  const long = labels.find((label) => label.length > longest.label);
  if (long !== undefined)
    return {
      key: 'stack.label-too-long',
      message: `The part ${shown(long)} has ${long.length} characters; DNS allows ${longest.label} between two dots.`,
      next: 'Choose a shorter one.',
    };
  if (labels.some((label) => label === '' || label.startsWith('-') || label.endsWith('-')))
    return {
      key: 'stack.name-labels',
      message: `A part of ${shown(name)} is empty, or begins or ends with a hyphen.`,
      next: instead(plain(name)),
    };
  return null;
}

/** What is wrong with a lab's name, which is one label. */
export function judgeLab(lab: string): Found | null {
  const wrong = judgeCharacters(lab) ?? judgeLabels(lab);
  if (wrong !== null) return wrong;
  if (lab.includes('.'))
    return {
      key: 'stack.lab-name',
      message: `The lab's name ${shown(lab)} has a dot. It is the first part of a domain, not a whole one.`,
      next: `Write lab: ${plain(lab.split('.')[0] ?? '') ?? 'lab'} and domain: ${lab}.`,
    };
  if (lab === 'localhost' || !/^[a-z]/.test(lab) || lab.length > 40)
    return {
      key: 'stack.lab-name',
      message: `The lab's name ${shown(lab)} does not begin with a letter, has more than 40 characters, or is taken by every machine.`,
      next: 'Choose a short name of small letters, digits and hyphens that begins with a letter, like lab.',
    };
  return null;
}

/** What is wrong with a domain; `null`: names below it work in DNS, in certificates and for cookies. */
export function judgeDomain(domain: string): Found | null {
  const wrong = judgeAddress(domain) ?? judgeCharacters(domain) ?? judgeLabels(domain);
  if (wrong !== null) return wrong;
  if (domain.length + roomBefore > longest.name)
    return {
      key: 'stack.name-too-long',
      message: `The domain has ${domain.length} characters. With the names below it that is more than the ${longest.name} of DNS.`,
      next: `Choose one of at most ${longest.name - roomBefore} characters.`,
    };
  if (domain === 'localhost' || domain.endsWith('.localhost'))
    return {
      key: 'stack.name-localhost',
      message: `The name ${shown(domain)} means the own machine to every device, so no other one would find the lab.`,
      next: 'Leave the domain out for <lab>.home.arpa, or use one of your own.',
    };
  if (!domain.includes('.'))
    return {
      key: 'stack.name-single-label',
      message: `The domain ${shown(domain)} has no dot. Browsers keep no login for such a name, and many devices do not ask DNS for it.`,
      next: `Use ${domain}.home.arpa, or leave the domain out.`,
    };
  return judgeSuffix(domain);
}

function judgeAddress(domain: string): Found | null {
  if (!/^\d+(?:\.\d+)*\.?$/.test(domain) && !/^\[?[0-9a-f:.]*:[0-9a-f:.]*\]?$/i.test(domain)) return null;
  return {
    key: 'stack.name-address',
    message: `The domain ${shown(domain)} is an address, not a name. Names below it can not exist.`,
    next: 'Leave the domain out for <lab>.home.arpa, and give the address as address.',
  };
}

function judgeSuffix(domain: string): Found | null {
  const { publicSuffix } = parse(domain, { allowPrivateDomains: true });
  if (publicSuffix === domain)
    return {
      key: 'stack.name-public-suffix',
      message: `Everybody may have names below ${shown(domain)}, so browsers refuse a login for it.`,
      next: `Put a name of yours before it: lab.${domain}.`,
    };
  if (inUrl(`gitlab.${domain}`) !== `gitlab.${domain}`)
    return {
      key: 'stack.name-characters',
      message: `No browser accepts ${shown(domain)} as the name of a site.`,
      next: instead(null),
    };
  return null;
}

/** Whether a public certificate authority may vouch for names below it. */
export function isPublicDomain(domain: string): boolean {
  if (domain === 'home.arpa' || domain.endsWith('.home.arpa')) return false;
  const { isIcann, isPrivate } = parse(domain, { allowPrivateDomains: true });
  return isIcann === true || isPrivate === true;
}

/** Whether it belongs to names that devices ask each other for, not DNS. https://www.rfc-editor.org/rfc/rfc6762#section-3 */
export function isMdnsDomain(domain: string): boolean {
  return domain === 'local' || domain.endsWith('.local');
}
