// Which engines a home has used, and where its sandbox is.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../../../main/adapters/store/open-store.ts';

it('nodes and the place of the sandbox are known at the next start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-nodes-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const open = () => openStore(join(folder, 'state.db'), { now: () => 0 });
  const store = open();
  expect([store.nodes(), store.sandboxNode()]).toEqual([[], null]);
  const [one, two] = [store.nodeId('unix:///one.sock'), store.nodeId('tcp://two:2375')];
  expect(store.nodeId('unix:///one.sock')).toBe(one);
  store.setSandboxNode(one);
  store.setSandboxNode(two);
  store.close();
  const again = open();
  expect(again.nodes()).toEqual([
    { id: one, host: 'unix:///one.sock' },
    { id: two, host: 'tcp://two:2375' },
  ]);
  expect(again.sandboxNode()).toBe(two);
  again.setSandboxNode(null);
  expect(again.sandboxNode()).toBeNull();
  again.close();
});
