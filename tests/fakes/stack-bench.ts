// A world with a stack in it, and cores that are started in it one after the other: what one leaves, the next finds.
import type { TakenPort } from '../../main/apply/stack/context.ts';
import { createStackRuns } from '../../main/coordinator/stack/stack-runs.ts';
import { createRenewals } from '../../main/coordinator/stack/renewals.ts';
import type { RenewalsOptions, StackRenewals } from '../../main/coordinator/stack/renewals.ts';
import type { StackRuns } from '../../main/coordinator/stack/stack-runs.ts';
import type { Issue } from '../../main/model/issue.ts';
import { stackAnswersSchema } from '../../main/model/stack/answers.ts';
import type { StackAnswers } from '../../main/model/stack/answers.ts';
import { hashOf } from '../../main/model/stack/content-hash.ts';
import type {
  RenderedStack,
  Rendering,
  StackFacts,
  StackProgress,
  StackWish,
} from '../../main/model/stack/stack.ts';
import type { DoorAnswer, ServedCertificate } from '../../main/model/stack/surroundings.ts';
import type { LogRecord } from '../../main/log.ts';
import type { Clock } from '../../main/ports.ts';
import { recordedLog } from './fake-context.ts';
import { FakeCompose } from './fake-stack-compose.ts';
import { fakeCrypto } from './fake-stack-crypto.ts';
import { StackFaults } from './fake-stack-faults.ts';
import { FakeStackFolder } from './fake-stack-folder.ts';
import { FakeGitlabServer } from './fake-stack-gitlab.ts';
import { FakeStackHome, FakeStackSecrets } from './fake-stack-home.ts';
import { FakeStackImages } from './fake-stack-images.ts';
import { FakeStackJournal } from './fake-stack-journal.ts';
import { fakeTemplates } from './fake-stack-templates.ts';
import { silentLog } from './silent-log.ts';

export const benchWish: StackWish = { files: {}, services: [], deleteData: false };

export function benchAnswers(change: Partial<Record<keyof StackAnswers, unknown>> = {}): StackAnswers {
  return stackAnswersSchema.parse({
    ...{ lab: 'lab', data: '/srv/lab', tls: { mode: 'local-ca' }, address: '192.168.1.10' },
    ...change,
  });
}

const benchStart = 1_800_000_000_000;

/** Time that passes only where somebody waits. */
export class QuickClock implements Clock {
  #now = benchStart;

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted !== true) this.#now += ms;
    return Promise.resolve();
  }
}

export const benchFacts: StackFacts = {
  ...{ memoryBytes: 16 * 2 ** 30, threads: 8, address: '192.168.1.10', address6: null },
  ...{
    timezone: 'Europe/Berlin',
    resolvers: [],
    subnets: [],
    compose: { version: '2.40.3' },
    uid: 1000,
    gid: 1000,
  },
  engine: {
    ...{ kind: 'docker', rootless: false, version: '27.0.0', apiVersion: '1.46', architecture: 'amd64' },
    ...{ socket: '/var/run/docker.sock', lowestPort: null },
  },
};

const imageOf = (name: string): string => `example/${name}:1@sha256:${hashOf(name)}`;

