// From the words typed after `autogit` to a command with its input.
import yargs from 'yargs';
import type { Argv } from 'yargs';
import { fieldsOf, optionName, readField } from '../contract/fields.ts';
import type { RequestField } from '../contract/fields.ts';
import { nearest } from '../model/nearest.ts';
import { AutoGitError } from '../errors.ts';
import { commandsOf, groups, labelIn } from './commands.ts';
import type { Command } from './commands.ts';

export interface Flags {
  readonly json: boolean;
  readonly yes: boolean;
}

export type Parsed =
  | { readonly kind: 'help'; readonly group: string | null; readonly command: Command | null }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'run';
      readonly command: Command;
      /** Typed as far as the fields allow; not checked yet. */
      readonly given: Readonly<Record<string, unknown>>;
      readonly flags: Flags;
    };

/** Understood by every command. */
const globalFlags = ['json', 'yes', 'help', 'version'] as const;
const aliases: Readonly<Record<string, string>> = { y: 'yes', h: 'help' };

type Typed = Readonly<Record<string, unknown>>;

function usage(
  key: string,
  message: string,
  next: string,
  fields: Record<string, string> = {},
): AutoGitError {
  return new AutoGitError({ key, message, next, fields });
}

/** What to do about a word that is not known. */
function advice(
  word: string,
  candidates: readonly string[],
  write: (candidate: string) => string,
  all: string,
) {
  const meant = nearest(word, candidates);
  return meant === null ? all : `Did you mean \`${write(meant)}\`?`;
}

function unknownCommand(word: string, group: string | null): AutoGitError {
  const candidates = group === null ? groups : commandsOf(group).flatMap((command) => command.path.slice(1));
  const before = group === null ? 'autogit' : `autogit ${group}`;
  const next = advice(word, candidates, (meant) => `${before} ${meant}`, `See ${before} --help.`);
  return usage('usage.unknown-command', `There is no command \`${before} ${word}\`.`, next, {
    command: word,
  });
}

function unknownOption(option: string, command: Command): AutoGitError {
  const known = [...fieldsOf(command.input).map((field) => optionName(field.name)), ...globalFlags];
  const here = `autogit ${command.path.join(' ')}`;
  const next = advice(option, known, (meant) => `--${meant}`, `See ${here} --help.`);
  const shown = option.length === 1 ? `-${option}` : `--${option}`;
  return usage('usage.unknown-option', `\`${here}\` has no option ${shown}.`, next, { option });
}

/** A flag, also one that is given twice. */
function isOn(value: unknown): boolean {
  return value === true || (Array.isArray(value) && value.at(-1) === true);
}

/** Words that no command and no position took. */
function leftOver(typed: Typed, taken: number): readonly string[] {
  const words = [typed._, typed['--']].flatMap((list) => (Array.isArray(list) ? list.map(String) : []));
  return words.slice(taken);
}

function valueOf(field: RequestField, value: unknown, command: Command): unknown {
  const label = labelIn(command)(field.name);
  if (Array.isArray(value)) {
    throw usage('usage.invalid-value', `${label} is given more than once.`, 'Give it once.', {
      field: field.name,
    });
  }
  if (typeof value !== 'string') return value;
  if (value === '') {
    throw usage(
      'usage.missing-value',
      `${label} needs a value.`,
      `See autogit ${command.path.join(' ')} --help.`,
      {
        field: field.name,
      },
    );
  }
  return readField(field, value);
}

/** yargs takes every other text for false; an option that guards against deeds must not be misread. */
function checkBooleans(words: readonly string[], names: readonly string[]): void {
  for (const word of words) {
    const match = /^--?([^=]+)=(.*)$/.exec(word);
    const name = aliases[match?.[1] ?? ''] ?? match?.[1] ?? '';
    if (!names.includes(name) || match?.[2] === 'true' || match?.[2] === 'false') continue;
    throw usage(
      'usage.invalid-value',
      `--${name} takes no value but true or false.`,
      `Write --${name} alone.`,
      {
        field: name,
      },
    );
  }
}

