// The labels that every object of ours carries, and the text that their signature covers.
import type { ContainerRole } from './runner.ts';

export const label = {
  managed: 'autogit.managed',
  instance: 'autogit.instance',
  node: 'autogit.node',
  role: 'autogit.role',
  pool: 'autogit.pool',
  spec: 'autogit.spec',
  /** The cards that a container was given (gpu.ts). */
  gpu: 'autogit.gpu',
  /** Of a runner of executor `image`: what its jobs' containers are granted (grant.ts). */
  grant: 'autogit.grant',
  /** Of what the gateway made: the runner whose jobs it belongs to. */
  runner: 'autogit.runner',
  /** Of a volume that keeps a project's cache: GitLab's number of the project, or `scope`. */
  project: 'autogit.project',
  signature: 'autogit.sig',
} as const;

export interface LabelFacts {
  readonly instance: string;
  readonly node: string;
  readonly role: ContainerRole | 'arch' | 'network' | 'volume' | 'image';
  readonly pool: string | null;
  readonly specHash: string;
  /** Text of the grant of a runner of executor `image`. */
  readonly grant?: string;
  /** Text of the label of its graphics cards. */
  readonly gpu?: string;
}

/** Labels without their signature. */
export function unsignedLabels(facts: LabelFacts): Readonly<Record<string, string>> {
  return {
    [label.managed]: 'true',
    [label.instance]: facts.instance,
    [label.node]: facts.node,
    [label.role]: facts.role,
    ...(facts.pool === null ? {} : { [label.pool]: facts.pool }),
    [label.spec]: facts.specHash,
    ...(facts.gpu === undefined ? {} : { [label.gpu]: facts.gpu }),
    ...(facts.grant === undefined ? {} : { [label.grant]: facts.grant }),
  };
}

/** True for the labels of an object of this home, which `sign` has signed together with its name. */
export function isSigned(
  name: string,
  labels: Readonly<Record<string, string>>,
  instance: string,
  sign: (text: string) => string,
): boolean {
  return labels[label.instance] === instance && labels[label.signature] === sign(signedText(name, labels));
}

/** What the signature covers: the object's name and every label of ours but the signature, sorted. */
export function signedText(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels)
    .filter(([key]) => key.startsWith('autogit.') && key !== label.signature)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name, pairs]);
}
