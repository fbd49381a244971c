// The doctor of stacks on a whole core with fakes: facts, what is found, what is mended, and the daily look.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fixBy } from '../../../../main/checks/stack/check.ts';
import { fixFindings, runDoctor } from '../../../../main/coordinator/machine-requests.ts';
import { applyFixes } from '../../../../main/coordinator/stack/doctor-fix.ts';
import type { PlannedFix } from '../../../../main/coordinator/stack/doctor-fix.ts';
import { findingsBeforeUp, takenPorts } from '../../../../main/coordinator/stack/doctor-stack.ts';
import type { StackLookParts } from '../../../../main/coordinator/stack/look-parts.ts';
import { runsHealthChecks, stackFacts } from '../../../../main/coordinator/stack/stack-facts.ts';
import { createDoctorWatch, dailyMs, roundMs } from '../../../../main/coordinator/stack/doctor-watch.ts';
import type { RequestContext } from '../../../../main/coordinator/requests.ts';
import { AutoGitError } from '../../../../main/errors.ts';
import type { FixDeed } from '../../../../main/model/issue.ts';
import type { RenderedStack, StackPresent } from '../../../../main/model/stack/stack.ts';
import { closeLab, createWorld, openLab } from '../../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../../fakes/fake-lab.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import type { FakeEngine } from '../../../fakes/fake-engine.ts';
import { FakeStackFolder } from '../../../fakes/fake-stack-folder.ts';
import { FakeStackJournal } from '../../../fakes/fake-stack-journal.ts';
import { FakeResolver } from '../../../fakes/fake-stack-names.ts';
import { recordedLog } from '../../../fakes/fake-context.ts';
import type { FakeMachine } from '../../../fakes/hardware.ts';
import { appliedOf, nothingPresent, someContainer, someStack } from '../../../fakes/some-stack.ts';
import { someDoor } from '../../../fakes/stack-subject.ts';
import {
  bundledTemplates,
  someAnswers as stackAnswers,
  someFacts as templateFacts,
} from '../../../fakes/stack-templates.ts';
import { renderStack } from '../../../../main/templates/render-stack.ts';

const stack = {
  ...someStack,
  answers: { ...someStack.answers, address: '192.0.2.2' },
  names: someStack.names.map((name) => ({ ...name, addresses: ['192.0.2.2'] })),
};
const route = 'Iface\tDestination\tGateway \tFlags\n';
const machine: FakeMachine = {
  files: {
    '/proc/net/route': `${route}eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n`,
    '/proc/net/fib_trie': '           |-- 192.0.2.2\n              /32 host LOCAL\n',
    '/proc/self/mountinfo': '22 1 8:2 / / rw - ext4 /dev/sda2 rw\n',
    '/etc/resolv.conf': 'nameserver 192.0.2.1\n',
  },
  disks: { '/': { free: 5e11, total: 1e12 } },
};

interface Bench {
  readonly world: World;
  readonly engine: FakeEngine;
  readonly context: RequestContext;
  readonly folder: FakeStackFolder;
  readonly journal: FakeStackJournal;
  readonly deeds: string[];
  present: StackPresent;
}

const open: [World, OpenLab][] = [];
afterEach(async () => {
  for (const [world, lab] of open.splice(0)) {
    await closeLab(world, lab);
    world.store.close();
  }
});

