import { describe, expect, it } from 'vitest';
import { runnerSpecHash, runnersLeft, sameTags } from '../../../main/plan/plan-runners.ts';
import {
  address,
  fresh,
  runnerImage,
  someContainer,
  someNode,
  someObserved,
  somePool,
  someRecord,
  someView,
  stale,
} from '../../fakes/world.ts';

describe('what runners are compared by', () => {
  const hash = runnerSpecHash(somePool(), runnerImage, address);

  it.each([
    ['idleTime', somePool({ idleTime: 7 }), runnerImage, address],
    ['cpus', somePool({ cpus: 2 }), runnerImage, address],
    ['memory', somePool({ memoryMiB: 512 }), runnerImage, address],
    ['image', somePool(), 'runner:2', address],
    ['address', somePool(), runnerImage, { ...address, runnerUrl: 'http://new.test' }],
    ['network', somePool(), runnerImage, { ...address, network: 'autogit-lab_inner' }],
    ['root to trust', somePool(), runnerImage, { ...address, ca: 'PEM' }],
    ['root for jobs', somePool(), runnerImage, { ...address, trustInJobs: true }],
  ])('another %s is another runner', (_, pool, image, where) => {
    expect(runnerSpecHash(pool, image, where)).not.toBe(hash);
  });

  it.each([
    ['the name', somePool({ name: 'other' }), address],
    ['tags, which GitLab keeps', somePool({ tags: ['x'], runUntagged: false }), address],
    ['the total', somePool({ max: 9 }), address],
    ['our own way to GitLab', somePool(), { ...address, url: 'http://127.0.0.1:1', connect: 'a:1' }],
    [
      'no network and no root, as before',
      somePool(),
      { ...address, network: null, ca: null, trustInJobs: false },
    ],
  ])('%s makes no difference', (_, pool, where) => {
    expect(runnerSpecHash(pool, runnerImage, where)).toBe(hash);
  });

  it('tags are equal in any order', () => {
    expect(sameTags(['a', 'b'], ['b', 'a'])).toBe(true);
    expect(sameTags(['a'], ['a', 'b'])).toBe(false);
    expect(sameTags(['a', 'b'], ['a'])).toBe(false);
  });

  it('something is left while there is a record or a runner container', () => {
    expect(runnersLeft(someObserved())).toBe(false);
    expect(runnersLeft(someObserved({ records: [someRecord()] }))).toBe(true);
    expect(runnersLeft(someObserved({ view: { containers: [someContainer()] } }))).toBe(true);
    expect(runnersLeft(someObserved({ view: { containers: [someContainer({ role: 'sandbox' })] } }))).toBe(
      false,
    );
    const nodes = [someNode(stale(someView({ containers: [someContainer()] })))];
    expect(runnersLeft(someObserved({ nodes }))).toBe(true);
    const two = [someNode(fresh(someView()), 'node-0'), ...nodes];
    expect(runnersLeft(someObserved({ nodes: two }))).toBe(true);
  });
});
