// What a pool grants is written into the containers of its jobs, and into no others.
import { describe, expect, it } from 'vitest';
import { ask, createTarget, jobBody } from '../../fakes/gateway.ts';
import type { Grant } from '../../../main/model/grant.ts';

const helperBody = { ...jobBody, Labels: { 'com.gitlab.gitlab-runner.type': 'predefined' } };

function made(grant: Readonly<Partial<Grant>>, body: Parameters<typeof ask>[2] = jobBody, known = {}) {
  const decision = ask('POST', createTarget, body, { grant, known });
  if (!('allow' in decision)) throw new Error(JSON.stringify(decision));
  return decision.allow;
}

describe('a container of a job', () => {
  it('has the limits of its pool', () => {
    const { body } = made({ cpus: 0.5, memoryMiB: 100, pids: 77, shmMiB: 128 });
    expect(body?.['HostConfig']).toMatchObject({
      ...{ CpuQuota: 50_000, Memory: 100 * 1024 ** 2, MemorySwap: 100 * 1024 ** 2 },
      ...{ PidsLimit: 77, ShmSize: 128 * 1024 ** 2 },
    });
    expect(made({}).body?.['HostConfig']).toMatchObject({ PidsLimit: 4096 });
  });

  it('has the limit of its disk where the engine can hold it, and nothing pretended elsewhere', () => {
    const can = { engine: { kind: 'docker', rootless: false, disk: true } } as const;
    const grant = { diskMiB: 2048 };
    expect(made(grant, jobBody, can).body?.['HostConfig']).toMatchObject({ StorageOpt: { size: '2048M' } });
    expect(made(grant).body?.['HostConfig']).not.toHaveProperty('StorageOpt');
  });

  it("has the pool's variables, its own first; the runner's helper has none", () => {
    const grant = { env: { CI: 'false', PROXY: 'p:1' } };
    expect(made(grant).body?.['Env']).toEqual(['PROXY=p:1', 'CI=true', 'NVIDIA_VISIBLE_DEVICES=void']);
    expect(made(grant, helperBody).body?.['Env']).not.toContain('PROXY=p:1');
  });

  it('has folders and devices of the machine that the pool grants; the helper has not', () => {
    const mounts = [{ source: '/srv/m', target: '/m', readOnly: true }];
    const grant = { mounts, devices: ['/dev/kvm'] };
    const device = { PathOnHost: '/dev/kvm', PathInContainer: '/dev/kvm', CgroupPermissions: 'rw' };
    expect(made(grant).body?.['HostConfig']).toMatchObject({
      Mounts: [{ Type: 'bind', Source: '/srv/m', Target: '/m', ReadOnly: true }],
      Devices: [device],
    });
    const helper = made(grant, helperBody).body?.['HostConfig'];
    expect(helper).not.toHaveProperty('Mounts');
    expect(helper).not.toHaveProperty('Devices');
  });

  it('has its platform, in the request for it and for its image', () => {
    expect(made({ platform: 'linux/arm64' }).query).toMatchObject({ platform: 'linux/arm64' });
    const pull = ask('POST', '/v1.41/images/create?fromImage=debian&tag=13', undefined, {
      grant: { platform: 'linux/arm64' },
    });
    expect(pull).toMatchObject({ allow: { query: { platform: 'linux/arm64' } } });
  });

  it('has capabilities beyond the usual ones only where the pool adds them', () => {
    const body = { ...jobBody, HostConfig: { ...jobBody.HostConfig, CapAdd: ['SYS_PTRACE'] } };
    expect(ask('POST', createTarget, body)).toMatchObject({ refuse: { key: 'gateway.capability' } });
    const allowed = made({ capabilities: ['CHOWN', 'SYS_PTRACE'] }, body);
    expect(allowed.body?.['HostConfig']).toMatchObject({ CapAdd: ['CHOWN', 'SYS_PTRACE'] });
  });
});

describe('the cache of a project', () => {
  const hash = '3c3f060a0374fc8bc39395164f415a70';
  const withCache = (suffix: string, project: string) => ({
    ...jobBody,
    Labels: { ...jobBody.Labels, 'com.gitlab.gitlab-runner.project.id': project },
    HostConfig: {
      ...jobBody.HostConfig,
      Binds: ['runner-own-builds:/builds', `runner-own-cache-${hash}${suffix}:/cache`],
    },
  });
  const grant = { cache: 'autogit-cache-home-images' };

  it('is a volume of the pool and the project, made and signed by the gateway', () => {
    const { body, before } = made(grant, withCache('', '12'));
    const name = 'autogit-cache-home-images-12';
    expect(body?.['HostConfig']).toMatchObject({ Binds: ['runner-own-builds:/builds', `${name}:/cache`] });
    expect(before).toMatchObject([
      {
        ...{ method: 'POST', path: '/v1.41/volumes/create' },
        body: { Name: name, Labels: { 'autogit.role': 'cache', 'autogit.project': '12' } },
      },
    ]);
  });

  it('is another one for protected branches, and for another project', () => {
    expect(made(grant, withCache('-protected', '12')).body?.['HostConfig']).toMatchObject({
      Binds: ['runner-own-builds:/builds', 'autogit-cache-home-images-12-protected:/cache'],
    });
    expect(made(grant, withCache('', '13')).before[0]?.body).toMatchObject({
      Name: 'autogit-cache-home-images-13',
    });
  });

  it("stays the runner's own where the pool keeps none, and where no project is named", () => {
    expect(made({}, withCache('', '12')).before).toEqual([]);
    expect(made(grant, withCache('', '../1')).before).toEqual([]);
  });
});

describe('images', () => {
  it('are pulled where the pool says so, and none is imported', () => {
    const target = '/v1.41/images/create?fromImage=docker.io%2Flibrary%2Falpine&tag=3';
    expect(ask('POST', target)).toMatchObject({
      allow: { query: { fromImage: 'docker.io/library/alpine', tag: '3' } },
    });
    expect(ask('POST', target, undefined, { grant: { pull: false } })).toMatchObject({
      refuse: { key: 'gateway.pull' },
    });
    expect(ask('POST', '/images/create?fromSrc=-&repo=x')).toMatchObject({
      refuse: { key: 'gateway.query' },
    });
  });
});