/** GitLab, Traefik and a name server; the session length of the answers stands in GitLab's file. */
export function benchStack(answers: StackAnswers): RenderedStack {
  const { lab } = answers;
  const domain = answers.domain ?? `${lab}.home.arpa`;
  const ruby = `external_url 'https://gitlab.${domain}'\n# ${answers.policy.sessionDays}\n`;
  const files = [
    { path: 'gitlab/gitlab.rb', content: ruby },
    { path: 'traefik/traefik.yaml', content: 'ping: {}\n' },
  ];
  const contentOf = (path: string): string => files.find((file) => file.path === path)?.content ?? '';
  const services = [
    { name: 'traefik', file: 'traefik/traefik.yaml', secrets: [], port: answers.ports.https },
    {
      name: 'gitlab',
      file: 'gitlab/gitlab.rb',
      secrets: ['gitlab-root-password', 'oidc-secret'],
      port: null,
    },
  ].map(({ file, port, ...service }) => ({
    ...{ ...service, template: service.name, image: imageOf(service.name), port },
    ...{
      files: [file],
      hasHealthCheck: true,
      hash: hashOf(`${service.name} ${contentOf(file)} ${port ?? ''}`),
    },
  }));
  const part = ({ name, image, hash, port }: (typeof services)[number]): string =>
    [
      `  ${name}:`,
      `    image: ${image}`,
      `    labels: {autogit.stack.hash: ${hash}}`,
      '    healthcheck: {interval: 10s}',
      ...(port === null ? [] : [`    ports: ["${port}:443"]`]),
    ].join('\n');
  const compose = `name: autogit-${lab}\nservices:\n${services.map(part).join('\n')}\n`;
  return {
    ...{ project: `autogit-${lab}`, lab, domain, preset: 'homelab', data: answers.data },
    ...{ gitlabUrl: `https://gitlab.${domain}`, sshUrl: `ssh://git@gitlab.${domain}:2222` },
    ...{ answers: { ...answers, domain }, templates: ['gitlab', 'traefik'] },
    services: services.map(({ name, template, image, hash, secrets, hasHealthCheck, files: read }) => ({
      ...{ name, template, image, hash, secrets, hasHealthCheck, files: read },
    })),
    files: [
      { path: 'compose.yaml', content: compose, mode: 0o644, template: 'stack' },
      ...files.map((file) => ({ ...file, mode: 0o644 as const, template: file.path.split('/')[0] ?? '' })),
      { path: 'authelia/users.yaml', content: 'users: {}\n', mode: 0o600, template: 'authelia', once: true },
    ],
    secrets: [
      secret('gitlab-root-password', 'password'),
      secret('oidc-digest', 'pbkdf2-of', 'oidc-secret'),
      secret('oidc-secret', 'random'),
      secret('oidc-key', 'rsa-key'),
    ],
    images: services.map(({ image, name }) => ({ reference: image, bytes: 1_000, services: [name] })),
    ports: [
      {
        port: answers.ports.https,
        protocol: 'tcp',
        address: '0.0.0.0',
        service: 'traefik',
        what: 'web pages',
      },
    ],
    folders: [
      { path: `${answers.data}/gitlab/data`, holds: 'repositories' },
      { path: `${answers.data}/gitlab`, holds: 'GitLab' },
    ],
    networks: [{ name: `autogit-${lab}_inner`, subnet: '172.30.1.0/24', what: 'GitLab and runners' }],
    names: [{ name: `gitlab.${domain}`, what: 'GitLab', addresses: ['192.168.1.10'] }],
    milestones: [
      { key: 'gitlab-up', service: 'gitlab', waiting: 'GitLab is starting', usually: '2 minutes', log: null },
      {
        ...{ key: 'gitlab-migrates', service: 'gitlab', waiting: 'GitLab is migrating its database' },
        ...{ usually: 'usually 3-5 minutes', log: 'db:migrate' },
      },
    ],
    ...{ harmless: { gitlab: ['harmless error'] }, grants: [], memory: { leastMiB: 3_000, usualMiB: 5_000 } },
  };
}

function secret(
  name: string,
  kind: RenderedStack['secrets'][number]['kind'],
  of: string | null = null,
): RenderedStack['secrets'][number] {
  return { name, kind, of, label: name, template: 'gitlab' };
}

/** Everything that outlives a core, and what a test changes of it. */
export class StackWorld {
  readonly faults = new StackFaults();
  readonly clock = new QuickClock();
  readonly folder = new FakeStackFolder({ faults: this.faults });
  readonly images = new FakeStackImages(this.faults);
  readonly journal = new FakeStackJournal(this.faults);
  readonly secrets = new FakeStackSecrets(this.faults);
  readonly home = new FakeStackHome(this.faults);
  readonly gitlab = new FakeGitlabServer(this.faults);
  readonly crypto = fakeCrypto(this.faults);
  readonly compose = new FakeCompose({
    faults: this.faults,
    readFile: this.folder.readFile,
    hasImage: (reference) => this.images.present.has(reference),
    now: () => this.clock.now(),
    onExec: (call) => this.gitlab.railsRunner(call),
  });
  facts: StackFacts = benchFacts;
  findings: readonly Issue[] = [];
  /** What is found out about ports that others hold. */
  readonly holders = new Map<number, string>();
  readonly notReady: string[] = [];
  runsHealthChecks = true;
  showsChanges = true;
  change: (stack: RenderedStack) => RenderedStack = (stack) => stack;
  /** Told before anything is upgraded. */
  beforeUpgrade: (services: readonly string[]) => Promise<void> = () => Promise.resolve();
  /** Of which name which certificate is served; `null`: Traefik's own. */
  served: (name: string) => ServedCertificate | null = (name) => {
    const from = benchStart - 86_400_000;
    return { subject: name, issuer: 'R13', names: [name], from, to: from + 90 * 86_400_000 };
  };
  readonly texts = new Map<string, string>();
  /** What all cores have logged, and everything that whoever watched their runs could have read. */
  readonly logged: LogRecord[] = [];
  readonly told = new Set<string>();

