import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { removeGateway, startGateway } from '../../../main/apply/gateway.ts';
import { startRunner } from '../../../main/apply/start-runner.ts';
import { grantSchema, tokenText } from '../../../main/model/grant.ts';
import { label } from '../../../main/model/labels.ts';
import type { Action } from '../../../main/model/world.ts';
import type { ContainerFile, ContainerSpec } from '../../../main/ports.ts';
import { applyBench } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import { FakeGitlab } from '../../fakes/fake-gitlab.ts';
import { address, network, someContainer, somePool } from '../../fakes/world.ts';

const image = 'autogit-sandbox:new';

/** An engine that remembers what containers were made of. */
class NotingEngine extends FakeEngine {
  readonly specs: ContainerSpec[] = [];
  readonly files: ContainerFile[] = [];
  override createContainer(spec: ContainerSpec): Promise<string> {
    this.specs.push(spec);
    return super.createContainer(spec);
  }
  override putFiles(id: string, files: readonly ContainerFile[]): Promise<void> {
    this.files.push(...files);
    return super.putFiles(id, files);
  }
}

async function open() {
  const engine = new NotingEngine({ images: [image] });
  await engine.createNetwork(network, {});
  return { engine, bench: applyBench({ engine, gitlab: new FakeGitlab() }) };
}

const start: Extract<Action, { kind: 'start-gateway' }> = {
  ...{
    kind: 'start-gateway',
    key: 'k',
    target: 't',
    reason: 'r',
    node: 'node-1',
    image,
    network,
    specHash: 'h',
  },
};

describe('the gateway', () => {
  it('has the engine’s socket, no capability, and its key in a file alone', async () => {
    const { engine, bench } = await open();
    await startGateway.apply(start, bench);
    const [spec] = engine.specs;
    expect(spec).toMatchObject({ engineSocket: '/run/engine.sock', capabilities: [], publish: [8080] });
    const [file] = engine.files;
    expect(file?.mode).toBe(0o600);
    const { key } = JSON.parse(file?.content ?? '') as { key: string };
    expect(JSON.stringify(spec)).not.toContain(key);
    const [container] = await engine.listContainers({});
    expect(container).toMatchObject({ state: 'running', labels: { [label.role]: 'gateway' } });
    const remove = { kind: 'remove-gateway', key: 'k', target: 't', reason: 'r', node: 'node-1' } as const;
    await removeGateway.apply({ ...remove, container: someContainer({ id: container?.id ?? '' }) }, bench);
    expect(await engine.listContainers({})).toEqual([]);
  });

  it('knows the runners of executor image by a token over name and grant', async () => {
    const { engine, bench } = await open();
    await startGateway.apply(start, bench);
    const { key } = JSON.parse(engine.files[0]?.content ?? '') as { key: string };
    const pool = somePool({ executor: 'image', image: 'node:24', cpus: 2, memoryMiB: 512 });
    await bench.secrets.set(`entry.${pool.name}`, 'glrt-1');
    await startRunner.apply(
      {
        ...{ kind: 'start-runner', key: 'k', target: 't', reason: 'r', node: 'node-1', slot: 0 },
        ...{ pool, image, network, specHash: 'h', address, gpu: null },
      },
      bench,
    );
    const runner = engine.specs.at(-1);
    const grant = runner?.labels[label.grant] ?? '';
    expect(grantSchema.parse(JSON.parse(grant))).toMatchObject({ cpus: 2, memoryMiB: 512, gpus: null });
    const token = createHmac('sha256', key)
      .update(tokenText(runner?.name ?? '', grant))
      .digest('hex');
    const config = engine.files.find(({ path }) => path.endsWith('config.toml'));
    expect(config?.mode).toBe(0o600);
    expect(config?.content).toContain(`host = "tcp://autogit-gateway:2375/${runner?.name ?? ''}/${token}"`);
    expect(config?.content).toContain('FF_NETWORK_PER_BUILD = true');
    expect(config?.content).toContain('image = "node:24"');
    expect(JSON.stringify(runner)).not.toContain(token);
  });

  it('is nothing to runners of executor container', async () => {
    const { engine, bench } = await open();
    const pool = somePool();
    await bench.secrets.set(`entry.${pool.name}`, 'glrt-1');
    await startRunner.apply(
      {
        ...{ kind: 'start-runner', key: 'k', target: 't', reason: 'r', node: 'node-1', slot: 0 },
        ...{ pool, image, network, specHash: 'h', address, gpu: null },
      },
      bench,
    );
    expect(engine.specs[0]?.labels).toHaveProperty([label.grant], '');
    expect(JSON.stringify(engine.files)).not.toContain('tcp://');
  });
});