async function start(change: FakeMachine = {}): Promise<Bench> {
  const world = createWorld();
  const engine = world.makeEngine({ host: 'unix:///var/run/docker.sock' });
  const lab = await openLab(world, { engine, machine: { ...machine, ...change } });
  open.push([world, lab]);
  const folder = new FakeStackFolder();
  for (const path of ['/srv/lab', '/srv/lab/gitlab']) folder.looks.set(path, { exists: true, empty: false });
  const journal = new FakeStackJournal();
  journal.setCurrent(stack.answers);
  const resolver = new FakeResolver();
  resolver.answers.set('gitlab.lab.home.arpa A', ['192.0.2.2']);
  const deeds: string[] = [];
  const stackLook: StackLookParts = {
    ...{ journal, folder, resolver, compose: { version: async () => '2.40.3' } },
    lookAtDoor: async (url) => ({ ...someDoor, url, certificate: null }),
    present: async () => (journal.current() === null ? null : { stack, present: bench.present }),
    presentOf: async () => bench.present,
    restart: async (services) => void deeds.push(`restart ${services.join(' ')}`),
    up: async (services) => void deeds.push(`up ${services.join(' ')}`),
  };
  const context: RequestContext = { ...lab.lab.requests('cli'), stackLook };
  const bench: Bench = { world, engine, context, folder, journal, deeds, present: appliedOf(stack) };
  return bench;
}

/** A stack of the templates that AutoGit brings, on a machine that reaches these networks. */
function bundled(
  subnets: readonly string[] = [],
  kept: Readonly<Record<string, string>> = {},
): RenderedStack {
  const rendering = renderStack({
    ...{ answers: stackAnswers(), templates: bundledTemplates(), facts: templateFacts({ subnets, kept }) },
  });
  if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems));
  return rendering.stack;
}

function networksOf({ files, networks }: RenderedStack) {
  const text = files.find(({ path }) => path === 'compose.yaml')?.content ?? '';
  return { text, subnets: Object.fromEntries(networks.map(({ name, subnet }) => [name, subnet])) };
}

/** A compose.yaml with a service that has this folder. */
const composeWith = (source: string): RenderedStack['files'][number] => ({
  ...{ path: 'compose.yaml', mode: 0o644, template: 'stack' },
  content: `services:\n  gitlab:\n    volumes:\n      - { source: ${source} }\n`,
});

async function addContainer(engine: FakeEngine, name: string, project: string, run = true): Promise<string> {
  const id = await engine.createContainer({
    ...{ name, image: 'gitlab/gitlab-runner:alpine-v19.4.0', entrypoint: [], command: ['x'], env: {} },
    ...{
      labels: { 'com.docker.compose.project': project, 'autogit.stack.hash': 'h' },
      network: 'none',
      aliases: [],
    },
    ...{ publish: [], volumes: {}, cpus: null, memoryMiB: null, stopSignal: 'SIGTERM', capabilities: [] },
  });
  if (run) await engine.startContainer(id);
  return id;
}

