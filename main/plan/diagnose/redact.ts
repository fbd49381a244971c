// Takes secrets out of text that leaves this machine: those that AutoGit knows, and whatever looks like one.

import { withoutNamedValues } from './named-values.ts';

/** What stands in place of a secret. */
export const removed = '[removed]';

/** Shorter ones would take half of every text away with them. */
const shortestKnown = 4;
/** Of a secret with several lines, each that is at least so long is one by itself: logs cut texts into lines. */
const shortestLine = 16;

/**
 * Makes the function that cleans a text. `known`: values of every secret of this home; they are found as they are, in
 * JSON, in addresses and in base64 (also behind a user's name, as in HTTP's basic authentication).
 */
export function createClean(
  known: readonly string[],
  encode: (text: string) => string,
): (text: string) => string {
  const forms = [...new Set(known.flatMap((secret) => formsOf(secret, encode)))]
    .filter((form) => form.length >= shortestKnown)
    .toSorted((a, b) => b.length - a.length);
  return (text) => {
    const without = forms.reduce((left, form) => left.replaceAll(form, removed), text);
    return rules.reduce((left, rule) => rule(left), without);
  };
}

function formsOf(secret: string, encode: (text: string) => string): readonly string[] {
  const trimmed = secret.trim();
  const lines = trimmed.split(/\r?\n/).map((line) => line.trim());
  const parts = lines.length === 1 ? [] : lines.filter((line) => line.length >= shortestLine);
  return [secret, trimmed, ...parts]
    .filter((one) => one.length >= shortestKnown)
    .flatMap((one) => [
      one,
      JSON.stringify(one).slice(1, -1),
      encodeURIComponent(one),
      ...base64Forms(one, encode),
    ]);
}

/** Base64 depends on how many bytes stand before; what of it never changes is looked for. https://www.rfc-editor.org/rfc/rfc4648 */
function base64Forms(text: string, encode: (text: string) => string): readonly string[] {
  return ['', 'x', 'xx']
    .map((before, shift) =>
      encode(`${before}${text}`)
        .replace(/=+$/, '')
        .slice(shift === 0 ? 0 : shift + 1, -1),
    )
    .filter((form) => form.length >= shortestBase64);
}

/** A word by chance is not so long. */
const shortestBase64 = 6;

type Rule = (text: string) => string;

function rule(pattern: RegExp, put: string): Rule {
  return (text) => text.replace(pattern, put);
}

// Every run is bounded: a rule takes time in proportion to the text, whatever the text is.
const rules: readonly Rule[] = [
  // Nothing that helps is so long without a blank: keys, certificates, files.
  rule(/(?<![\w+/=.%~-])[\w+/=.%~-]{513,}/g, removed),
  // A private key, also one that is cut off, or has its line feeds written as \n.
  rule(
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$(?![\s\S]))/g,
    removed,
  ),
  // Tokens of GitLab: https://docs.gitlab.com/security/tokens/#token-prefixes
  rule(/gl(?:pat|oas|dt|rtr?|cbt|ptt|ft|imt|agent|wt|soat|ffct)-[\w.-]{4,}/g, removed),
  rule(/\bgl[a-z]{1,8}-(?=[\w.-]{0,128}\d)[\w.-]{8,}/g, removed),
  rule(/GR1348941[\w-]{4,}|\bwhsec_[\w+/=-]{8,}/g, removed),
  // JSON web tokens; tokens of AWS, GitHub, Slack, npm.
  rule(/\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?/g, removed),
  rule(
    /\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bxox[a-z]-[\w-]{8,}|\bnpm_\w{16,}/g,
    removed,
  ),
  // Digests of passwords can be tried out.
  rule(/\$(?:argon2\w*|pbkdf2(?:-\w+)?|scrypt|2[abxy]|y|[156])\$[^\s"'}]+/g, removed),
  // Addresses with a user's name and password, or with a token in front.
  rule(/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/:@'"]{0,128}:[^\s@'"]{1,256}@/gi, `$1${removed}@`),
  rule(/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/:@'"]{12,512}@/gi, `$1${removed}@`),
  // Headers, to the end of their line.
  rule(
    /((?:proxy-)?authorization|(?:private|job|deploy|x-gitlab|x-auth|x-csrf)-token|x-api-key|(?:set-)?cookie)(["']?\s{0,16}(?:[:=]|=>)[ \t]{0,64}).+$/gim,
    `$1$2${removed}`,
  ),
  rule(
    /\b([Bb]earer|[Bb]asic|BEARER|BASIC) {1,16}(?=[\w+/.~-]{0,512}[0-9A-Z=])[\w+/.~-]{8,}=*/g,
    `$1 ${removed}`,
  ),
  // What a name says to be a secret.
  (text) => withoutNamedValues(text, removed),
  // Long words of small letters, capitals and digits are random more often than not.
  rule(
    /(?<![\w/.:@+-])(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])(?=[\w+/-]*\d)[A-Za-z0-9][\w+/-]{19,}={0,2}/g,
    removed,
  ),
];
