// What can be seen of settings from outside, as one text: plans in several situations, and the containers that come of them.
import { renderContainerBody } from '../../../main/adapters/engine/container-body.ts';
import { listPlaces } from '../../../main/adapters/engine/places.ts';
import { startRunner } from '../../../main/apply/start-runner.ts';
import { addressOf } from '../../../main/coordinator/addresses.ts';
import { createLog, createRedaction } from '../../../main/log.ts';
import { grantSchema } from '../../../main/model/grant.ts';
import { label } from '../../../main/model/labels.ts';
import { entryTerms, poolSchema } from '../../../main/model/pool.ts';
import { settingsSchema } from '../../../main/model/settings.ts';
import type { Settings } from '../../../main/model/settings.ts';
import type { Action, Desired, Observed } from '../../../main/model/world.ts';
import { desire } from '../../../main/plan/desire.ts';
import { gatewaySpecHash } from '../../../main/plan/plan-gateway.ts';
import { plan } from '../../../main/plan/plan.ts';
import { runnerNetwork } from '../../../main/plan/runner-network.ts';
import type { ContainerSpec } from '../../../main/ports.ts';
import { applyBench, memorySecrets } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import { FakeGitlab } from '../../fakes/fake-gitlab.ts';
import { updatesWith } from '../../fakes/fake-updates.ts';
import { backupsTold } from '../../fakes/backups-told.ts';
import { toldWith } from '../../fakes/notice-day.ts';
import { ask, jobBody, someKnown } from '../../fakes/gateway.ts';
import { someInfo } from '../../fakes/some-engine.ts';
import {
  atGitlab,
  fresh,
  instance,
  now,
  someContainer,
  someJob,
  someObserved,
  someRecord,
} from '../../fakes/world.ts';

/** A pool whose own runners are not looked at. */
export const neighbour = 'a';

const sandboxImage = 'autogit-sandbox:0123456789abcdef';
const info = someInfo({
  ...{ architecture: 'amd64', emulates: ['arm64'] },
  limits: { memory: true, cpus: true, disk: true },
});

/** Everything that the settings lead to. Fingerprints do not count: they change with what they are made from. */
export async function effectsOf(input: object): Promise<string> {
  const settings = settingsSchema.parse(input);
  const desired = desire({ settings, requests: [], instance, sandboxImage });
  const wishes = { ...desired, pools: null };
  const plans = situations(settings, desired).map((observed) => plan(desired, observed, now));
  // A warm runner would wait for its gate, which is the same container with another entry point.
  const start = plans
    .flatMap(({ actions }) => actions.filter((action) => action.kind === 'start-runner'))
    .find(({ pool, waits }) => pool.name !== neighbour && waits === undefined);
  const container = start === undefined ? null : await containerOf(start);
  const surroundings = { variables: {}, home: '/nowhere', uid: null };
  const places = await listPlaces(settings.engine.host, surroundings);
  const told = await toldWith(settings.notices);
  const seen = {
    ...{ plans, container, wishes, told, updates: await updatesWith(settings) },
    backups: backupsTold(settings.backups),
    ...{ places: places.map(({ host }) => host), logs: logsOf(settings) },
  };
  return JSON.stringify(seen, withoutSettings, 1);
}

/** A plan repeats the pools that it is about: of them counts what GitLab is told; all else has to show elsewhere. */
function withoutSettings(key: string, value: unknown): unknown {
  if (key === 'specHash' || key === 'spec' || key === label.spec || key === label.signature) return undefined;
  const pool = key === 'pool' ? poolSchema.safeParse(value) : null;
  return pool?.success === true ? { name: pool.data.name, terms: entryTerms(pool.data) } : value;
}