  constructor() {
    this.gitlab.now = () => this.clock.now();
  }

  render(answers: StackAnswers): Rendering {
    return { ok: true, stack: this.change(benchStack(answers)), warnings: [] };
  }

  /** A core as it starts, with nothing but what the world has kept. */
  core(): StackRuns {
    const runs = createStackRuns({
      ...{ journal: this.journal, compose: this.compose, folder: this.folder, images: this.images },
      ...{ crypto: this.crypto, secrets: this.secrets, clock: this.clock, home: this.home },
      log: recordedLog(this.logged),
      ...{ connectAdmin: this.gitlab.connect, instance: '12345678-aaaa', engine: () => 'unix:///fake.sock' },
      templates: fakeTemplates([], this.faults),
      facts: () => this.faults.around('facts', () => this.facts),
      render: ({ answers }) => this.render(answers),
      findings: () => Promise.resolve(this.findings),
      beforeUpgrade: (services) => this.beforeUpgrade(services),
      takenPorts: (stack) => Promise.resolve(this.#takenPorts(stack)),
      readText: this.readText,
      whyNotReady: () => Promise.resolve(this.notReady.shift() ?? null),
      lookAtDoor: (url) => Promise.resolve(this.door(url)),
      runsHealthChecks: () => this.runsHealthChecks,
      showsChanges: () => this.showsChanges,
    });
    this.faults.watch = () => this.told.add(runs.progress()?.message ?? '');
    return runs;
  }

  /** What renews by itself, of the same core as these runs; `told`: deeds and failures. */
  renewals(runs: Pick<StackRuns, 'aside'>, told: Pick<RenewalsOptions, 'audit' | 'onChange'>): StackRenewals {
    return createRenewals({
      ...{ journal: this.journal, compose: this.compose, folder: this.folder, crypto: this.crypto },
      ...{ secrets: this.secrets, clock: this.clock, log: silentLog, home: this.home, runs },
      ...{ connectAdmin: this.gitlab.connect, instance: '12345678-aaaa', engine: () => 'unix:///fake.sock' },
      ...{ readText: this.readText, whyNotReady: () => Promise.resolve(this.notReady.shift() ?? null) },
      render: (answers) => Promise.resolve(this.render(answers)),
      ...told,
    });
  }

  readonly readText = async (path: string): Promise<string> => {
    const text = this.texts.get(path);
    if (text === undefined) throw new Error('ENOENT');
    return text;
  };

  /** One core from its start to the end of this run. */
  async up(answers = benchAnswers(), wish = benchWish): Promise<StackProgress | null> {
    return this.run('up', answers, wish);
  }

  async run(
    verb: 'up' | 'down' | 'restart' | 'destroy',
    answers = benchAnswers(),
    wish = benchWish,
  ): Promise<StackProgress | null> {
    const core = this.core();
    await core.begin(verb, answers, wish);
    return core.ended();
  }

  door(url: string): DoorAnswer {
    const own = { subject: 'TRAEFIK DEFAULT CERT', issuer: '', names: [], from: 0, to: 0 };
    const certificate = this.served(new URL(url).hostname) ?? own;
    return { url, status: 200, location: null, cookies: [], body: '', certificate, clockAheadMs: 0 };
  }

  #takenPorts(stack: RenderedStack): readonly TakenPort[] {
    return stack.ports
      .filter(({ port }) => this.holders.has(port))
      .map(({ port, protocol }) => ({ port, protocol, holder: this.holders.get(port) ?? null }));
  }

  /** All that counts in the end, without times. */
  state(): unknown {
    return {
      files: this.folder
        .paths('lab')
        .map((path) => [path, this.folder.file('lab', path), this.folder.modeOf('lab', path)]),
      data: [...this.folder.data.keys()].sort(),
      services: this.compose
        .all()
        .map(({ service, state, health, image }) => ({ service, state, health, image })),
      written: this.journal.written('lab'),
      unfinished: this.journal.unfinished('lab'),
      started: this.journal.started('lab'),
      standing: this.journal.standing(),
      current: this.journal.current(),
      secretNames: [...this.secrets.kept.keys()].sort(),
      tokens: this.gitlab.tokens.size,
      settings: this.gitlab.settings,
      email: this.gitlab.email,
      hooks: this.gitlab.hooks.map(({ url }) => url),
      gitlab: this.home.gitlab,
    };
  }
}
