// What is ours although the gateway has made it, and what only says so.
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { gatewayKeyText } from '../../../main/model/grant.ts';
import { label, signLabels } from '../../../main/model/labels.ts';
import { cacheVolumes, isOfGateway, jobObjects } from '../../../main/observe/job-objects.ts';
import { listObjects } from '../../../main/observe/watch-engine.ts';
import { memorySecrets } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';

const secrets = memorySecrets();
const home = 'home-1';
const asGateway = (text: string): string =>
  createHmac('sha256', secrets.sign(gatewayKeyText)).update(text).digest('hex');

function object(name: string, more: Readonly<Record<string, string>>, sign = asGateway) {
  const own = { [label.managed]: 'true', [label.instance]: home, ...more };
  return { name, labels: signLabels(name, own, sign) };
}
const job = object('runner-net', { [label.role]: 'job', [label.runner]: 'autogit-runner-a-1' });
const cache = { [label.role]: 'cache', [label.pool]: 'a', [label.project]: '7' };

describe('objects that the gateway has made', () => {
  it('are known by its signature, under their own name and in this home alone', () => {
    expect(isOfGateway(job, home, secrets)).toBe(true);
    expect(isOfGateway({ ...job, name: 'runner-other' }, home, secrets)).toBe(false);
    expect(isOfGateway(job, 'home-2', secrets)).toBe(false);
    expect(
      isOfGateway(
        object('runner-net', {}, () => 'forged'),
        home,
        secrets,
      ),
    ).toBe(false);
  });

  it('belong to the runner that their label names', () => {
    const noRunner = object('runner-x', { [label.role]: 'job' });
    expect(jobObjects([job, noRunner, object('c', cache)], home, secrets)).toEqual([
      { name: 'runner-net', runner: 'autogit-runner-a-1' },
    ]);
  });

  it('are caches whoever of the two has signed them', () => {
    const dated = { ...object('one', cache), createdAt: 5 };
    const own = object('two', cache, (text) => secrets.sign(text));
    expect(cacheVolumes([dated, own, job, object('x', cache, () => 'forged')], home, secrets)).toEqual([
      { name: 'one', pool: 'a', createdAt: 5 },
      { name: 'two', pool: 'a', createdAt: 0 },
    ]);
  });

  it('are listed among all that is on the engine, and forged ones are not', async () => {
    const engine = new FakeEngine();
    await engine.createNetwork(job.name, job.labels);
    const kept = object('kept', cache);
    await engine.createVolume(kept.name, kept.labels);
    await engine.createVolume('forged', kept.labels);
    expect(await listObjects(engine, home, secrets)).toEqual({
      ...{ containers: [], networks: ['runner-net'], volumes: ['kept'] },
    });
  });
});
