// What every action works with, and what it must say about itself.
import type { Log } from '../log.ts';
import { label, signedText, unsignedLabels } from '../model/labels.ts';
import type { LabelFacts } from '../model/labels.ts';
import type { Action, ActionKind } from '../model/world.ts';
import type { Clock, Engine, Gitlab, Host, Secrets, Store } from '../ports.ts';

export interface Progress {
  readonly current: number;
  readonly total: number;
  readonly status: string;
}

export interface ApplyContext {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly host: Host;
  readonly clock: Clock;
  readonly log: Log;
  readonly instance: string;
  /** The engine of a node; throws `engine.unreachable` when the node is not known any more. */
  engine(node: string): Engine;
  /** The GitLab in use; throws `gitlab.not-connected` when there is none. */
  gitlab(): Gitlab;
  /** Identifies the GitLab in use: the address that runners have. */
  readonly gitlabKey: () => string;
  progress(progress: Progress): void;
}

/** How one kind of action is done: its guard is asked again, since the world has moved on since the plan. */
export interface ActionForm<K extends ActionKind> {
  readonly kind: K;
  /** Actions of one group share a limit of how many run at a time. */
  readonly group: 'engine-start' | 'engine' | 'gitlab' | 'store';
  apply(action: Extract<Action, { kind: K }>, context: ApplyContext): Promise<void>;
}

/** All labels of an object of ours, signed. */
export function signedLabels(
  name: string,
  facts: Omit<LabelFacts, 'instance'>,
  context: Pick<ApplyContext, 'instance' | 'secrets'>,
): Readonly<Record<string, string>> {
  const labels = unsignedLabels({ ...facts, instance: context.instance });
  return { ...labels, [label.signature]: context.secrets.sign(signedText(name, labels)) };
}

/** Names of the secrets that actions use. */
export const secretName = {
  entryToken: (pool: string): string => `entry.${pool}`,
  sandboxRootToken: 'sandbox.root-token',
  gitlabToken: 'gitlab.token',
} as const;
