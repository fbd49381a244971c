import { describe, expect, it } from 'vitest';
import type { Json, RefusalKey } from '../../../main/gateway/fields.ts';
import { ownerOf } from '../../../main/gateway/labels.ts';
import type { Grant } from '../../../main/model/grant.ts';
import { ask, createTarget, jobBody, someKnown } from '../../fakes/gateway.ts';

const mib = 1024 ** 2;

describe('creating a container', () => {
  it('passes on what gitlab-runner sends, with limits, capabilities, log and labels of the pool', () => {
    const decision = ask('POST', createTarget, jobBody);
    expect(decision).toMatchObject({
      allow: {
        method: 'POST',
        path: '/v1.41/containers/create',
        query: { name: 'runner-new-build' },
        body: {
          Cmd: ['sh', '-c', 'true'],
          Labels: {
            'com.gitlab.gitlab-runner.type': 'build',
            'autogit.role': 'job',
            'autogit.runner': someKnown.runner,
            'autogit.pool': 'images',
          },
          HostConfig: {
            Binds: ['runner-own-cache:/builds'],
            NetworkMode: 'runner-own-network',
            Memory: 256 * mib,
            MemorySwap: 256 * mib,
            CpuQuota: 150_000,
            PidsLimit: 4096,
            CapDrop: ['ALL'],
          },
          NetworkingConfig: { EndpointsConfig: { 'runner-own-network': { Aliases: ['build'] } } },
        },
      },
    });
    const labels = 'allow' in decision ? decision.allow.body?.['Labels'] : null;
    const texts = labels as Record<string, string>;
    expect(ownerOf('runner-new-build', texts, someKnown)).toBe(someKnown.runner);
    expect(ownerOf('runner-new-other', texts, someKnown)).toBeNull();
  });

  it('grants no raw sockets and no device nodes', () => {
    const decision = ask('POST', createTarget, jobBody);
    const text = JSON.stringify(decision);
    expect(text).not.toContain('NET_RAW');
    expect(text).not.toContain('MKNOD');
  });

  it('keeps the limits of the pool, whatever the runner asks for', () => {
    const HostConfig = { ...jobBody.HostConfig, Memory: 64 * 1024 * mib, NanoCpus: 99e9, PidsLimit: -1 };
    const decision = ask('POST', createTarget, { ...jobBody, HostConfig });
    expect(decision).toMatchObject({
      allow: { body: { HostConfig: { Memory: 256 * mib, PidsLimit: 4096 } } },
    });
    expect(JSON.stringify(decision)).not.toContain('NanoCpus');
  });

  it('gives the devices of the pool to the job and its services, and not to the helper', () => {
    const grant: Partial<Grant> = {
      gpus: { driver: 'nvidia', ids: ['GPU-1'] },
      devices: ['/dev/dri/renderD128'],
      platform: 'linux/arm64',
    };
    expect(ask('POST', createTarget, jobBody, { grant })).toMatchObject({
      allow: {
        query: { platform: 'linux/arm64' },
        body: {
          HostConfig: {
            DeviceRequests: [{ DeviceIDs: ['GPU-1'], Count: 0, Capabilities: [['gpu']] }],
            Devices: [{ PathOnHost: '/dev/dri/renderD128' }],
          },
        },
      },
    });
    const helper = { ...jobBody, Labels: { 'com.gitlab.gitlab-runner.type': 'predefined' } };
    const text = JSON.stringify(ask('POST', createTarget, helper, { grant }));
    expect(text).not.toMatch(/GPU-1|renderD128|arm64/);
  });

  it('gives graphics cards with their groups and their label to the job alone', () => {
    const grant: Partial<Grant> = {
      ...{ devices: ['/dev/dri/renderD128'], groups: ['109'] },
      gpuLabel: 'amd;exclusive;0000:03:00.0',
    };
    expect(ask('POST', createTarget, jobBody, { grant })).toMatchObject({
      allow: {
        body: {
          HostConfig: { GroupAdd: ['109'], Devices: [{ PathOnHost: '/dev/dri/renderD128' }] },
          Labels: { 'autogit.gpu': 'amd;exclusive;0000:03:00.0' },
        },
      },
    });
    const helper = { ...jobBody, Labels: { 'com.gitlab.gitlab-runner.type': 'predefined' } };
    expect(JSON.stringify(ask('POST', createTarget, helper, { grant }))).not.toMatch(/109|renderD128|amd/);
  });

  it('hides all cards of the machine from a container that was given none by name, whatever the job says', () => {
    const Env = ['CI=true', 'NVIDIA_VISIBLE_DEVICES=all'];
    const envOf = (grant: Partial<Grant>): unknown =>
      JSON.parse(
        JSON.stringify(ask('POST', createTarget, { ...jobBody, Env }, { grant })),
        (key, value: unknown) => (key === 'allow' ? (value as { body: { Env: unknown } }).body.Env : value),
      );
    expect(envOf({})).toEqual({ allow: ['CI=true', 'NVIDIA_VISIBLE_DEVICES=void'] });
    const cdi = { driver: 'cdi' as const, ids: ['nvidia.com/gpu=GPU-1'] };
    expect(envOf({ gpus: cdi })).toEqual({ allow: ['CI=true', 'NVIDIA_VISIBLE_DEVICES=void'] });
    expect(envOf({ gpus: { driver: 'nvidia', ids: ['GPU-1'] } })).toEqual({ allow: ['CI=true'] });
  });

  it('puts a container without a network on none, not on the default one', () => {
    const HostConfig = { ...jobBody.HostConfig, NetworkMode: '' };
    expect(ask('POST', createTarget, { ...jobBody, HostConfig, NetworkingConfig: {} })).toMatchObject({
      allow: { body: { HostConfig: { NetworkMode: 'none' } } },
    });
  });

  const attacks: readonly (readonly [RefusalKey, Readonly<Record<string, Json>>])[] = [
    ['gateway.privileged', { Privileged: true }],
    ['gateway.bind', { Binds: ['/:/host'] }],
    ['gateway.bind', { Binds: ['/var/run/docker.sock:/s:ro'] }],
    ['gateway.bind', { Binds: ['../../etc:/x'] }],
    ['gateway.bind', { Binds: ['runner-other-cache:/builds'] }],
    ['gateway.bind', { Binds: ['runner-new-cache:/builds'] }],
    ['gateway.bind', { Binds: ['runner-own-cache:/builds:shared'] }],
    ['gateway.bind', { Binds: ['C:\\:/x'] }],
    ['gateway.bind', { Binds: 'runner-own-cache:/builds' }],
    ['gateway.bind', { Mounts: [{ Type: 'bind', Source: '/', Target: '/host' }] }],
    ['gateway.bind', { Mounts: [{ Type: 'volume', VolumeOptions: { DriverConfig: {} } }] }],
    ['gateway.bind', { VolumesFrom: ['autogit-sandbox-1'] }],
    ['gateway.bind', { VolumeDriver: 'local' }],
    ['gateway.bind', { Tmpfs: { '/tmp': 'size=64g' } }],
    ['gateway.bind', { StorageOpt: { size: '120G' } }],
    ['gateway.bind', { ShmSize: 1 }],
    ['gateway.namespace', { NetworkMode: 'host' }],
    ['gateway.namespace', { NetworkMode: 'bridge' }],
    ['gateway.namespace', { NetworkMode: 'container:autogit-gateway' }],
    ['gateway.namespace', { NetworkMode: 'autogit-abc123' }],
    ['gateway.namespace', { PidMode: 'host' }],
    ['gateway.namespace', { PidMode: 'container:runner-own-1' }],
    ['gateway.namespace', { IpcMode: 'host' }],
    ['gateway.namespace', { IpcMode: 'shareable' }],
    ['gateway.namespace', { UTSMode: 'host' }],
    ['gateway.namespace', { UsernsMode: 'host' }],
    ['gateway.namespace', { CgroupnsMode: 'host' }],
    ['gateway.namespace', { Links: ['gitlab:gitlab'] }],
    ['gateway.namespace', { PortBindings: { '80/tcp': [{ HostPort: '80' }] } }],
    ['gateway.namespace', { PublishAllPorts: true }],
    ['gateway.namespace', { ExtraHosts: ['host:host-gateway'] }],
    ['gateway.capability', { CapAdd: ['SYS_ADMIN'] }],
    ['gateway.capability', { CapAdd: ['CAP_NET_RAW'] }],
    ['gateway.capability', { CapAdd: ['ALL'] }],
    ['gateway.capability', { CapAdd: ['net_admin'] }],
    ['gateway.device', { Devices: [{ PathOnHost: '/dev/sda', PathInContainer: '/dev/sda' }] }],
    ['gateway.device', { DeviceRequests: [{ Count: -1, Capabilities: [['gpu']] }] }],
    ['gateway.device', { DeviceCgroupRules: ['a *:* rwm'] }],
    ['gateway.security', { CgroupParent: '/' }],
    ['gateway.security', { SecurityOpt: ['seccomp=unconfined'] }],
    ['gateway.security', { Sysctls: { 'kernel.msgmax': '1' } }],
    ['gateway.security', { Runtime: 'runc-evil' }],
    ['gateway.security', { GroupAdd: ['docker'] }],
    ['gateway.security', { MaskedPaths: ['/none'] }],
    ['gateway.security', { Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 1 }] }],
    ['gateway.body', { privileged: true }],
    ['gateway.body', { OomKillDisable: true }],
    ['gateway.body', { RestartPolicy: { Name: 'always' } }],
    ['gateway.body', { LogConfig: { Type: 'syslog', Config: { address: 'tcp://x' } } }],
    ['gateway.body', { AutoRemove: true }],
    ['gateway.body', { SomethingNew: 'x' }],
  ];
  it.each(attacks)('refuses as %s: %j', (key, change) => {
    const HostConfig = { ...jobBody.HostConfig, ...change };
    expect(ask('POST', createTarget, { ...jobBody, HostConfig })).toMatchObject({ refuse: { key } });
  });

  const besides: readonly (readonly [RefusalKey, Readonly<Record<string, Json>>])[] = [
    ['gateway.label', { Labels: { 'autogit.role': 'runner' } }],
    ['gateway.label', { Labels: { 'AutoGit.Sig': 'x' } }],
    ['gateway.body', { hostconfig: { Privileged: true } }],
    ['gateway.body', { Healthcheck: { Test: ['CMD', 'true'] } }],
    ['gateway.bind', { Volumes: { '/': {} } }],
    ['gateway.body', { HostConfig: [{ Privileged: true }] }],
    ['gateway.namespace', { NetworkingConfig: { EndpointsConfig: { host: {} } } }],
    [
      'gateway.namespace',
      {
        NetworkingConfig: {
          EndpointsConfig: { 'runner-own-network': { IPAMConfig: { IPv4Address: '172.17.0.2' } } },
        },
      },
    ],
    [
      'gateway.name',
      { NetworkingConfig: { EndpointsConfig: { 'runner-own-network': { Aliases: ['a b'] } } } },
    ],
  ];
  it.each(besides)('refuses as %s: %j', (key, change) => {
    expect(ask('POST', createTarget, { ...jobBody, ...change })).toMatchObject({ refuse: { key } });
  });

  it('refuses names that are not the runner’s kind', () => {
    for (const name of ['', 'autogit-gateway', 'gitlab', 'runner-a/b', `runner-${'x'.repeat(300)}`]) {
      const target = `/v1.41/containers/create?name=${encodeURIComponent(name)}`;
      expect(ask('POST', target, jobBody)).toMatchObject({ refuse: { key: 'gateway.query' } });
    }
    expect(ask('POST', '/v1.41/containers/create', jobBody)).toMatchObject({
      refuse: { key: 'gateway.name' },
    });
  });
});

