// Roots that are trusted although their stack is gone.
import { expect, it } from 'vitest';
import { checkLeftRoots } from '../../../main/checks/trust/left-roots.ts';
import type { LeftRoot } from '../../../main/checks/trust/left-roots.ts';

const system: LeftRoot = { id: 'system', label: 'The system', path: '/etc/ssl/certs', commands: [] };

it('are a warning that names every place, and the command that takes them out', () => {
  const browser = { id: 'nss:/x', label: 'Chromium', path: '/x', commands: ['certutil -D'] };
  const [finding] = checkLeftRoots([system, browser], false);
  expect(finding).toMatchObject({
    ...{ key: 'trust.root-left', severity: 'warning' },
    message: expect.stringContaining('2 places') as unknown,
    next: expect.stringContaining('autogit certificate untrust') as unknown,
    evidence: ['The system: /etc/ssl/certs', 'Chromium: /x', '  certutil -D'],
  });
});

it('are none where nothing is left, and where a stack may need them', () => {
  expect(checkLeftRoots([], false)).toEqual([]);
  expect(checkLeftRoots([system], true)).toEqual([]);
});
