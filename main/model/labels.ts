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

type Sign = (text: string) => string;
type Labels = Readonly<Record<string, string>>;

/** What a signature covers. A closed list: whatever else is on an object is not ours to judge. */
const signedKeys = Object.values(label)
  .filter((key) => key !== label.signature)
  .toSorted();

export interface LabelFacts {
  readonly instance: string;
  readonly node: string;
  readonly role: ContainerRole | 'network' | 'volume' | 'image';
  readonly pool: string | null;
  readonly specHash: string;
  /** Text of the grant of a runner of executor `image`. */
  readonly grant?: string;
  /** Text of the label of its graphics cards. */
  readonly gpu?: string;
}

/** What a label of ours says; `undefined` where it is empty or missing, which is the same. */
export function labelOf(labels: Labels, name: keyof typeof label): string | undefined {
  const value = labels[label[name]];
  return value === '' ? undefined : value;
}

/** The labels of one of our own objects, as `signLabels` takes them. */
export function ownLabels(facts: LabelFacts): Labels {
  return {
    [label.managed]: 'true',
    [label.instance]: facts.instance,
    [label.node]: facts.node,
    [label.role]: facts.role,
    [label.pool]: facts.pool ?? '',
    [label.spec]: facts.specHash,
    [label.gpu]: facts.gpu ?? '',
    [label.grant]: facts.grant ?? '',
  };
}

/**
 * All labels of an object, signed. Every known one is written, if need be empty: engines join the labels of an image to
 * those of a container, where the container has none of that name, and an image must not say anything for it.
 */
export function signLabels(name: string, own: Labels, sign: Sign): Labels {
  const labels = Object.fromEntries(signedKeys.map((key) => [key, own[key] ?? '']));
  return { ...labels, [label.signature]: sign(signedText(name, labels)) };
}

/** True for the labels of an object of this home, which `sign` has signed together with its name. */
export function isSigned(name: string, labels: Labels, instance: string, sign: Sign): boolean {
  return labels[label.instance] === instance && labels[label.signature] === sign(signedText(name, labels));
}

/** The object's name and every known label but the signature; one that is missing counts as empty. */
function signedText(name: string, labels: Labels): string {
  return JSON.stringify([name, ...signedKeys.map((key) => [key, labels[key] ?? ''])]);
}
