// What a pool's settings become: the grant of a runner whose jobs have containers of their own, or its own container.
import { describe, expect, it } from 'vitest';
import { startsAsRoot } from '../../../main/apply/job-user.ts';
import { ownCache, poolContainer, poolGrant } from '../../../main/apply/pool-grant.ts';
import { runnerContainer, runnerFiles } from '../../../main/apply/runner-container.ts';
import { address, network, somePool } from '../../fakes/world.ts';

const home = '0a1b2c3d-4e5f-6789-abcd-ef0123456789';
const someAction = {
  ...({ kind: 'start-runner', key: '', target: '', reason: '', node: 'n', slot: 0 } as const),
  ...{ image: 'runner:1', network, specHash: '', address, gpu: null, pool: somePool() },
};

describe('the grant of a pool', () => {
  it('says what is usual in words that a gateway of before knows', () => {
    expect(Object.keys(poolGrant(somePool(), home)).sort()).toEqual([
      ...['capabilities', 'cpus', 'devices', 'memoryMiB', 'platform', 'pool', 'pull'],
    ]);
  });

  it('has everything that the pool gives', () => {
    const pool = somePool({
      ...{ pids: 9, shmMiB: 8, diskMiB: 100, arch: 'arm64', env: { A: 'b' }, cache: 'project' },
      ...{ mounts: ['/srv/a:/a:rw'], devices: ['/dev/kvm'], capabilities: ['SYS_PTRACE'] },
    });
    const grant = poolGrant(pool, home);
    expect(grant).toMatchObject({
      ...{ pids: 9, shmMiB: 8, diskMiB: 100, platform: 'linux/arm64', env: { A: 'b' } },
      ...{ mounts: [{ source: '/srv/a', target: '/a', readOnly: false }], devices: ['/dev/kvm'] },
      cache: 'autogit-cache-0a1b2c3d-default',
    });
    expect(grant.capabilities).toContain('SYS_PTRACE');
    expect(grant.capabilities).not.toContain('NET_RAW');
  });
});

describe('a runner whose container is the job’s', () => {
  it('has what the pool gives in its own container', () => {
    const pool = somePool({ pids: 9, shmMiB: 8, mounts: ['/srv/a:/a'], devices: ['/dev/kvm'] });
    expect(poolContainer(pool, 'kept')).toEqual({
      ...{ pids: 9, shmMiB: 8, diskMiB: null, devices: ['/dev/kvm'], volumes: { kept: '/cache' } },
      mounts: [{ source: '/srv/a', target: '/a', readOnly: true }],
    });
    const { devices } = runnerContainer(
      { ...someAction, pool: { ...pool, executor: 'image' } },
      ...(['r', {}, {}] as const),
    );
    expect(devices).toBeUndefined();
  });

  it('keeps a cache only where one project has it', () => {
    expect(ownCache(somePool(), home)).toBe(null);
    expect(ownCache(somePool({ cache: 'project' }), home)).toBe('autogit-cache-0a1b2c3d-default-scope');
    expect(ownCache(somePool({ cache: 'project', executor: 'image' }), home)).toBe(null);
  });

  it('gives jobs the environment, and no way into its own process', () => {
    const [config] = runnerFiles('r', { runnerUrl: 'http://gitlab' }, 'glrt-x', 'r_1', null, {
      PROXY: 'p:1',
    });
    expect(config?.content).toContain('environment = [ "PROXY=p:1" ]');
    expect(config?.content).toContain('FF_CONCRETE = false');
    expect(config?.content).toContain('FF_SCRIPT_TO_STEP_MIGRATION = false');
  });

  it('changes the user for jobs, unless its program does so itself', () => {
    const entrypointOf = (image: string): readonly string[] =>
      runnerContainer({ ...someAction, image }, 'r', {}, {}).entrypoint;
    expect(entrypointOf('gitlab/gitlab-runner:alpine-v19.4.0')).toEqual([
      'sh',
      '/usr/local/lib/autogit/start',
    ]);
    expect(entrypointOf('autogit-sandbox:0123456789abcdef')).toEqual(['gitlab-runner']);
    expect(startsAsRoot('evil/autogit-sandbox:0123456789abcdef.x')).toBe(true);
    expect(startsAsRoot('registry.test:5000/autogit-sandbox:0123456789abcdef')).toBe(true);
  });
});