function interpret(command: Command, typed: Typed, words: readonly string[]): Parsed {
  if (isOn(typed.help)) return { kind: 'help', group: command.path[0] ?? null, command };
  const fields = fieldsOf(command.input);
  const known = new Set([
    ...fields.map((field) => optionName(field.name)),
    ...globalFlags,
    ...Object.keys(aliases),
  ]);
  const stranger = Object.keys(typed).find((key) => !['_', '--', '$0'].includes(key) && !known.has(key));
  if (stranger !== undefined) throw unknownOption(stranger, command);
  const [extra] = leftOver(typed, command.path.length);
  if (extra !== undefined) {
    const group = command.path[0] ?? '';
    if (command.path.length === 1 && commandsOf(group).length > 1) throw unknownCommand(extra, group);
    const here = `autogit ${command.path.join(' ')}`;
    throw usage(
      'usage.unexpected-argument',
      `\`${here}\` does not take \`${extra}\`.`,
      `See ${here} --help.`,
      {
        argument: extra,
      },
    );
  }
  const booleans = fields.filter((field) => field.type === 'boolean').map((field) => optionName(field.name));
  checkBooleans(words, [...booleans, ...globalFlags]);
  const given = fields.flatMap((field) => {
    const value = typed[optionName(field.name)];
    return value === undefined ? [] : [[field.name, valueOf(field, value, command)] as const];
  });
  const flags = { json: isOn(typed.json), yes: isOn(typed.yes) };
  return { kind: 'run', command, given: Object.fromEntries(given), flags };
}

/** Numbers stay text for yargs, so that the contract alone says what a number is. */
function declare(parser: Argv, command: Command): Argv {
  return fieldsOf(command.input).reduce((into, field) => {
    const type = field.type === 'boolean' ? 'boolean' : 'string';
    const name = optionName(field.name);
    return command.positional.includes(field.name)
      ? into.positional(name, { type })
      : into.option(name, { type });
  }, parser);
}

function words(command: Command): string {
  const last = command.path.at(-1) ?? '';
  return [last, ...command.positional.map((field) => `[${optionName(field)}]`)].join(' ');
}

type Choose = (choice: (typed: Typed) => Parsed) => (typed: Typed) => void;

function addGroup(parser: Argv, group: string, typedWords: readonly string[], choose: Choose): Argv {
  const own = commandsOf(group).find((command) => command.path.length === 1);
  const inner = commandsOf(group).filter((command) => command.path.length === 2);
  const fallback = (typed: Typed): Parsed => {
    if (own !== undefined) return interpret(own, typed, typedWords);
    if (isOn(typed.help)) return { kind: 'help', group, command: null };
    const [word] = leftOver(typed, 1);
    if (word !== undefined) throw unknownCommand(word, group);
    const known = inner.map((command) => command.path.at(-1)).join(', ');
    throw usage('usage.missing-command', `\`autogit ${group}\` needs one more word.`, `One of: ${known}.`);
  };
  const build = (into: Argv): Argv =>
    inner.reduce(
      (at, command) =>
        at.command(
          words(command),
          command.summary,
          (leaf: Argv) => declare(leaf, command),
          choose((typed) => interpret(command, typed, typedWords)),
        ),
      own === undefined ? into : declare(into, own),
    );
  return parser.command(own === undefined ? group : words(own), '', build, choose(fallback));
}

/** `--answers -` as `--answers=-`: yargs takes a lone hyphen for a word of its own. */
function joinHyphens(words: readonly string[]): readonly string[] {
  return words.flatMap((word, at) => {
    const before = words[at - 1] ?? '';
    if (word === '-' && /^--[^=]+$/.test(before)) return [];
    return words[at + 1] === '-' && /^--[^=]+$/.test(word) ? [`${word}=-`] : [word];
  });
}

/** Reads a command line. Raises `usage.*`. */
export function parseWords(given: readonly string[]): Parsed {
  const words = joinHyphens(given);
  const typedWords = words[0] === 'help' ? [...words.slice(1), '--help'] : words;
  const chosen: Parsed[] = [];
  const choose: Choose = (choice) => (typed) => {
    chosen.push(isOn(typed.version) ? { kind: 'version' } : choice(typed));
  };
  const empty: Argv = yargs([...typedWords])
    .scriptName('autogit')
    .locale('en')
    .help(false)
    .version(false)
    .fail(false)
    .exitProcess(false)
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
    })
    .options({ json: { type: 'boolean' }, yes: { type: 'boolean', alias: 'y' } })
    .options({ help: { type: 'boolean', alias: 'h' }, version: { type: 'boolean' } });
  const root = (typed: Typed): Parsed => {
    const [word] = leftOver(typed, 0);
    if (word !== undefined && word !== '') throw unknownCommand(word, null);
    const stranger = Object.keys(typed).find(
      (key) => !['_', '--', '$0', ...globalFlags, ...Object.keys(aliases)].includes(key),
    );
    if (stranger === undefined) return { kind: 'help', group: null, command: null };
    const shown = stranger.length === 1 ? `-${stranger}` : `--${stranger}`;
    throw usage('usage.unknown-option', `\`autogit\` has no option ${shown}.`, 'See autogit --help.');
  };
  const parser = groups
    .reduce((into, group) => addGroup(into, group, typedWords, choose), empty)
    .command('$0', '', {}, choose(root));
  parser.parseSync();
  return chosen[0] ?? { kind: 'help', group: null, command: null };
}
