// Settings and what is wrong with them as text.
import { stringify } from 'yaml';
import type { Output } from '../../contract/contract.ts';
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
