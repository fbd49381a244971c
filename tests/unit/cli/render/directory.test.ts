// A directory that was tried, as text.
import { expect, it } from 'vitest';
import { renderDirectoryTest } from '../../../../main/cli/render/directory.ts';

const view = { width: 60, colour: false, now: 0 };

it('has each step with its sign, what to do, the people, and the verdict', () => {
  const text = renderDirectoryTest(
    {
      good: false,
      steps: [
        { key: 'directory.connect', label: 'Connect', state: 'good', message: 'It answers.', next: null },
        {
          key: 'directory.bind',
          label: 'Sign in',
          state: 'bad',
          message: 'No.\u001b[2J',
          next: 'Set the password.',
        },
        { key: 'directory.search', label: 'Search', state: 'skipped', message: 'Not tried.', next: null },
      ],
      people: [{ name: 'ana', displayName: 'Ana', email: 'ana@example.net', groups: ['admins'] }],
    },
    view,
  );
  expect(text).toContain('✓ Connect: It answers.\n');
  expect(text).toContain('× Sign in: No.\n  Set the password.\n');
  expect(text).toContain('- Search: Not tried.\n');
  expect(text).toMatch(/ana +admins +ana@example\.net +Ana/);
  expect(text).toContain('would not get along');
  expect(text).not.toContain('\u001b');
});
