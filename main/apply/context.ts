// What every action works with, and what it must say about itself.
import { AutoGitError } from '../errors.ts';
import type { Log } from '../log.ts';
import { isSigned, ownLabels, signLabels } from '../model/labels.ts';
import type { LabelFacts } from '../model/labels.ts';
import type { Action, ActionKind } from '../model/world.ts';
import type { Clock, Engine, Gitlab, Host, LabelledObject, Secrets, Store } from '../ports.ts';
import type { InStartTurn } from './start-turns.ts';

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
  /** An engine starts only so many containers at a time: waits for the turn, then does the work. */
  readonly inStartTurn: InStartTurn;
}

/** How one kind of action is done: its guard is asked again, since the world has moved on since the plan. */
export interface ActionForm<K extends ActionKind> {
  readonly kind: K;
  /** Actions of one group share a limit of how many run at a time. */
  readonly group: 'engine-start' | 'engine-go' | 'engine' | 'image' | 'gitlab' | 'store';
  /** Not again within this time, in milliseconds: for what is repeated until its effect is there. */
  readonly pauseMs?: number;
  apply(action: Extract<Action, { kind: K }>, context: ApplyContext): Promise<void>;
}

/** All labels of an object of ours, signed. */
export function signedLabels(
  name: string,
  facts: Omit<LabelFacts, 'instance'>,
  context: Pick<ApplyContext, 'instance' | 'secrets'>,
): Readonly<Record<string, string>> {
  const own = ownLabels({ ...facts, instance: context.instance });
  return signLabels(name, own, (text) => context.secrets.sign(text));
}

/** Whether an object that has one of our names is ours. */
export function isOwn(
  { name, labels }: LabelledObject,
  { instance, secrets }: Pick<ApplyContext, 'instance' | 'secrets'>,
): boolean {
  return isSigned(name, labels, instance, (text) => secrets.sign(text));
}

/** Something has a name of ours and is not ours: it was made by somebody else, or before the secrets were lost. */
export function nameTaken(what: 'container' | 'network', name: string): AutoGitError {
  return new AutoGitError({
    key: 'engine.name-taken',
    message: `There is a ${what} named ${name} that does not carry the signature of this home.`,
    next: `Look whether anything still uses it, then remove it: docker ${what} rm ${name}. AutoGit goes on by itself.`,
    retry: true,
    fields: { name },
  });
}

/** Names of the secrets that actions use. */
export const secretName = {
  entryToken: (pool: string): string => `entry.${pool}`,
  sandboxRootToken: 'sandbox.root-token',
  gitlabToken: 'gitlab.token',
} as const;
