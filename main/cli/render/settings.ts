// Settings and what is wrong with them as text.
import { stringify } from 'yaml';
import type { Output } from '../../contract/contract.ts';
import { renderTable } from './table.ts';
import { clean, paint } from './text.ts';
import type { View } from './text.ts';

type Problems = Output<'settings.validate'>['problems'];

function renderProblems(problems: Problems, view: View): string {
  // A message names its line and field itself.
  return problems.map(({ message }) => `${paint('×', 'bad', view)} ${clean(message)}\n`).join('');
}

/** `autogit settings show`: the file as it could be written, defaults included. */
export function renderSettings(shown: Output<'settings.show'>, view: View): string {
  const head = paint(`# ${clean(shown.file)}, with every default`, 'quiet', view);
  const wrong = shown.problems.length === 0 ? '' : `\n${renderProblems(shown.problems, view)}`;
  return `${head}\n${stringify(shown.settings)}${wrong}`;
}

/** `autogit settings validate`. */
export function renderValidation(result: Output<'settings.validate'>, view: View): string {
  if (result.problems.length > 0) return renderProblems(result.problems, view);
  return result.valid ? 'The settings are valid.\n' : 'The settings are not valid.\n';
}

type Setting = Output<'settings.describe'>['settings'][number];

/** `autogit settings list`: what each is, where it is not as usual first seen, and what it does. */
export function renderSettingList(listed: Output<'settings.describe'>, view: View): string {
  if (listed.settings.length === 0) return 'No setting has these words. See all: autogit settings list\n';
  const table = renderTable<Setting>(
    [
      { title: 'SETTING', cell: ({ path }) => path },
      {
        title: 'VALUE',
        cell: (one) => ({ text: valueWords(one), tone: one.isDefault ? 'quiet' : 'good' }),
      },
      { title: 'DEFAULT', cell: (one) => (one.isDefault ? '' : asText(one.default)) },
      { title: 'WHAT IT DOES', cell: ({ description }) => description },
    ],
    listed.settings,
    view,
  );
  const next = paint('Change one with: autogit settings set SETTING VALUE', 'quiet', view);
  const wrong = listed.problems.length === 0 ? '' : `\n${renderProblems(listed.problems, view)}`;
  return `${table}\n${next}\n${wrong}`;
}

function valueWords({ value, path, applies, when, unit }: Setting): string {
  if (!applies) return `(while ${when ?? ''})`;
  if (value === undefined) return path.startsWith('pools.') ? '(of each pool)' : '(not given)';
  return `${asText(value)}${unit === null || value === null ? '' : ` ${unit}`}`;
}

function asText(value: unknown): string {
  if (value === undefined) return '(none)';
  if (Array.isArray(value) && value.some((item) => typeof item === 'object'))
    return `${value.length} entries`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
