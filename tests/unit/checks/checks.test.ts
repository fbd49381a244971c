// What is said of an engine that cannot do everything, and that every check is asked.
import { readFile, readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAll, checkEngine } from '../../../main/checks/index.ts';
import { isOlder, lacksOf, tooOld } from '../../../main/model/engine.ts';
import type { EngineInfo } from '../../../main/model/engine.ts';
import type { Issue } from '../../../main/model/issue.ts';
import type { Pool } from '../../../main/model/pool.ts';
import { someInfo } from '../../fakes/some-engine.ts';
import { failed, fresh, someNode, somePool, someView, stale } from '../../fakes/world.ts';

function issuesOf(change: Partial<EngineInfo>, pools: readonly Pool[] = [somePool()]): readonly Issue[] {
  return checkEngine({ name: 'here', info: someInfo(change), pools });
}
const keysOf = (change: Partial<EngineInfo>): readonly string[] => issuesOf(change).map(({ key }) => key);

describe('the folder of checks', () => {
  it('has no check that is not asked', async () => {
    const folder = new URL('../../../main/checks/', import.meta.url);
    const files = (await readdir(folder)).filter(
      (name) => name.endsWith('.ts') && !['check.ts', 'index.ts'].includes(name),
    );
    const index = await readFile(new URL('index.ts', folder), 'utf8');
    for (const file of files) {
      const [, name] =
        /export const (check\w+): EngineCheck/.exec(await readFile(new URL(file, folder), 'utf8')) ?? [];
      expect(index, file).toContain(`import { ${name ?? 'nothing'} } from './${file}'`);
      expect(index.split('engineChecks:')[1], file).toContain(`  ${name ?? 'nothing'},`);
    }
    expect(files.length).toBeGreaterThan(5);
  });
});

describe('an engine with nothing to complain about', () => {
  it('has no issues', () => {
    expect(keysOf({})).toEqual([]);
    expect(lacksOf(someInfo())).toEqual([]);
  });
});

describe('limits that are ignored', () => {
  const none = { limits: { memory: false, cpus: false } };

  it('are a warning only where a pool has some', () => {
    expect(issuesOf(none)).toMatchObject([{ key: 'engine.limits-ignored', severity: 'info' }]);
    const limited = issuesOf(none, [somePool(), somePool({ name: 'small', memoryMiB: 512 })]);
    expect(limited).toMatchObject([{ severity: 'warning' }]);
    expect(limited[0]?.message).toContain('pool small');
    expect(limited[0]?.message).not.toContain('default');
  });

  it('are told apart: a pool with a memory limit is served where only processors are ignored', () => {
    const [issue] = issuesOf({ limits: { memory: true, cpus: false } }, [somePool({ memoryMiB: 512 })]);
    expect(issue).toMatchObject({ severity: 'info' });
    expect(issue?.message).toContain('ignores processor limits');
  });

  it('can be mended by what their cause needs', () => {
    const next = (change: Partial<EngineInfo>): string | undefined =>
      issuesOf({ ...none, ...change })[0]?.next;
    expect(next({ rootless: true, cgroupVersion: '1' })).toContain('unified_cgroup_hierarchy');
    expect(next({ rootless: true, cgroupVersion: '2' })).toMatch(/^Let your user.*Delegate/);
    expect(next({ rootless: false })).toContain('its own log');
  });
});

describe('the other checks', () => {
  it.each<[string, Partial<EngineInfo>, readonly string[]]>([
    ['low ports', { rootless: true, lowestPort: 1024 }, ['engine.low-ports']],
    ['ports from 80 on', { rootless: true, lowestPort: 80 }, []],
    ['ports that nobody knows', { rootless: true, lowestPort: null }, []],
    ['no pause', { pause: false }, ['engine.no-pause']],
    ['vfs', { storageDriver: 'vfs' }, ['engine.slow-storage']],
    ['an older Docker', { version: '20.10.24+dfsg1' }, ['engine.old-version']],
    ['the recommended Docker', { version: '25.0.0-rc.1' }, []],
    ['a Podman that works', { kind: 'podman', version: '4.3.1' }, []],
    ['little room', { disk: { free: 5e9, total: 100e9 } }, ['engine.disk-low']],
    ['room enough on a small disk', { disk: { free: 5e9, total: 20e9 } }, []],
    ['room enough on a large disk', { disk: { free: 50e9, total: 4000e9 } }, []],
    ['a disk that nobody can see', { disk: null }, []],
  ])('say of %s what is to be said', (_, change, keys) => {
    expect(keysOf(change)).toEqual(keys);
  });

  it('call a full disk an error', () => {
    expect(issuesOf({ disk: { free: 5e8, total: 100e9 } })).toMatchObject([{ severity: 'error' }]);
    expect(issuesOf({ disk: { free: 5e9, total: 100e9 } })).toMatchObject([{ severity: 'warning' }]);
  });

  it('have a way to mend everything, and name the engine', () => {
    const worst = issuesOf({
      ...{ version: '24', rootless: true, pause: false, storageDriver: 'vfs', lowestPort: 1024 },
      ...{ limits: { memory: false, cpus: false }, disk: { free: 1, total: 100e9 } },
    });
    expect(worst).toHaveLength(6);
    for (const { subject, message, next } of worst) {
      expect(subject).toBe('engine of here');
      expect([message, next].every((text) => /[.a-z/]$/.test(text))).toBe(true);
    }
  });
});

describe('checkAll', () => {
  const info = someInfo({ pause: false });

  it('speaks of engines that were just seen, and of no others', () => {
    const view = someView({ info });
    const nodes = [someNode(fresh(view), 'a'), someNode(stale(view), 'b'), someNode(failed, 'c')];
    expect(checkAll({ pools: [] }, { nodes }).map(({ subject }) => subject)).toEqual(['engine of a']);
  });
});

describe('versions', () => {
  it.each([
    ['20.10.24+dfsg1', '25', true],
    ['19.03.15', '20.10', true],
    ['20.9', '20.10', true],
    ['20.10', '20.10', false],
    ['20.10.0-rc1', '20.10', false],
    ['4.10.0', '4.3', false],
    ['4.3.1', '4.3', false],
    ['', '4.3', true],
  ])('%s is older than %s: %s', (version, than, older) => {
    expect(isOlder(version, than)).toBe(older);
  });

  it('are never older than themselves, and in one order only', () => {
    const version = fc
      .array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('.'));
    fc.assert(fc.property(version, (one) => !isOlder(one, one)));
    fc.assert(fc.property(version, version, (one, two) => !(isOlder(one, two) && isOlder(two, one))));
  });

  it.each<[string, Partial<EngineInfo>, boolean]>([
    ['Docker 19.03', { version: '19.03.15', apiVersion: '1.40' }, true],
    ['a Docker with an old API', { version: '20.10.0', apiVersion: '1.40' }, true],
    ['Docker 20.10', { version: '20.10.24', apiVersion: '1.41' }, false],
    ['Podman 4.2', { kind: 'podman', version: '4.2.1', apiVersion: '1.41' }, true],
    ['Podman 4.3', { kind: 'podman', version: '4.3.1', apiVersion: '1.41' }, false],
    [
      'Podman 5, whatever API it says it has',
      { kind: 'podman', version: '5.0.0', apiVersion: '1.40' },
      false,
    ],
  ])('%s is too old or not', (_, change, isOld) => {
    expect(tooOld(someInfo(change))?.key ?? null).toBe(isOld ? 'engine.too-old' : null);
  });
});
