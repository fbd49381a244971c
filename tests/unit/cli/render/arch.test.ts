// Processors on a terminal: one line for each, and below those that matter why and what to do.
import { describe, expect, it } from 'vitest';
import { renderArchitectures } from '../../../../main/cli/render/arch.ts';
import type { View } from '../../../../main/cli/render/text.ts';
import type { ArchitectureView } from '../../../../main/contract/snapshot.ts';

const view: View = { width: 100, colour: false, now: 1_800_000_060_000 };
const row = (change: Partial<ArchitectureView>): ArchitectureView => ({
  ...{ node: 'here', architecture: 'arm64', state: 'qemu', usable: true, reason: null, fix: null },
  ...{
    handler: { name: 'qemu-aarch64', interpreter: '/usr/bin/qemu', flags: 'OCF' },
    slowdown: 'Emulated: slow.',
  },
  ...{ probe: { at: 1_800_000_000_000, machine: 'aarch64', failure: null }, pools: ['arm'], ...change },
});

describe('arch list', () => {
  it('says how it stands with each, and when that was tried', () => {
    const text = renderArchitectures(
      [
        row({}),
        row({
          architecture: 'amd64',
          state: 'native',
          handler: null,
          probe: null,
          pools: [],
          slowdown: null,
        }),
      ],
      view,
    );
    expect(text).toMatch(/^arm64 +emulated +aarch64, 1 min ago +qemu-aarch64 OCF +arm +here$/m);
    expect(text).toMatch(/^ {2}Emulated: slow\.$/m);
    expect(text).toMatch(/^amd64 +native +- +- +- +here$/m);
  });

  it('says of what is broken or untried why, and what to do', () => {
    const broken = {
      state: 'broken',
      usable: false,
      reason: 'It crashes.',
      fix: 'Mend it.',
      slowdown: null,
    } as const;
    expect(renderArchitectures([row({ ...broken, pools: [] })], view)).toContain('  It crashes. Mend it.\n');
    const untried = { usable: false, probe: null, reason: 'Not tried.', fix: 'Wait.' };
    expect(renderArchitectures([row(untried)], view)).toMatch(/untried +- .*\n {2}Not tried\. Wait\.\n$/);
  });

  it('keeps quiet about what nobody asks for', () => {
    const missing = {
      state: 'missing',
      usable: false,
      reason: 'Nothing runs it.',
      handler: null,
      probe: null,
    } as const;
    const text = renderArchitectures([row({ ...missing, pools: [], slowdown: null })], view);
    expect(text).not.toContain('Nothing runs it.');
  });

  it('says when nothing was looked at yet', () => {
    expect(renderArchitectures([], view)).toBe('No container engine has been looked at yet.\n');
  });
});