describe('facts', () => {
  it('are of the machine and of the engine in use, and own networks are no collision', async () => {
    const { context, engine } = await start();
    await engine.createNetwork('autogit-lab_edge', { 'com.docker.compose.project': 'autogit-lab' });
    await engine.createNetwork('other', {});
    const networks = await engine.listNetworks({});
    const subnetOf = (name: string) => networks.find((one) => one.name === name)?.subnets?.[0] ?? '';
    const facts = await stackFacts(context);
    expect(facts).toMatchObject({
      ...{ address: '192.0.2.2', resolvers: ['192.0.2.1'], compose: { version: '2.40.3' }, uid: 1000 },
      engine: { kind: 'docker', rootless: false },
      kept: { 'autogit-lab_edge': subnetOf('autogit-lab_edge') },
      standing: ['autogit-lab_edge'],
    });
    expect(facts.subnets).toEqual(expect.arrayContaining(['192.0.2.0/24', subnetOf('other')]));
    expect(facts.subnets).not.toContain(subnetOf('autogit-lab_edge'));
    expect((await stackFacts(context, 'second')).subnets).toContain(subnetOf('autogit-lab_edge'));
  });

  it('know the networks of a stack that is down by its files, and what has come into their place', async () => {
    const { context, engine, folder } = await start();
    const { text, subnets } = networksOf(bundled());
    await folder.write('lab', 'compose.yaml', text, 0o644);
    const down = await stackFacts(context);
    expect(down).toMatchObject({ kept: subnets });
    expect(down.standing).toBeUndefined();
    expect(Object.keys(subnets)).toEqual(['autogit-lab_edge', 'autogit-lab_inner', 'autogit-lab_socket']);
    // Another choice would be made for a new stack: its files would change for nothing.
    expect(networksOf(bundled(['172.29.0.0/24'])).subnets).not.toEqual(subnets);
    expect(networksOf(bundled(['10.9.0.0/16'], down.kept)).subnets).toEqual(subnets);
    const [edge = ''] = Object.values(subnets);
    expect(networksOf(bundled([edge], down.kept)).subnets).toEqual({
      ...subnets,
      'autogit-lab_edge': expect.not.stringMatching(edge) as unknown,
    });
    await engine.createNetwork('autogit-lab_edge', { 'com.docker.compose.project': 'autogit-lab' });
    const [there] = (await engine.listNetworks({})).flatMap(({ name, subnets: own = [] }) =>
      name === 'autogit-lab_edge' ? own : [],
    );
    expect((await stackFacts(context)).kept).toEqual({ ...subnets, 'autogit-lab_edge': there });
    await folder.write('lab', 'compose.yaml', 'networks: [mine', 0o644);
    expect((await stackFacts(context)).kept).toEqual({ 'autogit-lab_edge': there });
  });

  it('of the engine are what was seen last: nothing is planned to know them', async () => {
    const { context } = await start();
    const look = vi.spyOn(context.coordinator, 'look');
    const { engine } = await stackFacts(context);
    expect([engine?.kind, runsHealthChecks(context.coordinator)]).toEqual(['docker', true]);
    expect(look).not.toHaveBeenCalled();
    look.mockRestore();
    const node = context.coordinator.node();
    if (node === null) throw new Error('the bench has it');
    const seen = node.watch.current();
    if (seen.state !== 'fresh') throw new Error('it was seen');
    const info = { ...seen.value.info, kind: 'podman' as const };
    const watch = { ...node.watch, current: () => ({ ...seen, value: { ...seen.value, info } }) };
    expect(runsHealthChecks({ node: () => ({ ...node, watch }) })).toBe(false);
  });

  it('are unknown, and nothing else, where no engine answers', async () => {
    const { context, engine, world } = await start();
    engine.setAway(true);
    context.coordinator.refresh();
    await world.clock.advance(60_000);
    expect(await stackFacts(context)).toMatchObject({ address: '192.0.2.2' });
  });
});

