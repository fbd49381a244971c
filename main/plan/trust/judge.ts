// What a look at a store of roots means for a lab: its state, why nothing can be done, and what a person can.
import { assertNever } from '../../model/assert.ts';
import { shellWord } from '../../model/shell-word.ts';
import type { KnownRoot, RootStore, StoreStep, TrustPlaceKind, TrustState } from '../../model/trust.ts';
import { isStale, ownIn, shellLines, stepsToForget, stepsToTrust, strangeIn } from './steps.ts';

/** What is wanted of a store. */
export interface TrustWish {
  /** The root that is to be trusted; `null`: none any more. */
  readonly root: KnownRoot | null;
  /** Roots of this home, also of labs and domains that it no longer has. */
  readonly known: readonly KnownRoot[];
  /** Ids of stores, by fingerprint, that AutoGit has put a root into. */
  readonly given: ReadonlyMap<string, readonly string[]>;
  /** Where the root lies as PEM, for lines that a person pastes. */
  readonly file: string;
}

export interface JudgedPlace {
  readonly id: string;
  readonly kind: TrustPlaceKind;
  readonly label: string;
  readonly path: string;
  readonly state: TrustState;
  readonly why: string | null;
  readonly commands: readonly string[];
}

/** Roots of AutoGit's that are in a store and are not the one that is wanted. */
export function oldIn(store: RootStore, { root, known, given }: TrustWish): readonly KnownRoot[] {
  return ownIn(store, known, given).filter(({ fingerprint }) => fingerprint !== root?.fingerprint);
}

/** Whether a store is as it is wanted, with nothing left to do; `null`: nobody could look. */
export function isDone(store: RootStore, wish: TrustWish): boolean | null {
  if (store.trusted === null) return null;
  const { root, known } = wish;
  const isRight = root === null ? !isStale(store, known) : store.trusted.includes(root.fingerprint);
  return isRight && oldIn(store, wish).length === 0;
}

/** The steps that make a store as it is wanted. */
export function stepsFor(store: RootStore, wish: TrustWish): readonly StoreStep[] {
  const { root, known } = wish;
  const old = oldIn(store, wish);
  return root === null ? stepsToForget(store, old, isStale(store, known)) : stepsToTrust(store, root, old);
}

function stateOf(store: RootStore, wish: TrustWish): TrustState {
  const { root, known } = wish;
  const { trusted, obstacle } = store;
  if (trusted === null) return 'unknown';
  const asked = root === null ? known : [root];
  if (asked.some(({ fingerprint }) => trusted.includes(fingerprint))) return 'trusted';
  if (obstacle !== null && root !== null) return 'unavailable';
  return oldIn(store, wish).length > 0 || strangeIn(store, known).length > 0 ? 'other' : 'not-trusted';
}

/** Why it is so, where that does not say itself. */
function whyOf(store: RootStore, state: TrustState, wish: TrustWish): string | null {
  const [old] = oldIn(store, wish);
  const [strange] = strangeIn(store, wish.known);
  switch (state) {
    case 'unknown':
      return `What is in ${store.path} cannot be read.`;
    case 'unavailable':
      return store.obstacle?.why ?? null;
    case 'other':
      return old === undefined
        ? `"${strange?.name ?? ''}" is there, which another home of AutoGit has put in, or one that is gone: AutoGit leaves it.`
        : `There is an older root of the lab "${old.lab}".`;
    case 'trusted':
      if (wish.root !== null)
        return old === undefined ? null : `An older root of the lab "${old.lab}" is there, too.`;
      return old === undefined
        ? 'It is not AutoGit that has put it in, so AutoGit leaves it.'
        : (store.obstacle?.why ?? null);
    case 'not-trusted':
      return null;
    default:
      return assertNever(state);
  }
}

/** Lines that do what is wanted where AutoGit may not. */
export function commandsOf(store: RootStore, wish: TrustWish): readonly string[] {
  const { root, file } = wish;
  const { obstacle } = store;
  if (obstacle === null || isDone(store, wish) === true) return [];
  if (!obstacle.needsRoot) {
    const verb = root === null ? 'untrust' : 'trust';
    if (obstacle.install === null) return [];
    return [obstacle.install, `autogit certificate ${verb} ${shellWord(store.id)}`];
  }
  return shellLines(stepsFor(store, wish), { asRoot: true, file });
}

/** A store as doors show it. */
export function judgeStore(store: RootStore, wish: TrustWish): JudgedPlace {
  const state = stateOf(store, wish);
  const { id, kind, label, path } = store;
  return { id, kind, label, path, state, why: whyOf(store, state, wish), commands: commandsOf(store, wish) };
}
