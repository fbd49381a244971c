// How runners and jobs find a GitLab that is a container on their engine.
import { describe, expect, it } from 'vitest';
import { namesOf, reachOf } from '../../../main/apply/reach.ts';
import { startRunner } from '../../../main/apply/start-runner.ts';
import { grantSchema } from '../../../main/model/grant.ts';
import { label } from '../../../main/model/labels.ts';
import type { Action, GitlabAddress } from '../../../main/model/world.ts';
import type { ContainerFile, ContainerSpec } from '../../../main/ports.ts';
import { applyBench, memorySecrets } from '../../fakes/fake-context.ts';
import type { Bench } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import { FakeGitlab } from '../../fakes/fake-gitlab.ts';
import { runnerImage, somePool, specOf } from '../../fakes/world.ts';

const inner = 'autogit-lab_inner';
const names = ['gitlab.lab.home.arpa', 'registry.lab.home.arpa'];
const address: GitlabAddress = {
  ...{ url: 'https://gitlab.lab.home.arpa:8443', runnerUrl: 'https://gitlab.lab.home.arpa:8443' },
  ...{ network: inner, ca: 'PEM of the root', connect: '127.0.0.1:8443' },
};
const node = 'node-1';

function specFor(name: string, aliases: readonly string[]): ContainerSpec {
  return {
    ...{ name, image: 'traefik:1', entrypoint: [], command: [], env: {}, labels: {}, network: inner },
    ...{ aliases, publish: [], volumes: {}, cpus: null, memoryMiB: null, stopSignal: 'SIGTERM' },
    capabilities: [],
  };
}

/** An engine with a stack: GitLab itself, and the proxy that has its public name. */
async function open(
  started: (spec: ContainerSpec, files: readonly ContainerFile[]) => void = () => undefined,
) {
  const engine = new FakeEngine({
    images: ['traefik:1', runnerImage],
    onStart: ({ spec, files }) => started(spec, files),
  });
  await engine.createNetwork(inner, {});
  for (const spec of [
    specFor('autogit-lab-gitlab-1', ['gitlab', 'f00']),
    specFor('autogit-lab-traefik-1', ['traefik', ...names]),
  ])
    await engine.startContainer(await engine.createContainer(spec));
  const secrets = memorySecrets({ 'entry.default': 'glrt-x' });
  return applyBench({ engine, gitlab: new FakeGitlab(), secrets });
}

describe('on the network of a stack', () => {
  it('jobs are connected with the container that has the public name, under all its public names', async () => {
    const reach = await reachOf({ node, address }, await open());
    expect(reach).toEqual(names.map((alias) => ({ container: 'autogit-lab-traefik-1', alias })));
  });

  it('runners know the same names', async () => {
    const known = Object.fromEntries(names.map((name) => [name, 'autogit-lab-traefik-1']));
    expect(await namesOf({ node, address }, await open())).toEqual(known);
  });

  it('a name that nobody has is said before a runner is made', async () => {
    const other = { ...address, runnerUrl: 'https://gitlab.other.home.arpa' };
    const bench = await open();
    await expect(reachOf({ node, address: other }, bench)).rejects.toMatchObject({
      key: 'runner.stack-name-missing',
    });
    expect(await namesOf({ node, address: other }, bench)).toEqual({});
  });
});

describe('without a stack', () => {
  const plain = { url: 'http://gitlab.test', runnerUrl: 'http://gitlab.test' };

  it('jobs are connected with the sandbox where it is on their node, and with nobody elsewhere', async () => {
    const bench: Bench = await open();
    expect(await reachOf({ node, address: plain }, bench)).toEqual([]);
    bench.store.setSandboxNode(node);
    const container = `autogit-sandbox-${bench.instance.slice(0, 8)}`;
    expect(await reachOf({ node, address: plain }, bench)).toEqual([{ container, alias: 'gitlab' }]);
    expect(await namesOf({ node, address: plain }, bench)).toEqual({ gitlab: container });
    expect(await namesOf({ node: 'node-2', address: plain }, bench)).toEqual({});
  });
});

describe('a runner of a stack', () => {
  const start = async (executor: 'container' | 'image') => {
    const seen: { spec: ContainerSpec; files: readonly ContainerFile[] }[] = [];
    const bench = await open((spec, files) => void seen.push({ spec, files }));
    const action: Extract<Action, { kind: 'start-runner' }> = {
      ...{ kind: 'start-runner', key: 'start-runner:default:0', target: 'slot default/0', reason: '' },
      ...{ node, pool: somePool({ executor }), slot: 0, image: runnerImage, network: inner },
      ...{ specHash: specOf(), address, gpu: null },
    };
    await startRunner.apply(action, bench);
    const made = seen.at(-1);
    if (made === undefined) throw new Error('no runner was made');
    return made;
  };

  it.each(['container', 'image'] as const)('trusts the root: executor %s', async (executor) => {
    const { files, spec } = await start(executor);
    const config = files.find(({ path }) => path.endsWith('config.toml'))?.content ?? '';
    const ca = /^tls-ca-file = "(.*)"$/m.exec(config)?.[1];
    expect(files.find(({ path }) => path === ca)).toMatchObject({ content: 'PEM of the root', mode: 0o644 });
    expect(config).toContain('url = "https://gitlab.lab.home.arpa:8443"');
    expect(spec.network).toBe(inner);
  });

  it('tells the gateway what its jobs are connected with', async () => {
    const { spec } = await start('image');
    const grant = grantSchema.parse(JSON.parse(spec.labels[label.grant] ?? ''));
    expect(grant.reach.map(({ alias }) => alias)).toEqual(names);
  });
});