function situations(settings: Settings, desired: Desired): readonly Observed[] {
  const entries = desired.pools.map((pool, index) => ({
    ...{ pool: pool.name, gitlabUrl: 'https://gitlab.test', entryId: index + 1 },
    ...entryTerms(pool),
  }));
  const images = [
    sandboxImage,
    desired.runnerImage,
    'debian:13',
    'runner:2',
    'gitlab/gitlab-runner:alpine-v19.4.0',
  ];
  const gateway = someContainer({
    ...{ id: 'g', name: 'autogit-gateway-1', role: 'gateway', pool: null, image: sandboxImage },
    specHash: gatewaySpecHash(sandboxImage, runnerNetwork(desired)),
  });
  const view = { info, images, networks: [runnerNetwork(desired)], containers: [gateway] };
  const ground = {
    entries,
    entriesAtGitlab: fresh(entries.map(atGitlab)),
  };
  const base = someObserved({ ...ground, view });
  const ca = settings.gitlab.kind === 'server' ? settings.gitlab.ca : null;
  const address = addressOf(settings, base.nodes, ca === null ? null : aRoot(ca));
  const jobs = [
    someJob({ id: 1, project: 'lab/web', protectedRef: false }),
    someJob({ id: 2, tags: [], projectId: 8, project: 'other/x', protectedRef: true }),
  ];
  const idle = someContainer();
  return [
    { ...base, address },
    { ...someObserved({ ...ground, view, jobs }), address },
    {
      ...someObserved({
        ...{ ...ground, records: [someRecord()], lived: { [someRecord().id]: 3_600_000 } },
        view: { ...view, containers: [gateway, idle] },
      }),
      address,
    },
  ];
}

/** What is in a file; nobody reads more of it than whether it is public. */
function aRoot(file: string): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(file).toString('base64')}\n-----END CERTIFICATE-----\n`;
}

/** The requests by which the engine gets the runner's container, and the one of a job of it. */
async function containerOf(action: Extract<Action, { kind: 'start-runner' }>): Promise<string> {
  const specs: ContainerSpec[] = [];
  const files: object[] = [];
  const engine = new FakeEngine({
    images: [action.image],
    onStart: (process) => {
      specs.push(process.spec);
      files.push(...process.files);
    },
  });
  await engine.createNetwork(action.network, {});
  const secrets = memorySecrets({ [`entry.${action.pool.name}`]: 'glrt-default' });
  const bench = applyBench({ engine, gitlab: new FakeGitlab(), secrets });
  await startRunner.apply(action, bench);
  const [spec] = specs;
  if (spec === undefined) throw new Error('no container was made');
  const { [label.grant]: granted = '', ...labels } = spec.labels;
  const body = renderContainerBody({ ...spec, labels }, info, { address: null, hosts: [] });
  const seen = { body, files, job: granted === '' ? null : jobOf(granted) };
  return ofAnyHome(JSON.stringify(seen, withoutSettings), bench.instance);
}

/** Without what is another in every home, and without tokens, which differ with everything that they stand for. */
function ofAnyHome(text: string, home: string): string {
  return text
    .replaceAll(home, 'home')
    .replaceAll(home.slice(0, 8), 'home')
    .replace(/[0-9a-f]{64}/g, '…');
}

function jobOf(granted: string): object {
  const hash = '3c3f060a0374fc8bc39395164f415a70';
  const body = {
    ...jobBody,
    Labels: { ...jobBody.Labels, 'com.gitlab.gitlab-runner.project.id': '7' },
    HostConfig: { ...jobBody.HostConfig, Binds: [`runner-own-cache-${hash}:/cache`] },
  };
  const grant = grantSchema.parse(JSON.parse(granted));
  const known = { ...someKnown, engine: { kind: 'docker', rootless: false, disk: true } as const };
  return ask('POST', '/v1.41/containers/create?name=runner-new-build', body, { grant, known });
}

function logsOf({ log: { level } }: Settings): readonly string[] {
  const said: string[] = [];
  const log = createLog('test', {
    ...{ level, redact: createRedaction(), now: () => now },
    sinks: [({ message }) => void said.push(message)],
  });
  for (const one of ['debug', 'info', 'warn', 'error'] as const) log[one](one);
  return said;
}
