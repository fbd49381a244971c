import { expect, it } from 'vitest';
import { nextParts } from '../../../renderer/state/next-step.ts';

it.each([
  ['Its log may say more.', null],
  ['Start it: systemctl start docker', null],
  ['Allow it more: autogit pool set demo --max 5', 'autogit pool set demo --max 5'],
  ['See why: autogit issue list.', 'autogit issue list'],
  ['Read: autogit job log 4. Run it again: autogit job retry 4', 'autogit job retry 4'],
  ['Let it: autogit pool set a --scope instance. Or add a pool.', null],
])('%s', (text, command) => {
  const parts = nextParts(text);
  expect(parts.command).toBe(command);
  expect(command === null ? parts.words : `${parts.words} ${command}`.replace(/\.$/, '')).toBe(
    command === null ? text : text.replace(/\.$/, ''),
  );
});
