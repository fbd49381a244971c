// Refuses words that `autogit demo` would refuse, before anything is installed for it. Pure; a test holds it to the command line.

/** What each option takes: the command line's own list is `demoInput` in main/cli/commands.ts. */
const numbers = new Map([
  ['jobs', { min: 1, max: 200 }],
  ['idle', { min: 1, max: 3600 }],
]);
const choices = new Map([['runner', ['sandbox', 'official']]]);
const flags = ['keep', 'json', 'yes', 'y', 'help', 'h', 'version'];

/**
 * An error as the command line shows it.
 * @typedef {{ key: string, message: string, next: string, fields: Record<string, string> }} Refusal
 */

/**
 * What is wrong with the words after `demo`, or null. What it does not judge, the command line judges later.
 * @param {readonly string[]} words
 * @returns {Refusal | null}
 */
export function refuseDemoWords(words) {
  const end = words.indexOf('--');
  const own = end === -1 ? words : words.slice(0, end);
  for (let at = 0; at < own.length; at += 1) {
    const word = own[at] ?? '';
    if (!word.startsWith('-') || word === '-') {
      return refusal('usage.unexpected-argument', `\`autogit demo\` does not take \`${word}\`.`, {
        argument: word,
      });
    }
    const [, dashes = '', name = '', given] = /^(--?)([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (flags.includes(name)) {
      if (own[at + 1] === 'true' || own[at + 1] === 'false') at += 1;
      continue;
    }
    if (!numbers.has(name) && !choices.has(name)) {
      if (dashes === '-' || name === '' || name.startsWith('no-')) return null;
      return refusal('usage.unknown-option', `\`autogit demo\` has no option --${name}.`, { option: name });
    }
    const value = given ?? takeValue(own[at + 1]);
    if (value === null || value === '') return null;
    if (given === undefined) at += 1;
    const wrong = judge(name, value);
    if (wrong) return wrong;
  }
  return null;
}

/**
 * The word after an option, unless it is an option itself; a negative number is none.
 * @param {string | undefined} word
 * @returns {string | null}
 */
function takeValue(word) {
  if (word === undefined || word === '') return null;
  return word.startsWith('-') && !/^-\.?\d/.test(word) ? null : word;
}

/**
 * @param {string} name
 * @param {string} text
 * @returns {Refusal | null}
 */
function judge(name, text) {
  const known = choices.get(name);
  const range = numbers.get(name);
  const isNumber = range !== undefined && /^[+-]?\d+(?:\.\d+)?(?:e\+?\d+)?$/i.test(text);
  const value = isNumber ? Number(text) : text;
  if (known?.includes(text)) return null;
  if (
    range &&
    typeof value === 'number' &&
    Number.isSafeInteger(value) &&
    value >= range.min &&
    value <= range.max
  )
    return null;
  const expected = known
    ? `one of ${known.join(', ')}`
    : `a whole number from ${range?.min ?? 0} to ${range?.max ?? 0}`;
  return {
    key: 'usage.invalid-value',
    message: `--${name} must be ${expected}, not ${shorten(JSON.stringify(value))}.`,
    next: `Give ${expected}.`,
    fields: { field: name, expected },
  };
}

/**
 * @param {string} text
 * @returns {string}
 */
function shorten(text) {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/**
 * @param {string} key
 * @param {string} message
 * @param {Record<string, string>} fields
 * @returns {Refusal}
 */
function refusal(key, message, fields) {
  return { key, message, next: 'See autogit demo --help.', fields };
}
