// Whatever a runner sends: `AUTOGIT_PROPERTY_STEPS=1000000` for a long run.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../main/gateway/fields.ts';
import { referencesOf } from '../../../main/gateway/policy.ts';
import { ask, createTarget, jobBody } from '../../fakes/gateway.ts';

const mib = 1024 ** 2;
const runs = Number(process.env['AUTOGIT_PROPERTY_STEPS'] ?? 3_000);
const names = [
  ...['Privileged', 'privileged', 'PRIVILEGED', 'HostConfig', 'hostConfig', 'Binds', 'Mounts', 'NetworkMode'],
  ...[
    'PidMode',
    'CapAdd',
    'SecurityOpt',
    'Devices',
    'VolumesFrom',
    'CgroupParent',
    '__proto__',
    'constructor',
  ],
  ...['Labels', 'autogit.role', 'NetworkingConfig', 'EndpointsConfig', 'Memory', 'toString', 'Runtime'],
];
const leaf = fc.oneof(
  fc.constantFrom<Json>(
    true,
    false,
    null,
    0,
    1,
    '',
    'host',
    '/:/host',
    'container:x',
    'SYS_ADMIN',
    'ALL',
    '/dev/sda',
  ),
  fc.constantFrom<Json>('runner-own-cache:/builds', 'runner-own-network', 'private', 'seccomp=unconfined'),
  fc.string(),
);
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), tie('tree'), { maxKeys: 4 }),
  ),
}));

describe('whatever comes', () => {
  it('no container is created with more than the pool grants', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), tree, { maxKeys: 5 }),
        fc.dictionary(fc.constantFrom(...names), tree, { maxKeys: 3 }),
        (host, config) => {
          const body: Json = { ...jobBody, ...config, HostConfig: { ...jobBody.HostConfig, ...host } };
          const decision = ask('POST', createTarget, body);
          if (!('allow' in decision)) return;
          const made = decision.allow.body as {
            HostConfig: Record<string, unknown>;
            Labels: Record<string, string>;
          };
          const { HostConfig, Labels } = made;
          const allowed = [
            ...[
              'Binds',
              'ExtraHosts',
              'Init',
              'ReadonlyRootfs',
              'CapDrop',
              'CapAdd',
              'CpuPeriod',
              'CpuQuota',
            ],
            ...['Memory', 'MemorySwap', 'PidsLimit', 'LogConfig', 'NetworkMode', 'RestartPolicy'],
          ];
          expect(Object.keys(HostConfig).filter((name) => !allowed.includes(name))).toEqual([]);
          expect(['none', 'runner-own-network']).toContain(HostConfig['NetworkMode']);
          expect(HostConfig['CapDrop']).toEqual(['ALL']);
          expect(HostConfig['CapAdd']).not.toContain('SYS_ADMIN');
          expect(HostConfig['Memory']).toBe(256 * mib);
          for (const bind of (HostConfig['Binds'] ?? []) as string[])
            expect(bind).toMatch(/^runner-own[^/]*:/);
          expect(Labels['autogit.role']).toBe('job');
        },
      ),
      { numRuns: runs },
    );
  });

  it('every request has an answer, and foreign objects are never named in one that is allowed', () => {
    const segment = fc.constantFrom(
      ...[
        'containers',
        'networks',
        'volumes',
        'exec',
        'images',
        'create',
        'json',
        'start',
        'attach',
        'v1.41',
        '..',
      ],
      ...['runner-own-1', 'runner-other-1', 'autogit-gateway', '%2e%2e', '', 'prune', 'build', 'disconnect'],
    );
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'HEAD'),
        fc.array(segment, { maxLength: 5 }),
        fc.option(tree, { nil: undefined }),
        fc.boolean(),
        (method, segments, body, upgrade) => {
          const request = { method, target: `/${segments.join('/')}`, upgrade, body };
          referencesOf(request);
          const decision = ask(method, request.target, body, { upgrade });
          if (!('allow' in decision)) return;
          const { path, before, after } = decision.allow;
          expect(path).not.toMatch(/\.\.|%|\/\//);
          // Any image may be described, whatever its name.
          const isImage = method === 'GET' && /^(?:\/v1\.41)?\/images\/.+\/json$/.test(path);
          if (!isImage) expect(path).not.toMatch(/runner-other|autogit-gateway|prune|build/);
          for (const call of [...before, ...after]) expect(call.path).toMatch(/\/networks\//);
        },
      ),
      { numRuns: runs },
    );
  });
});