describe('before an apply', () => {
  const listening = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0 100 0 0 10 0
`;

  it('finds a port that something else has, and says it to the run in its own form', async () => {
    const bench = await start({ files: { ...machine.files, '/proc/net/tcp': listening } });
    bench.present = nothingPresent;
    const findings = await findingsBeforeUp(bench.context, stack);
    expect(findings[0]).toMatchObject({
      key: 'stack.port-taken',
      subject: 'port 443/tcp',
      severity: 'error',
    });
    expect(await takenPorts(bench.context, stack)).toMatchObject([{ port: 443, protocol: 'tcp' }]);
  });

  it('misses a folder for data only where the files that stand name it', async () => {
    const bench = await start();
    const registry = '/srv/lab/gitlab/registry';
    const wanted = { ...stack, folders: [...stack.folders, { path: registry, holds: 'images' }] };
    const missing = async (files: RenderedStack['files']): Promise<readonly string[]> => {
      bench.present = appliedOf({ ...stack, files });
      const findings = await findingsBeforeUp(bench.context, wanted);
      return findings.filter(({ key }) => key === 'stack.data-missing').map(({ subject }) => subject);
    };
    expect(await missing(stack.files)).toEqual([]);
    expect(await missing([composeWith(registry)])).toEqual([registry]);
    const { content, ...file } = composeWith(registry);
    expect(
      await missing([{ ...file, content: content.replace('{ source: ', '').replace(' }', ':/r') }]),
    ).toEqual([registry]);
    expect(await missing([{ ...file, content: '{' }])).toEqual([]);
    bench.folder.looks.set(registry, { exists: true, empty: true, isMarked: true });
    expect(await missing([composeWith(registry)])).toEqual([]);
  });

  it('takes no port for taken that the lab has which a start takes down', async () => {
    const bench = await start({ files: { ...machine.files, '/proc/net/tcp': listening } });
    const id = await addContainer(bench.engine, 'autogit-old-traefik-1', 'autogit-old');
    const list = bench.engine.listContainers.bind(bench.engine);
    bench.engine.listContainers = async (labels) =>
      (await list(labels)).map((one) => (one.id === id ? { ...one, ports: { 443: 443 } } : one));
    expect(await takenPorts(bench.context, stack)).toHaveLength(1);
    const answers = { ...stack.answers, lab: 'old' };
    bench.journal.setStanding({ answers, isUp: true, isKept: false, services: {} });
    expect(await takenPorts(bench.context, stack)).toEqual([]);
  });

  it('is content with a machine in order', async () => {
    const bench = await start();
    bench.present = nothingPresent;
    const errors = (await findingsBeforeUp(bench.context, stack)).filter(
      ({ severity }) => severity === 'error',
    );
    expect(errors).toEqual([]);
  });
});

const planned = (deed: FixDeed): PlannedFix => ({
  ...{ fix: fixBy(deed, 'gitlab', 'mends it'), findings: [{ key: deed, subject: 'gitlab' }] },
});

describe('doctor.fix', () => {
  it('restarts an ill service, makes a folder, removes what ended of another lab, and keeps to what is asked', async () => {
    const bench = await start();
    const logs = '/srv/lab/gitlab/logs';
    const withLogs = { ...stack, folders: [...stack.folders, { path: logs, holds: 'logs' }] };
    const look = bench.context.stackLook;
    if (look === undefined) throw new Error('the bench has it');
    const context = {
      ...bench.context,
      stackLook: { ...look, present: async () => ({ stack: withLogs, present: bench.present }) },
    };
    bench.present = {
      ...appliedOf({ ...stack, files: [composeWith(logs)] }),
      containers: [someContainer('gitlab', { health: 'unhealthy' }), someContainer('traefik')],
    };
    await addContainer(bench.engine, 'autogit-old-gitlab-1', 'autogit-old', false);
    const shown = await fixFindings({ area: 'stack', dryRun: true }, context);
    expect(shown.actions.map(({ kind, target }) => `${kind} ${target}`)).toEqual([
      ...[`make-folder ${logs}`, 'remove-leftovers autogit-old', 'restart-service gitlab'],
    ]);
    expect(bench.deeds).toEqual([]);
    const one = await fixFindings(
      { area: 'stack', only: ['stack.service-unhealthy gitlab'], dryRun: false },
      context,
    );
    expect([bench.deeds, one.fixes.length]).toEqual([['restart gitlab'], 1]);
    const all = await fixFindings({ dryRun: false }, context);
    expect(all.fixes.map(({ done, problem }) => [done, problem])).toEqual(all.fixes.map(() => [true, null]));
    expect(bench.folder.data.has(logs)).toBe(true);
    expect(await bench.engine.inspectContainer('autogit-old-gitlab-1')).toBeNull();
  });

  it('goes on after one that fails, and says why', async () => {
    const bench = await start();
    const look = bench.context.stackLook;
    if (look === undefined) throw new Error('the bench has it');
    const restart = (): Promise<void> =>
      Promise.reject(new AutoGitError({ key: 'stack.busy', message: 'A run goes on.', next: 'Wait.' }));
    vi.spyOn(bench.folder, 'makeData').mockRejectedValue(new Error('no room'));
    const all = [planned('make-folder'), planned('remove-leftovers'), planned('restart-service')];
    const outcomes = await applyFixes(all, { ...bench.context, stackLook: { ...look, restart } });
    expect(outcomes.map(({ key, done, problem }) => [key, done, problem])).toEqual([
      ['make-folder', false, expect.stringContaining('no room')],
      ['remove-leftovers', true, null],
      ['restart-service', false, 'A run goes on.'],
    ]);
  });

  it('brings up what is gone and restarts what is ill in one run, which waits for both', async () => {
    const bench = await start();
    bench.present = {
      ...appliedOf(stack),
      containers: [someContainer('traefik', { health: 'unhealthy' }), someContainer('other')],
    };
    const { actions, fixes } = await fixFindings({ area: 'stack', dryRun: false }, bench.context);
    expect(actions.map(({ kind, target }) => `${kind} ${target}`)).toEqual([
      'apply-stack ',
      'restart-service traefik',
    ]);
    expect(bench.deeds).toEqual(['up traefik']);
    expect(fixes.map(({ key, done }) => [key, done])).toEqual([
      ['stack.service-missing', true],
      ['stack.service-unhealthy', true],
    ]);
  });

  it('restarts all that is ill at once: a run waits for every service', async () => {
    const bench = await start();
    const ill = { health: 'unhealthy' } as const;
    bench.present = {
      ...appliedOf(stack),
      containers: [someContainer('gitlab', ill), someContainer('traefik', ill)],
    };
    await fixFindings({ area: 'stack', dryRun: false }, bench.context);
    expect(bench.deeds).toEqual(['restart gitlab traefik']);
  });

  it('says of leftovers that nobody could remove them where the engine is silent', async () => {
    const bench = await start();
    bench.engine.setAway(true);
    const node = vi.spyOn(bench.context.coordinator, 'node').mockReturnValue(null);
    const [outcome] = await applyFixes([planned('remove-leftovers')], bench.context);
    node.mockRestore();
    expect(outcome).toMatchObject({ done: false });
    expect(outcome?.problem).toContain('No container engine answers');
  });
});

describe('doctor.run', () => {
  it('says what AutoGit can mend, by area', async () => {
    const bench = await start();
    bench.present = {
      ...appliedOf(stack),
      containers: [someContainer('gitlab', { health: 'unhealthy' }), someContainer('traefik')],
    };
    const doctor = await runDoctor({ area: 'stack' }, bench.context);
    const found = doctor.findings.find(({ key }) => key === 'stack.service-unhealthy');
    expect(found).toMatchObject({ area: 'stack', fix: { request: 'doctor.fix', deed: 'restart-service' } });
    const names = await runDoctor({ area: 'names' }, bench.context);
    expect(names.findings.map(({ area }) => area)).not.toContain('stack');
  });
});

describe('the daily look', () => {
  it('states what it finds, looks again until it is mended, and notices restarts within the hour', async () => {
    const bench = await start();
    const { engine } = bench;
    const clock = new FakeClock();
    const id = await addContainer(engine, 'autogit-lab-gitlab-1', 'autogit-lab');
    const inspect = engine.inspectContainer.bind(engine);
    let restarts = 4_000;
    engine.inspectContainer = async (name) => {
      const found = await inspect(name);
      return found === null || found.id !== id ? found : { ...found, restarts };
    };
    let changes = 0;
    const watch = createDoctorWatch({
      ...{ context: () => ({ ...bench.context, clock }), log: recordedLog(), onChange: () => (changes += 1) },
    });
    watch.start();
    const keys = (): readonly string[] => watch.issues().map(({ key }) => key);
    await clock.advance(roundMs);
    expect(keys()).not.toContain('stack.restart-storm');
    restarts += 6;
    await clock.advance(roundMs);
    expect(keys()).toContain('stack.restart-storm');
    expect(changes).toBeGreaterThan(0);
    await clock.advance(roundMs * 8);
    expect(keys()).not.toContain('stack.restart-storm');
    bench.present = { ...appliedOf(stack), containers: [someContainer('traefik')] };
    await clock.advance(dailyMs);
    expect(keys()).toContain('stack.service-missing');
    bench.present = appliedOf(stack);
    await clock.advance(roundMs * 2);
    expect(keys()).toEqual([]);
    await watch.stop();
  });
});
