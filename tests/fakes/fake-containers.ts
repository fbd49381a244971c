// The containers of the engine in memory, and how they are listed.
import { constants } from 'node:os';
import { AutoGitError } from '../../main/errors.ts';
import type { ContainerState } from '../../main/model/runner.ts';
import type { ContainerFile, ContainerSpec, LabelledContainer, LabelledObject } from '../../main/ports.ts';

export type Labels = Readonly<Record<string, string>>;

export interface FakeContainer {
  readonly id: string;
  readonly spec: ContainerSpec;
  state: ContainerState;
  exitCode: number | null;
  files: readonly ContainerFile[];
  ports: Readonly<Record<number, number>>;
  log: string;
  outOfMemory: boolean;
  /** What it is measured to use; `null`: a little. */
  use: { readonly cpuNanos: number; readonly memoryBytes: number } | null;
  onSignal: ((signal: string) => void) | null;
  /** Resolvers of those who wait for the end. */
  waiting: (() => void)[];
}

export function failure(key: string, message: string): AutoGitError {
  return new AutoGitError({ key, message, next: 'None: a fake.', retry: key === 'engine.unreachable' });
}

export function carries(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

export function select(objects: ReadonlyMap<string, Labels>, wanted: Labels): readonly LabelledObject[] {
  return [...objects]
    .filter(([, labels]) => carries(labels, wanted))
    .map(([name, labels]) => ({ name, labels }));
}

export function viewOf(container: FakeContainer): LabelledContainer {
  const { id, spec, state, exitCode, ports } = container;
  return { id, name: spec.name, state, image: spec.image, ports, exitCode, labels: spec.labels };
}

export function signalNumber(signal: string): number {
  return Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0;
}