describe('addresses', () => {
  it.each([
    '//containers/create',
    '/v1.41//containers/json',
    '/v1.41/../containers/json',
    '/v1.41/containers/./json',
    '/v1.41/containers/%2e%2e/json',
    '/containers%2fjson',
    '/containers/x%00/json',
    '/containers\\json',
    'http://engine/containers/json',
    '*',
    '',
    '/',
    '/v1.41/containers/json/',
  ])('refuses %j', (target) => {
    expect(ask('GET', target)).toMatchObject({ refuse: { key: 'gateway.path' } });
  });

  it.each([
    ['GET', '/v1.41/v1.41/containers/json'],
    ['GET', '/v1.41/Containers/json'],
    ['GET', '/libpod/containers/json'],
    ['GET', '/vX/containers/json'],
    ['POST', '/v1.41/build'],
    ['POST', '/v1.41/commit'],
    ['POST', '/v1.41/images/peer-job:1/push'],
    ['POST', '/v1.41/images/load'],
    ['DELETE', '/v1.41/images/peer-job:1'],
    ['GET', '/v1.41/events'],
    ['GET', '/v1.41/system/df'],
    ['POST', '/v1.41/containers/prune'],
    ['POST', '/v1.41/volumes/prune'],
    ['POST', '/v1.41/swarm/init'],
    ['GET', '/v1.41/plugins'],
    ['POST', '/v1.41/session'],
    ['PUT', '/v1.41/containers/runner-own-1/archive'],
    ['GET', '/v1.41/containers/runner-own-1/archive'],
    ['GET', '/v1.41/containers/runner-own-1/export'],
    ['POST', '/v1.41/containers/runner-own-1/update'],
    ['POST', '/v1.41/containers/runner-own-1/rename'],
    ['POST', '/v1.41/networks/runner-own-1/connect'],
    ['get', '/v1.41/info'],
    ['CONNECT', '/v1.41/info'],
    ['POST', '/v1.41/containers/runner-own-1/attach'],
  ])('does not offer %s %s', (method, target) => {
    expect(ask(method, target)).toMatchObject({ refuse: { key: 'gateway.not-offered' } });
  });

  it('refuses doubled and unknown query names, and values of another kind', () => {
    for (const query of [
      'name=runner-a&name=autogit-b',
      'name=runner-a&x=1',
      'name=runner-a&platform=%2fetc',
    ]) {
      const target = `/v1.41/containers/create?${query}`;
      expect(ask('POST', target, jobBody)).toMatchObject({ refuse: { key: 'gateway.query' } });
    }
  });

  it('upgrades streams of the runner’s own containers only, and nothing else', () => {
    const attach = '/v1.41/containers/runner-own-1/attach?stream=1&stdin=1';
    expect(ask('POST', attach, undefined, { upgrade: true })).toMatchObject({ allow: { upgrade: true } });
    expect(ask('POST', attach.replace('own', 'other'), undefined, { upgrade: true })).toMatchObject({
      refuse: { key: 'gateway.foreign' },
    });
    expect(ask('POST', createTarget, jobBody, { upgrade: true })).toMatchObject({
      refuse: { key: 'gateway.not-offered' },
    });
  });
});

