// Takes secrets out of text that leaves this machine: those that AutoGit knows, and whatever looks like one.

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

/** Parts of the names of things whose values are secrets. */
const secretWord =
  '(?:pass(?:word|wd|phrase|code)?|pwd|secrets?|tokens?|api[_-]?key|apikey|private[_-]?key|access[_-]?key|signing[_-]?key|encryption[_-]?key|hmac[_-]?key|master[_-]?key|credentials?|session[_-]?id|auth[_-]?key|otp|cookies?)';
/** Values that are no secrets: nothing, switches, small numbers, and where a secret lies. */
const harmless =
  '(?![ \\t])(?!(?:true|false|null|nil|none|yes|no|on|off|~|\\d{1,3})(?=[\\s,;&}\\]"\']|$))(?!["\']?(?:/run/secrets/|\\./secrets/|/etc/|File\\.read|\\[removed\\]))';
/** Names that speak of a secret without being one: `minimum_password_length`. */
const measure =
  '(?![\\w.-]*(?:length|days|lifetime|expir|limit|count|ttl|timeout|complexity|policy|enabled|required))';
/** The name itself, in quotes or brackets as in JSON, YAML, Ruby and shells. */
const secretName = `[\\w.-]*${secretWord}${measure}[\\w-]*[\\\\"'\\])]*`;
/** A value in quotation marks, which may be escaped themselves. */
const quoted = `\\\\+"[^"\\n]*"|"(?:[^"\\\\\\n]|\\\\.)*"|'(?:[^'\\\\\\n]|\\\\.)*'`;

const rules: readonly Rule[] = [
  // A private key, also one that is cut off, or has its line feeds written as \n.
  rule(
    /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$(?![\s\S]))/g,
    removed,
  ),
  // Tokens of GitLab: https://docs.gitlab.com/security/tokens/#token-prefixes
  rule(/gl(?:pat|oas|dt|rtr?|cbt|ptt|ft|imt|agent|wt|soat|ffct)-[\w.-]{4,}/g, removed),
  rule(/\bgl[a-z]{1,8}-(?=[\w.-]*\d)[\w.-]{8,}/g, removed),
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
  rule(/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/:@'"]{0,128}:[^\s@'"]+@/gi, `$1${removed}@`),
  rule(/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/:@'"]{12,}@/gi, `$1${removed}@`),
  // Headers, to the end of their line.
  rule(
    /((?:proxy-)?authorization|(?:private|job|deploy|x-gitlab|x-auth|x-csrf)-token|x-api-key|(?:set-)?cookie)(["']?\s*(?:[:=]|=>)[ \t]*)(?!\[removed\]).+$/gim,
    `$1$2${removed}`,
  ),
  rule(/\b([Bb]earer|[Bb]asic|BEARER|BASIC) +(?=[\w+/.~-]*[0-9A-Z=])[\w+/.~-]{8,}=*/g, `$1 ${removed}`),
  // A block of YAML below a name.
  rule(
    new RegExp(
      `^([ \\t]*(?:- )?["']?${secretName}[ \\t]*:[ \\t]*[|>][+-]?\\d?)[ \\t]*\\n(?:[ \\t]+.*(?:\\n|$))+`,
      'gim',
    ),
    `$1 ${removed}\n`,
  ),
  // A name at the beginning of a line: the whole line is its value.
  rule(
    new RegExp(
      `^([ \\t]*(?:-[ \\t]+|export[ \\t]+)?[\\w.\\[\\]"']*?["']?${secretName}[ \\t]*(?::|=>|=)[ \\t]*)${harmless}(?![|>{\\[])[^\\n{}]+$`,
      'gim',
    ),
    `$1${removed}`,
  ),
  // A name in the middle of one, as in JSON (also in JSON that is a text of JSON), or in a line of a log.
  rule(
    new RegExp(`(["']?${secretName}[ \\t]*:[ \\t]*)${harmless}(${quoted}|[^\\n{}\\[\\]]+)`, 'gi'),
    `$1${removed}`,
  ),
  // The same with another sign, as in the question of an address: there a value is one word.
  rule(
    new RegExp(
      `(["']?${secretName}[ \\t]*(?:=>|=)[ \\t]*)${harmless}(${quoted}|[^\\s,;&"'{}\\[\\]()]+)`,
      'gi',
    ),
    `$1${removed}`,
  ),
  // An option of a program.
  rule(
    new RegExp(`(--?${secretName}[ \\t]+)${harmless}(?!-)("[^"\\n]*"|'[^'\\n]*'|\\S+)`, 'gi'),
    `$1${removed}`,
  ),
  // Long words of small letters, capitals and digits are random more often than not.
  rule(
    /(?<![\w/.:@+-])(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])(?=[\w+/-]*\d)[A-Za-z0-9][\w+/-]{19,}={0,2}/g,
    removed,
  ),
];
