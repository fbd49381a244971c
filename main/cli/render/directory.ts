// Directories of people, for people: what was tried of one, and whom it has.
import type { Output } from '../../contract/contract.ts';
import { renderStep } from './steps.ts';
import { renderTable } from './table.ts';
import { paint } from './text.ts';
import type { View } from './text.ts';

type Test = Output<'directory.test'>;

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
