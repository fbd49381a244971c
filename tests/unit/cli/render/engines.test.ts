// Container engines at a terminal: all facts in 80 columns, trouble beside its engine.
import { describe, expect, it } from 'vitest';
import { renderEngine, renderEngines } from '../../../../main/cli/render/engines.ts';
import { columnsOf } from '../../../../main/cli/render/text.ts';
import type { EngineRow } from '../../../../main/contract/engines.ts';
import { someEngine, someEngineInDetail } from '../../../fakes/fake-world.ts';

const view = { width: 80, colour: false, now: 0 };
const rootless: EngineRow = {
  ...someEngine,
  address: 'unix:///run/user/1000/podman/podman.sock',
  sources: [
    { kind: 'rootless-podman', name: null },
    { kind: 'other-context', name: 'lab' },
  ],
  ...{
    inUse: false,
    kind: 'podman',
    version: '4.3.1',
    rootless: true,
    storageDriver: 'vfs',
    cgroupVersion: '1',
  },
  lacks: ['memory-limits', 'cpu-limits', 'low-ports', 'pause', 'fast-storage'],
};
const refused: EngineRow = {
  ...someEngine,
  ...{ address: 'unix:///run/docker.sock', inUse: true, state: 'no-permission', lacks: [] },
  ...{ kind: null, version: null, rootless: null, storageDriver: null, cgroupVersion: null },
  problem: { key: 'engine.permission', message: 'You may not use it.', next: 'Join the group.' },
};

describe('engine list', () => {
  it('tells everything of each engine in a few lines', () => {
    const text = renderEngines([someEngine, rootless, refused], view);
    expect(text.trimEnd().split('\n')).toEqual([
      'ENGINE                  STATE                  CGROUPS  STORAGE',
      'Docker 20.10.24, root   in use                 v2       overlay2',
      '  unix:///var/run/docker.sock (its usual place)',
      'Podman 4.3.1, rootless  ready                  v1       vfs',
      '  unix:///run/user/1000/podman/podman.sock (its usual place, docker context lab)',
      '  lacks: memory limits, processor limits, low ports, pausing, fast storage',
      'unknown                 in use, no permission  -        -',
      '  unix:///run/docker.sock (its usual place)',
      '  You may not use it.',
    ]);
  });

  it('stays within 80 columns', () => {
    const widths = renderEngines([someEngine, rootless, refused], view).split('\n').map(columnsOf);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });

  it('says so when there is none', () => {
    expect(renderEngines([], view)).toContain('No container engine was found');
  });
});

describe('engine show', () => {
  it('has what the list has not room for', () => {
    const text = renderEngine(someEngineInDetail, view);
    for (const fact of [
      '1.41',
      'memory and processors',
      '/var/lib/docker',
      '50.0 GB free of 100.0 GB',
      'from 1',
    ])
      expect(text).toContain(fact);
  });

  it('has what is wrong, with the way to mend it', () => {
    const issue = { key: 'engine.no-pause', severity: 'info', subject: 'engine of here' } as const;
    const issues = [{ ...issue, message: 'It cannot pause.', next: 'Nothing to do.' }];
    const text = renderEngine({ ...someEngineInDetail, ...refused, issues }, view);
    for (const part of ['You may not use it.', 'Join the group.', 'It cannot pause.', 'engine.no-pause'])
      expect(text).toContain(part);
    expect(text).not.toContain('Pausing');
  });
});
