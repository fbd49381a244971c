// Help texts: what a command is for, what it takes, and two examples, on one screen.
import { fieldsOf, optionName } from '../contract/fields.ts';
import type { RequestField } from '../contract/fields.ts';
import { commandsOf, groups } from './commands.ts';
import type { Command } from './commands.ts';
import { columnsOf, cut, fill, wrap } from './render/text.ts';

type Row = readonly [left: string, right: string];

/** Two columns; on a narrow screen the right one goes below the left one. */
function renderRows(rows: readonly Row[], width: number): readonly string[] {
  const left = Math.max(0, ...rows.map(([name]) => columnsOf(name))) + 2;
  if (width - left - 2 < 16) {
    return rows.flatMap(([name, text]) => [cut(`  ${name}`, width), ...indent(wrap(text, width - 4), 4)]);
  }
  return rows.flatMap(([name, text]) => {
    const [first = '', ...more] = wrap(text, width - left - 2);
    return [`  ${fill(name, left)}${first}`.trimEnd(), ...indent(more, left + 2)];
  });
}

function indent(lines: readonly string[], by: number): readonly string[] {
  return lines.map((line) => ' '.repeat(by) + line);
}

function valueWord(field: RequestField): string {
  if (field.type === 'boolean') return '';
  if (field.type === 'list') return ' LIST';
  if (field.type === 'object') return ' JSON';
  if (field.type === 'text') return field.choices.length > 0 ? ' WORD' : ' TEXT';
  return ' N';
}

/** `number of jobs, 1 to 200 (6)`. */
function describe(field: RequestField): string {
  const { min, max, choices, fallback } = field;
  const range = min !== null && max !== null ? `, ${min} to ${max}` : '';
  const words = choices.length > 0 ? `: ${choices.join(', ')}` : range;
  return `${field.help}${words}${fallback === null || fallback === false ? '' : ` (${String(fallback)})`}`;
}

/** `autogit job log <id> [options]`. */
export function usageLine(command: Command): string {
  const fields = fieldsOf(command.input);
  const places = command.positional.map((name) => {
    const required = fields.some((field) => field.name === name && field.required);
    return required ? `<${optionName(name)}>` : `[${optionName(name)}]`;
  });
  return ['autogit', ...command.path, ...places, '[options]'].join(' ');
}

const jsonRow: Row = ['--json', 'one JSON document on standard output, nothing else there'];
const helpRow: Row = ['-h, --help', 'this text'];

function examples(lines: readonly string[]): readonly string[] {
  return ['', 'Examples:', ...indent(lines, 2)];
}

/** More options than this do not fit a screen with a line for each. */
const mostRows = 12;

/** Options side by side; each has a line of its own in the documentation. */
function crowded(rows: readonly Row[], page: string, width: number): readonly string[] {
  const names = rows.map(([name]) => name.replaceAll(' ', '\u00a0')).join('  ');
  const list = wrap(names, width - 2).map((line) => line.replaceAll('\u00a0', ' ').trimEnd());
  return [...indent(list, 2), ...indent(wrap(`What each of them means: ${page}`, width - 2), 2), ''];
}

/** `autogit job log --help`. */
export function renderCommandHelp(command: Command, width: number): string {
  const fields = fieldsOf(command.input);
  const rows = fields.map((field): Row => {
    const place = command.positional.includes(field.name);
    return [
      place ? optionName(field.name) : `--${optionName(field.name)}${valueWord(field)}`,
      describe(field),
    ];
  });
  const page = command.path[0] === 'pool' ? 'docs/pools/' : `docs/${command.path[0] ?? ''}s.md`;
  const shown = rows.length > mostRows ? crowded(rows, page, width) : null;
  const yes: readonly Row[] = command.asks ? [['-y, --yes', 'do it without asking']] : [];
  const more = commandsOf(command.path[0] ?? '').filter((other) => other.path.length > command.path.length);
  const lines = [
    ...wrap(usageLine(command), width),
    '',
    ...wrap(command.summary, width),
    '',
    ...(shown ?? []),
    ...renderRows([...(shown === null ? rows : []), ...yes, jsonRow, helpRow], width),
    ...(more.length === 0
      ? []
      : ['', ...wrap(`See also: autogit ${more.map(({ path }) => path.join(' ')).join(', ')}`, width)]),
    ...examples(command.examples),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** More commands than this do not fit a screen with a line for each. */
const mostCommands = 18;

/** A line for each command; of many, those that come last have one line together, and texts are cut. */
function commandRows(inside: readonly Command[], width: number): readonly string[] {
  const rowOf = ({ path, summary }: Command): Row => [path.slice(1).join(' '), summary];
  if (inside.length <= mostCommands) return renderRows(inside.map(rowOf), width);
  const rest = inside.slice(mostCommands - 1).map(({ path }) => path.slice(1).join(' '));
  const rows = [...inside.slice(0, mostCommands - 1).map(rowOf), ['more', rest.join(', ')] as const];
  const left = Math.max(...rows.map(([name]) => columnsOf(name))) + 2;
  return rows.map(([name, text]) => cut(`  ${fill(name, left)}${text}`, width));
}

/** `autogit job --help`. */
export function renderGroupHelp(group: string, width: number): string {
  const inside = commandsOf(group);
  const both = inside.flatMap((command) => command.examples).slice(0, 2);
  const lines = [
    ...wrap(`autogit ${group} <command> [options]`, width),
    '',
    ...commandRows(inside, width),
    ...examples(both),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function groupRow(group: string): Row {
  const inside = commandsOf(group);
  const verbs = inside.flatMap((command) => command.path.slice(1));
  const [only] = inside;
  if (only !== undefined && (inside.length === 1 || only.path.length === 1)) {
    return [only.path.join(' '), only.summary];
  }
  return [group, verbs.join(', ')];
}

/** What few people type has one line together: everything is on one screen. */
const seldom = [
  'engine',
  'web',
  'directory',
  'names',
  'arch',
  'diagnose',
  'machine',
  'gitlab',
  'snapshot',
  'events',
  'issue',
  'audit',
  'about',
  'update',
  'notice',
  'setup',
  'queue',
  'completion',
];

function seldomRow(): Row {
  const words = groups
    .filter((group) => seldom.includes(group))
    .flatMap((group) => commandsOf(group).map(({ path }) => path.join(' ')));
  return ['more', words.join(', ')];
}

/** `autogit --help`. Summaries are cut, because every command's own help has them whole. */
export function renderRootHelp(width: number): string {
  const rows = [...groups.filter((group) => !seldom.includes(group)).map(groupRow), seldomRow()];
  const left = Math.max(...rows.map(([name]) => columnsOf(name))) + 4;
  const list =
    width - left < 16
      ? rows.map(([name]) => `  ${name}`)
      : rows.map(([name, text]) => cut(`  ${fill(name, left - 2)}${text}`, width));
  const lines = [
    ...wrap('autogit <command> [options]: GitLab CI runners that appear when a job waits', width),
    ...wrap('With every command: --help --json --yes; autogit --version', width),
    ...list,
    'Examples:',
    '  autogit demo',
    '  autogit job list --status waiting',
  ];
  return lines.map((line) => `${line}\n`).join('');
}
