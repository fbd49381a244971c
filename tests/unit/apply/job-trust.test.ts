// What a runner gives its jobs of the root that it trusts itself.
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { trustGrant } from '../../../main/apply/job-trust.ts';
import { startRunner } from '../../../main/apply/start-runner.ts';
import { grantSchema } from '../../../main/model/grant.ts';
import { trustEnvironment, trustFolder } from '../../../main/model/job-trust.ts';
import { label } from '../../../main/model/labels.ts';
import type { Pool } from '../../../main/model/pool.ts';
import type { GitlabAddress } from '../../../main/model/world.ts';
import { applyBench } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import { FakeGitlab } from '../../fakes/fake-gitlab.ts';
import { address, network, runnerImage, somePool, specOf } from '../../fakes/world.ts';

const ca = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const name = 'autogit-runner-default-00000001';

/** The files of a runner's container, and its grant. */
async function started(pool: Partial<Pool>, way: Partial<GitlabAddress>) {
  const engine = new FakeEngine({ images: [runnerImage] });
  await engine.createNetwork(network, {});
  const action = {
    ...({ kind: 'start-runner', key: 'k', target: 't', reason: 'r', node: 'node-1', slot: 0 } as const),
    ...{ image: runnerImage, network, specHash: specOf(), gpu: null },
    ...{ pool: somePool(pool), address: { ...address, ...way } },
  };
  await startRunner.apply(action, applyBench({ engine, gitlab: new FakeGitlab() }));
  const files = engine.filesOf(name);
  const [container] = await engine.listContainers({});
  const text = container?.labels[label.grant] ?? '';
  return {
    roots: files.filter(({ path }) => path.startsWith(trustFolder)),
    config: files.find(({ path }) => path.endsWith('config.toml'))?.content ?? '',
    grant: text === '' ? null : grantSchema.parse(JSON.parse(text)),
  };
}

describe('executor container', () => {
  it('has the roots in the runner’s own container, and its jobs know where', async () => {
    const { roots, config } = await started({}, { ca, trustInJobs: true });
    expect(roots.map(({ content }) => content.includes(ca))).toEqual([true, true, false]);
    for (const [variable, path] of Object.entries(trustEnvironment))
      expect(config).toContain(`"${variable}=${path}"`);
  });

  it('goes by the pool’s own variable first', async () => {
    const { config } = await started({ env: { SSL_CERT_FILE: '/company.pem' } }, { ca, trustInJobs: true });
    expect(config).toContain('"SSL_CERT_FILE=/company.pem"');
    expect(config).not.toContain(`SSL_CERT_FILE=${trustFolder}`);
  });

  it('has nothing of it where jobs are not to trust the root; the runner itself does', async () => {
    const { roots, config } = await started({}, { ca, trustInJobs: false });
    expect(roots).toEqual([]);
    expect(config).not.toContain('SSL_CERT_FILE');
    expect(config).toContain('tls-ca-file');
  });
});

describe('executor image', () => {
  it('tells the gateway, and leaves the runner’s container alone', async () => {
    const { roots, grant, config } = await started(
      { executor: 'image', env: { CURL_CA_BUNDLE: '/company.pem' } },
      { ca, trustInJobs: true },
    );
    expect(grant?.trust).toBe(ca);
    expect(grant?.env).toEqual({ ...trustEnvironment, CURL_CA_BUNDLE: '/company.pem' });
    expect(roots).toEqual([]);
    expect(config).not.toContain('SSL_CERT_FILE');
  });

  it('tells it nothing where jobs are not to trust the root', async () => {
    const { grant } = await started({ executor: 'image' }, { ca, trustInJobs: false });
    expect(grant).toMatchObject({ trust: null, env: {} });
  });
});

it('public roots are nothing to be told of, even where a whole system’s are named', () => {
  expect(trustGrant({ ca: rootCertificates.join('\n'), trustInJobs: true }, {})).toEqual({});
  expect(trustGrant({ ca: `${rootCertificates.join('\n')}\n${ca}`, trustInJobs: true }, {}).trust).toBe(ca);
});
