// Directories of people, for people: what was tried of one, and whom it has.
import type { Output } from '../../contract/contract.ts';
import { renderTable } from './table.ts';
import { clean, paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

type Test = Output<'directory.test'>;
type Step = Test['steps'][number];

const signs: Readonly<Record<Step['state'], readonly [string, Tone]>> = {
  good: ['✓', 'good'],
  warning: ['!', 'warn'],
  bad: ['×', 'bad'],
  skipped: ['-', 'quiet'],
};

function renderStep({ label, state, message, next }: Step, view: View): string {
  const [sign, tone] = signs[state];
  const lines = wrap(clean(`${label}: ${message}`), Math.max(8, view.width - 2));
  const told = lines.map((line, index) => `${index === 0 ? `${paint(sign, tone, view)} ` : '  '}${line}\n`);
  const todo = next === null ? [] : wrap(clean(next), Math.max(8, view.width - 2));
  return [...told, ...todo.map((line) => `  ${paint(line, 'quiet', view)}\n`)].join('');
}

/** `autogit directory test`. */
export function renderDirectoryTest({ good, steps, people }: Test, view: View): string {
  const table = renderTable<Test['people'][number]>(
    [
      { title: 'NAME', cell: ({ name }) => name },
      { title: 'GROUPS', cell: ({ groups }) => groups.join(', ') },
      { title: 'E-MAIL', cell: ({ email }) => email },
      { title: 'SHOWN AS', cell: ({ displayName }) => displayName },
    ],
    people,
    view,
  );
  const verdict = good
    ? 'Authelia gets along with this directory.'
    : 'Authelia would not get along with this directory.';
  return [
    ...steps.map((step) => renderStep(step, view)),
    ...(people.length === 0 ? [] : ['\n', table]),
    `\n${paint(verdict, good ? 'good' : 'bad', view)}\n`,
  ].join('');
}
