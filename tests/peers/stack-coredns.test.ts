// The real CoreDNS with the rendered Corefile: the lab's names, nothing where there is nothing, others asked for the rest.
import { Resolver } from 'node:dns/promises';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { renderStack } from '../../main/templates/render-stack.ts';
import { bundledTemplates, someAnswers, someFacts } from '../fakes/stack-templates.ts';
import { freePorts, startPeer } from './peer-process.ts';
import type { PeerProcess } from './peer-process.ts';
import { describeWithPeer, findCoredns } from './peers.ts';
import { startSmallNameServer } from './small-name-server.ts';
import type { SmallNameServer } from './small-name-server.ts';
import { contentOf } from './stack-matrix.ts';

const coredns = await findCoredns();

/** Stands in the rendered file for the name server of the test. */
const upstream = '192.0.2.53';

interface Running {
  readonly resolver: Resolver;
  readonly process: PeerProcess;
}

describeWithPeer('CoreDNS', coredns, (program) => {
  let folder: string;
  let others: SmallNameServer;
  let running: Running | null = null;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autogit-coredns-'));
    others = await startSmallNameServer('203.0.113.7');
  });
  afterEach(async () => {
    await running?.process.stop();
    running = null;
  });
  afterAll(async () => {
    await others.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts it on free ports; `change` is the test's own change of the Corefile. */
  async function start(
    answers: Readonly<Record<string, unknown>> = {},
    change = (text: string): string => text,
  ): Promise<Running> {
    const rendering = renderStack({
      answers: someAnswers({ dns: { mode: 'coredns', upstream: [upstream] }, ...answers }),
      templates: bundledTemplates(),
      facts: someFacts(),
    });
    if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems));
    const [port = 0, health = 0, ready = 0] = await freePorts(3);
    const places = contentOf(rendering.stack, 'coredns/Corefile')
      .replaceAll(':1053 {', `:${port} {`)
      .replace(':8080', `127.0.0.1:${health}`)
      .replace(':8181', `127.0.0.1:${ready}`)
      .replace(upstream, `127.0.0.1:${others.port}`);
    const corefile = join(folder, 'Corefile');
    await writeFile(corefile, change(places));
    const process = startPeer(program(), ['-conf', corefile], { cwd: folder });
    running = { process, resolver: new Resolver({ timeout: 2_000, tries: 1 }) };
    running.resolver.setServers([`127.0.0.1:${port}`]);
    await vi.waitFor(
      async () => expect((await fetch(`http://127.0.0.1:${ready}/ready`)).status, process.output()).toBe(200),
      { timeout: 20_000, interval: 50 },
    );
    return running;
  }

  describe('for the lab', () => {
    it('leads the domain and every name below it, at any depth, to the machine', async () => {
      const { resolver, process } = await start();
      for (const name of ['gitlab', 'auth', 'anything', 'deep.below.it', 'GitLab'])
        expect(await resolver.resolve4(`${name}.lab.home.arpa`, { ttl: true })).toEqual([
          { address: '192.168.1.10', ttl: 60 },
        ]);
      expect(await resolver.resolve4('lab.home.arpa')).toEqual(['192.168.1.10']);
      expect(process.output()).not.toMatch(/\[(?:ERROR|WARNING|FATAL)\]/);
    });

    it('says of IPv6 and other types that there is no such record, not that there is no such name', async () => {
      const { resolver } = await start();
      await expect(resolver.resolve6('gitlab.lab.home.arpa')).rejects.toMatchObject({ code: 'ENODATA' });
      await expect(resolver.resolveMx('gitlab.lab.home.arpa')).rejects.toMatchObject({ code: 'ENODATA' });
      await expect(resolver.resolveTxt('lab.home.arpa')).rejects.toMatchObject({ code: 'ENODATA' });
      await expect(resolver.resolveSoa('gitlab.lab.home.arpa')).rejects.toMatchObject({ code: 'ENODATA' });
      expect(others.asked.filter((name) => name.endsWith('lab.home.arpa'))).toEqual([]);
    });

    it('leads to whatever address the machine has, that of IPv6, too, where there is one', async () => {
      const address = '10.20.30.40';
      const { resolver } = await start({
        ...{ address, address6: '2001:db8::10', templates: { coredns: { ttl: 300 } } },
      });
      expect(await resolver.resolve6('gitlab.lab.home.arpa', { ttl: true })).toEqual([
        { address: '2001:db8::10', ttl: 300 },
      ]);
      for (const name of ['gitlab.lab.home.arpa', 'lab.home.arpa', 'ns.lab.home.arpa'])
        expect(await resolver.resolve4(name, { ttl: true })).toEqual([{ address, ttl: 300 }]);
    });

    it('names who answers for the domain', async () => {
      const { resolver } = await start();
      expect(await resolver.resolveSoa('lab.home.arpa')).toMatchObject({
        nsname: 'ns.lab.home.arpa',
        hostmaster: 'hostmaster.lab.home.arpa',
        minttl: 60,
      });
      expect(await resolver.resolveNs('lab.home.arpa')).toEqual(['ns.lab.home.arpa']);
      expect(await resolver.resolve4('ns.lab.home.arpa')).toEqual(['192.168.1.10']);
    });
  });

  it('asks others for other names, and keeps what they said', async () => {
    const { resolver } = await start();
    expect(await resolver.resolve4('example.org')).toEqual(['203.0.113.7']);
    expect(await resolver.resolve4('example.org')).toEqual(['203.0.113.7']);
    expect(await resolver.resolve4('home.arpa')).toEqual(['203.0.113.7']);
    expect(others.asked.filter((name) => name === 'example.org')).toHaveLength(1);
  });

  it('refuses everybody who is not in a private network', async () => {
    // The test can only come from this machine, so this machine is taken off the list.
    const { resolver } = await start({}, (text) => text.replaceAll(' 127.0.0.0/8', ''));
    for (const name of ['gitlab.lab.home.arpa', 'example.net'])
      await expect(resolver.resolve4(name)).rejects.toMatchObject({ code: 'EREFUSED' });
    expect(others.asked).not.toContain('example.net');
  });

  it('writes down who asked for what only where a person wants that', async () => {
    const quiet = await start();
    await quiet.resolver.resolve4('quiet.lab.home.arpa');
    expect(quiet.process.output()).not.toContain('quiet.lab.home.arpa');
    await quiet.process.stop();
    const telling = await start({ templates: { coredns: { logQueries: true } } });
    await telling.resolver.resolve4('telling.lab.home.arpa');
    await vi.waitFor(() => expect(telling.process.output()).toContain('telling.lab.home.arpa'));
  });
});
