// A rendered stack and what is there of it, as planners and doors get them.
import { stackAnswersSchema } from '../../main/model/stack/answers.ts';
import type { StackAnswers } from '../../main/model/stack/answers.ts';
import { hashOf } from '../../main/model/stack/content-hash.ts';
import type { RenderedStack, StackContainer, StackPresent, StackWish } from '../../main/model/stack/stack.ts';

export const someAnswers: StackAnswers = stackAnswersSchema.parse({
  lab: 'lab',
  data: '/srv/lab',
  tls: { mode: 'local-ca' },
  domain: 'lab.home.arpa',
});

export const noWish: StackWish = { files: {}, services: [], deleteData: false };

const image = (name: string): string => `example/${name}:1@sha256:${hashOf(name)}`;

/** GitLab behind Traefik: two services, four files, a secret that is made and one that is asked for. */
export const someStack: RenderedStack = {
  project: 'autogit-lab',
  lab: 'lab',
  domain: 'lab.home.arpa',
  preset: 'homelab',
  gitlabUrl: 'https://gitlab.lab.home.arpa',
  sshUrl: 'ssh://git@gitlab.lab.home.arpa:2222',
  data: '/srv/lab',
  answers: someAnswers,
  templates: ['gitlab', 'traefik'],
  services: [
    {
      ...{ name: 'gitlab', template: 'gitlab', image: image('gitlab'), hash: 'hash-gitlab' },
      ...{ files: ['gitlab/gitlab.rb'], secrets: ['gitlab-root-password'], hasHealthCheck: true },
    },
    {
      ...{ name: 'traefik', template: 'traefik', image: image('traefik'), hash: 'hash-traefik' },
      ...{ files: ['traefik/traefik.yaml'], secrets: [], hasHealthCheck: true },
    },
  ],
  files: [
    { path: 'README.md', content: '# The stack\n', mode: 0o644, template: 'stack' },
    { path: 'compose.yaml', content: 'name: autogit-lab\n', mode: 0o644, template: 'stack' },
    { path: 'gitlab/gitlab.rb', content: "external_url 'x'\n", mode: 0o644, template: 'gitlab' },
    { path: 'traefik/traefik.yaml', content: 'ping: {}\n', mode: 0o644, template: 'traefik' },
  ],
  secrets: [
    {
      ...{ name: 'gitlab-root-password', kind: 'password', of: null, template: 'gitlab' },
      label: "Password of GitLab's root",
    },
    { name: 'mail-password', kind: 'asked', of: null, label: 'Password of the mail relay', template: 'mail' },
  ],
  images: [
    { reference: image('gitlab'), bytes: 1_600_000_000, services: ['gitlab'] },
    { reference: image('traefik'), bytes: 50_000_000, services: ['traefik'] },
  ],
  ports: [{ port: 443, protocol: 'tcp', address: '0.0.0.0', service: 'traefik', what: 'web pages' }],
  folders: [{ path: '/srv/lab/gitlab', holds: 'repositories' }],
  networks: [{ name: 'autogit-lab_edge', subnet: '172.30.0.0/24', what: 'Traefik' }],
  names: [{ name: 'gitlab.lab.home.arpa', what: 'GitLab', addresses: ['192.168.1.10'] }],
  milestones: [],
  harmless: {},
  grants: [],
  memory: { leastMiB: 3_000, usualMiB: 5_000 },
};

/** A container of a service, running. */
export function someContainer(service: string, change: Partial<StackContainer> = {}): StackContainer {
  return {
    ...{ id: `id-${service}`, name: `autogit-lab-${service}-1`, service, image: image(service) },
    ...{ state: 'running', health: 'healthy', exitCode: null, startedAt: 1_700_000_000_000, restarts: 0 },
    ...change,
  };
}

/** Nothing is there, on an engine that answers. */
export const nothingPresent: StackPresent = {
  ...{ answers: null, files: null, written: {}, secrets: [], images: [], containers: [], started: {} },
  folders: [],
};

/** What there is after exactly this stack was applied. */
export function appliedOf(stack: RenderedStack): StackPresent {
  const files = stack.files.map(({ path, content }) => ({ path, content, hash: hashOf(content) }));
  return {
    answers: stack.answers,
    files,
    written: Object.fromEntries(files.map(({ path, hash }) => [path, hash])),
    secrets: stack.secrets.map(({ name }) => name),
    images: stack.images.map(({ reference }) => reference),
    containers: stack.services.map(({ name, image: reference }) => someContainer(name, { image: reference })),
    started: Object.fromEntries(stack.services.map(({ name, hash }) => [name, hash])),
    folders: stack.folders.map(({ path }) => path),
  };
}