describe('objects', () => {
  it.each([
    ['GET', '/json', ''],
    ['POST', '/start', ''],
    ['POST', '/stop', '?t=5'],
    ['POST', '/kill', '?signal=KILL'],
    ['POST', '/wait', '?condition=not-running'],
    ['GET', '/logs', '?stdout=1&stderr=1&timestamps=1'],
    ['DELETE', '', '?force=1&v=1'],
  ])('%s …%s is for the runner’s own containers, by their full id', (method, rest, query) => {
    const of = (name: string) => ask(method, `/v1.41/containers/${name}${rest}${query}`);
    expect(of('runner-own-1')).toMatchObject({
      allow: { method, path: `/v1.41/containers/id-of-container-runner-own-1${rest}` },
    });
    expect(of('autogit-sandbox-1')).toMatchObject({ refuse: { key: 'gateway.foreign' } });
    expect(of('runner-new-1')).toMatchObject({ absent: 'No such container: runner-new-1' });
  });

  it('lists the runner’s own only, whatever filters are asked for', () => {
    for (const path of ['/containers/json', '/networks', '/volumes']) {
      const filters = encodeURIComponent('{"label":{"a=b":true}}');
      const decision = ask('GET', `/v1.41${path}?filters=${filters}`);
      const query = 'allow' in decision ? decision.allow.query : {};
      expect(JSON.parse(query['filters'] ?? '')).toEqual({
        label: ['a=b', `autogit.runner=${someKnown.runner}`],
      });
    }
    expect(ask('GET', '/networks?filters=[1]')).toMatchObject({ refuse: { key: 'gateway.query' } });
  });

  it('makes commands without privileges, in own containers only', () => {
    const body = { User: '', Privileged: false, AttachStdout: true, Env: null, Cmd: ['sh'] };
    expect(ask('POST', '/v1.41/containers/runner-own-1/exec', body)).toMatchObject({
      allow: { body: { AttachStdout: true, Cmd: ['sh'] } },
    });
    expect(ask('POST', '/containers/runner-own-1/exec', { ...body, Privileged: true })).toMatchObject({
      refuse: { key: 'gateway.privileged' },
    });
    expect(ask('POST', '/containers/gitlab/exec', body)).toMatchObject({
      refuse: { key: 'gateway.foreign' },
    });
    expect(ask('POST', '/exec/runner-other/start', { Detach: false }, { upgrade: true })).toMatchObject({
      refuse: { key: 'gateway.foreign' },
    });
  });

  it('makes plain volumes only: options of the driver would mount any folder', () => {
    const body = { Name: 'runner-new-cache', Labels: { a: 'b' } };
    expect(ask('POST', '/volumes/create', body)).toMatchObject({
      allow: {
        body: { Name: 'runner-new-cache', Driver: 'local', Labels: { a: 'b', 'autogit.role': 'job' } },
      },
    });
    const DriverOpts = { type: 'none', o: 'bind', device: '/' };
    expect(ask('POST', '/volumes/create', { ...body, DriverOpts })).toMatchObject({
      refuse: { key: 'gateway.bind' },
    });
    expect(ask('POST', '/volumes/create', { ...body, Driver: 'nfs' })).toMatchObject({
      refuse: { key: 'gateway.bind' },
    });
    expect(ask('POST', '/volumes/create', { Name: 'runner-other-1' })).toMatchObject({
      refuse: { key: 'gateway.foreign' },
    });
    expect(ask('POST', '/volumes/create', { Name: '../../etc' })).toMatchObject({
      refuse: { key: 'gateway.name' },
    });
  });

  it('makes plain networks, with GitLab on them and nobody else', () => {
    const body = { Name: 'runner-new-net', Driver: '', IPAM: null, Options: {}, Labels: {} };
    expect(ask('POST', '/v1.41/networks/create', body)).toMatchObject({
      allow: {
        body: { Name: 'runner-new-net', Driver: 'bridge', CheckDuplicate: true },
        after: [
          {
            path: '/v1.41/networks/runner-new-net/connect',
            body: { Container: 'autogit-sandbox-1', EndpointConfig: { Aliases: ['gitlab'] } },
          },
        ],
      },
    });
    for (const change of [
      { Driver: 'macvlan' },
      { Options: { parent: 'eth0' } },
      { ConfigFrom: { Network: 'x' } },
    ]) {
      expect(ask('POST', '/networks/create', { ...body, ...change })).toMatchObject({
        refuse: { key: 'gateway.namespace' },
      });
    }
    expect(ask('GET', '/v1.41/networks/runner-own-net')).toMatchObject({
      allow: { method: 'GET', hidden: ['autogit-sandbox-1'] },
    });
    expect(ask('DELETE', '/v1.41/networks/runner-own-net')).toMatchObject({
      allow: { before: [{ body: { Container: 'autogit-sandbox-1', Force: true } }] },
    });
    expect(ask('DELETE', '/v1.41/networks/autogit-abc123')).toMatchObject({
      refuse: { key: 'gateway.foreign' },
    });
    expect(
      ask('POST', '/networks/runner-own-net/disconnect', { Container: 'autogit-gateway' }),
    ).toMatchObject({
      refuse: { key: 'gateway.foreign' },
    });
  });
});
