// A stack that is up on a machine in order, as checks get it.
import type { StackSubject } from '../../main/checks/stack/check.ts';
import { checkNames, checkStack } from '../../main/checks/stack/index.ts';
import type { Finding } from '../../main/checks/hardware/check.ts';
import type { StackAnswers } from '../../main/model/stack/answers.ts';
import type { RenderedStack, StackFacts } from '../../main/model/stack/stack.ts';
import type {
  DataPlace,
  DoorAnswer,
  NeighbourContainer,
  StackSurroundings,
} from '../../main/model/stack/surroundings.ts';
import { someMachine } from './some-machine.ts';
import { appliedOf, someStack } from './some-stack.ts';

export const someNow = Date.UTC(2026, 10, 22);
const dayMs = 86_400_000;

export const someFacts: StackFacts = {
  ...{ memoryBytes: 16 * 1024 ** 3, threads: 8, address: '192.168.1.10', address6: null },
  ...{ timezone: 'Europe/Berlin', resolvers: ['192.168.1.1'], subnets: ['192.168.1.0/24', '172.17.0.0/16'] },
  engine: {
    ...{ kind: 'docker', rootless: false, version: '29.5.0', apiVersion: '1.52', architecture: 'amd64' },
    ...{ socket: '/var/run/docker.sock', lowestPort: null },
  },
  ...{ compose: { version: '2.40.3' }, uid: 1000, gid: 1000 },
};

export const someDoor: DoorAnswer = {
  ...{ url: 'https://gitlab.lab.home.arpa/', status: 302, cookies: [], body: '', clockAheadMs: 0 },
  location: 'https://gitlab.lab.home.arpa/users/sign_in',
  certificate: {
    ...{ subject: 'lab.home.arpa', issuer: 'AutoGit lab', names: ['lab.home.arpa', '*.lab.home.arpa'] },
    ...{ from: someNow - dayMs, to: someNow + 300 * dayMs },
  },
};

/** A folder of the stack that services have filled. */
export function place(change: Partial<DataPlace>): DataPlace {
  const whole = { exists: true, isEmpty: false, isMarked: true, isKnown: true };
  return { path: '/srv/lab/gitlab', ...whole, ...change };
}

export const someAround: StackSurroundings = {
  ports: [],
  containers: ['gitlab', 'traefik'].map((service) => ({
    ...{ id: `id-${service}`, name: `autogit-lab-${service}-1`, image: `example/${service}:1`, service },
    ...{
      isRunning: true,
      project: 'autogit-lab',
      isOfStack: true,
      ports: service === 'traefik' ? [443] : [],
    },
  })),
  dataMount: {
    ...{ mount: '/srv', fileSystem: 'ext4', readOnly: false },
    ...{ freeBytes: 500 * 1024 ** 3, totalBytes: 1024 ** 4 },
  },
  ...{ formerProject: null, dataFolder: place({ path: '/srv/lab' }), folders: [place({})] },
  ...{ volumes: [], wantedVolumes: [], openSecrets: [], devNull: 'device' },
  clock: { aheadMs: 12, source: 'chrony' },
  ...{ addresses: ['192.168.1.10'], addresses6: [], isAddressLent: false, ipv6: 'local', selinux: null },
  ...{ oldCompose: null, resolvers: ['192.168.1.1'], doors: [someDoor] },
  names: [{ name: 'gitlab.lab.home.arpa', here: ['192.168.1.10'], lab: ['192.168.1.10'] }],
  ...{ gitlabVersion: '19.4.1', runnerVersion: '19.4.0', restartsInHour: {} },
};

/** The pretended stack with the address of this machine. */
export const ourStack: RenderedStack = {
  ...someStack,
  answers: { ...someStack.answers, address: '192.168.1.10' },
};

export const someSubject: StackSubject = {
  machine: { ...someMachine, reasons: {} },
  facts: someFacts,
  around: someAround,
  stack: ourStack,
  present: appliedOf(someStack),
  pools: [],
  now: someNow,
};

/** What differs from the stack in order. */
export interface Change {
  readonly around?: Partial<StackSurroundings>;
  readonly facts?: Partial<StackFacts>;
  readonly stack?: Partial<RenderedStack>;
  readonly answers?: Partial<StackAnswers>;
  readonly rest?: Partial<StackSubject>;
}

export function subjectWith({ around, facts, stack, answers, rest }: Change): StackSubject {
  const all = { ...ourStack, ...stack, answers: { ...ourStack.answers, ...answers } };
  return {
    ...someSubject,
    around: { ...someAround, ...around },
    facts: { ...someFacts, ...facts },
    stack: all,
    ...rest,
  };
}

/** Findings of both areas. */
export const allOf = (change: Change): readonly Finding[] => [
  ...checkStack(subjectWith(change)),
  ...checkNames(subjectWith(change)),
];
export const keysOf = (change: Change): readonly string[] => allOf(change).map(({ key }) => key);

/** The finding with a key. Throws with those that are there. */
export function findingIn(change: Change, key: string): Finding {
  const found = allOf(change).find((finding) => finding.key === key);
  if (found === undefined) throw new Error(`${key} is not said, but: ${keysOf(change).join(', ')}`);
  return found;
}

export const neighbour = (change: Partial<NeighbourContainer>): NeighbourContainer => ({
  ...{ id: 'n', name: 'other', image: 'nginx:1', isRunning: true, project: null, service: null },
  ...{ isOfStack: false, ports: [] },
  ...change,
});
export const door = (change: Partial<DoorAnswer>): Change => ({
  around: { doors: [{ ...someDoor, ...change }] },
});
