// Places of trust as text: states, reasons, and lines that can be copied.
import { describe, expect, it } from 'vitest';
import { renderTrust } from '../../../../main/cli/render/trust.ts';

const view = { width: 60, colour: false, now: 0 };
const line =
  'sudo install -D -m 0644 /home/ana/.local/share/autogit/stack/casa/ca.crt /usr/local/share/ca-certificates/x.crt';

describe('certificate trust', () => {
  it('shows states, why something cannot be done, and lines to paste in one piece', () => {
    const text = renderTrust(
      {
        ...{ dryRun: false, actions: [], message: 'AutoGit may not, you can.', next: 'Paste the lines.' },
        places: [
          {
            ...{ id: 'system', kind: 'system', label: 'Programs', path: '/anchors', state: 'unavailable' },
            ...{ why: 'Only root may change it.', commands: [line] },
          },
          {
            ...{ id: 'nss:/db', kind: 'nss', label: 'Chromium', path: '/db', state: 'trusted' },
            ...{ why: null, commands: [] },
          },
        ],
      },
      view,
    );
    expect(text).toContain('Programs  unavailable  system\n');
    expect(text).toContain('Programs: Only root may change it.\n');
    expect(text).toContain(`  ${line}\n`);
    expect(text).not.toContain('Chromium:');
    expect(text.trimEnd().endsWith('Paste the lines.')).toBe(true);
  });

  it('is one sentence where no place is concerned', () => {
    const said = {
      dryRun: false,
      actions: [],
      message: 'Nothing has to be trusted.',
      next: null,
      places: [],
    };
    expect(renderTrust(said, view)).toBe('Nothing has to be trusted.\n');
  });
});
