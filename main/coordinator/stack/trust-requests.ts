// Who trusts the root: `certificate.trust`, `certificate.untrust`, and the places of `certificate.list`.
import path from 'node:path';
import type { TrustPlace } from '../../access-ports.ts';
import type { Finding } from '../../checks/hardware/check.ts';
import { checkLeftRoots } from '../../checks/trust/left-roots.ts';
import type { Output, ParsedInput } from '../../contract/contract.ts';
import { AutoGitError, messageOf } from '../../errors.ts';
import { rootFile } from '../../model/stack/made-files.ts';
import type { KnownRoot, RootStore } from '../../model/trust.ts';
import { isDone, judgeStore, oldIn, stepsFor } from '../../plan/trust/judge.ts';
import type { TrustWish } from '../../plan/trust/judge.ts';
import { summarize } from '../../plan/trust/summarize.ts';
import type { PlaceResult } from '../../plan/trust/summarize.ts';
import type { Secrets } from '../../ports.ts';
import type { RequestContext } from '../requests.ts';
import { jobsPlace, jobsPlaceId, jobsWords, setJobsTrust } from './jobs-trust.ts';
import { forgetRoots, homeRoots, rememberRoots } from './trust-roots.ts';
import type { HomeRoots } from './trust-roots.ts';
import { findStores } from './trust-stores.ts';
import type { StoresContext } from './trust-stores.ts';

type Outcome = Output<'certificate.trust'>;
type Verb = 'trust' | 'untrust';

/** One change of stores at a time: two at once would not see what the other does. */
const turns = new WeakMap<Secrets, Promise<unknown>>();

function inTurn<T>({ secrets }: Pick<RequestContext, 'secrets'>, work: () => Promise<T>): Promise<T> {
  const result = (turns.get(secrets) ?? Promise.resolve()).then(work);
  turns.set(
    secrets,
    result.catch(() => undefined),
  );
  return result;
}

function wishOf(
  verb: Verb,
  { current, known, given }: HomeRoots,
  { stack }: Pick<RequestContext, 'stack'>,
): TrustWish {
  const lab = (current ?? known[0])?.lab ?? '';
  const file = path.join(stack.folder.pathOf(lab), rootFile);
  return { root: verb === 'trust' ? current : null, known, given, file };
}

/**
 * Where this machine looks for roots, and whether it trusts the stack's. Without a root to trust, only the places where
 * one of this home's still is, and jobs for a GitLab with an own one. Changes nothing; never rejects.
 */
export async function placesOf(context: RequestContext): Promise<readonly TrustPlace[]> {
  const roots = homeRoots(context);
  const jobs = jobsPlace(context);
  const ownJobs = jobs.state === 'unavailable' ? [] : [jobs];
  if (roots.known.length === 0) return ownJobs;
  const stores = await findStores(roots, context);
  if (roots.current === null) return [...leftIn(stores, roots, context), ...ownJobs];
  const wish = wishOf('trust', roots, context);
  return [...stores.map((store) => judgeStore(store, wish)), jobs];
}

/** Those of these stores in which a root of this home is, as they are judged when none is wanted any more. */
function leftIn(
  stores: readonly RootStore[],
  roots: HomeRoots,
  context: Pick<RequestContext, 'stack'>,
): readonly TrustPlace[] {
  const left = wishOf('untrust', roots, context);
  const isLeft = (store: RootStore): boolean =>
    oldIn(store, left).length > 0 || judgeStore(store, left).state === 'trusted';
  return stores.filter(isLeft).map((store) => judgeStore(store, left));
}

/** Places that still trust a root of this home though it has no stack any more, for the doctor. Never rejects. */
export async function findLeftRoots(context: StoresContext): Promise<readonly Finding[]> {
  const roots = homeRoots(context);
  const hasStack = context.stack.journal.current() !== null;
  if (hasStack || roots.known.length === 0) return [];
  return checkLeftRoots(leftIn(await findStores(roots, context), roots, context), hasStack);
}

/**
 * Labels of the places where AutoGit has put a root of this home. Keeps those roots, which are about to lose their secrets:
 * `untrust` has to know them then.
 */
export async function rememberTrusted(context: RequestContext): Promise<readonly string[]> {
  const roots = homeRoots(context);
  if (roots.known.length === 0) return [];
  const wish = wishOf('untrust', roots, context);
  const stores = await findStores(roots, context);
  const holding = stores.filter((store) => oldIn(store, wish).length > 0);
  for (const store of holding) await rememberRoots(oldIn(store, wish), [store.id], context);
  return holding.map(({ label }) => label);
}

function requirePlaces(wanted: readonly string[] | undefined, there: readonly string[]): ReadonlySet<string> {
  const unknown = wanted?.find((id) => !there.includes(id));
  if (unknown === undefined) return new Set(wanted ?? there);
  throw new AutoGitError({
    key: 'trust.place-unknown',
    message: `There is no place "${unknown}" on this machine.`,
    next: `There are: ${there.join(', ')}. See them with: autogit certificate list`,
    fields: { place: unknown },
  });
}

/** Does one store. What fails is a result, not an error: the others go on. */
async function changeOne(
  store: RootStore,
  { wish, roots, dryRun }: Change,
  context: RequestContext,
): Promise<PlaceResult> {
  const before = judgeStore(store, wish);
  const done = isDone(store, wish);
  if (done === true) return { place: before, outcome: 'nothing', why: null };
  if (done === null) return { place: before, outcome: 'failed', why: before.why };
  if (store.obstacle !== null) return { place: before, outcome: 'blocked', why: store.obstacle.why };
  if (dryRun) return { place: before, outcome: 'done', why: null };
  const out = oldIn(store, wish);
  try {
    if (wish.root !== null) await rememberRoots([wish.root], [store.id], context);
    await context.stack.changeStore(stepsFor(store, wish));
  } catch (error) {
    return { place: before, outcome: 'failed', why: messageOf(error) };
  }
  const after = (await findStores(roots, context)).find(({ id }) => id === store.id);
  // A folder of an engine that is gone holds nothing any more.
  const place = after === undefined ? before : judgeStore(after, wish);
  const isRight = after === undefined ? wish.root === null : isDone(after, wish) === true;
  if (!isRight) return { place, outcome: 'failed', why: notSeen(wish.root) };
  await forgetRoots(out, store.id, context);
  return { place, outcome: 'done', why: null };
}

function notSeen(root: KnownRoot | null): string {
  return root === null
    ? 'it was taken out, and programs still find it: somebody else has put it there, too.'
    : 'it was put in, and programs do not find it there.';
}

interface Change {
  readonly wish: TrustWish;
  readonly roots: HomeRoots;
  readonly dryRun: boolean;
}

async function changeJobs(
  place: TrustPlace,
  { on, dryRun }: { readonly on: boolean; readonly dryRun: boolean },
  context: RequestContext,
): Promise<PlaceResult> {
  if (place.state === 'unavailable') return { place, outcome: 'blocked', why: place.why };
  if ((place.state === 'trusted') === on) return { place, outcome: 'nothing', why: null };
  if (dryRun) return { place, outcome: 'done', why: null };
  try {
    return { place: await setJobsTrust(context, on, false), outcome: 'done', why: null };
  } catch (error) {
    return { place, outcome: 'failed', why: messageOf(error) };
  }
}

/** Jobs alone, of a GitLab whose root is no stack's: there is nothing else that could be changed. */
function areJobsAlone(places: readonly string[] | undefined, context: RequestContext): boolean {
  return (
    places?.length === 1 &&
    places[0] === jobsPlaceId &&
    homeRoots(context).current === null &&
    jobsPlace(context).state !== 'unavailable'
  );
}

async function changeJobsAlone(verb: Verb, dryRun: boolean, context: RequestContext): Promise<Outcome> {
  const on = verb === 'trust';
  const result = await changeJobs(jobsPlace(context), { on, dryRun }, context);
  const { uid, platform } = context.probe.self();
  const { error, actions } = summarize([result], { verb, dryRun, lab: '', isRoot: uid === 0, platform });
  if (error !== null) throw new AutoGitError(error);
  const message = jobsWords(on, result.outcome === 'done', dryRun);
  return { dryRun, actions: [...actions], message, next: null, places: [toOutput(result.place)] };
}

async function change(
  verb: Verb,
  { places: wanted, dryRun }: ParsedInput<'certificate.trust'>,
  context: RequestContext,
): Promise<Outcome> {
  const roots = homeRoots(context);
  const wish = wishOf(verb, roots, context);
  const stores = await findStores(roots, context);
  const place = jobsPlace(context);
  // What is left of a former stack says nothing about the GitLab of now: jobs have to be named then.
  const isNamed = wanted?.includes(jobsPlaceId) === true && place.state !== 'unavailable';
  const jobs = roots.current !== null || isNamed ? place : null;
  const ids = [...stores.map(({ id }) => id), ...(jobs === null ? [] : [jobs.id])];
  const chosen = requirePlaces(wanted, ids);
  const all: Change = { wish, roots, dryRun };
  const results: PlaceResult[] = [];
  for (const store of stores) if (chosen.has(store.id)) results.push(await changeOne(store, all, context));
  if (jobs !== null && chosen.has(jobsPlaceId))
    results.push(await changeJobs(jobs, { on: verb === 'trust', dryRun }, context));
  const self = context.probe.self();
  const summary = summarize(results, {
    ...{ verb, dryRun },
    lab: (wish.root ?? roots.known[0])?.lab ?? '',
    isRoot: self.uid === 0,
    platform: self.platform,
  });
  if (summary.error !== null) throw new AutoGitError(summary.error);
  const { actions, message, next } = summary;
  const places = results.map(({ place }) => place);
  return { dryRun, actions: [...actions], message, next, places: places.map(toOutput) };
}

function toOutput({ commands, ...place }: TrustPlace): Outcome['places'][number] {
  return { ...place, commands: [...commands] };
}

const nothingToTrust = {
  actions: [],
  places: [],
  next: null,
  message:
    'Nothing has to be trusted: the certificate of this stack is from an authority that programs know already.',
};

/**
 * `certificate.trust`. Rejects with `stack.none`, `trust.no-root`, `trust.place-unknown`, and with `trust.failed` where
 * nothing at all could be done.
 */
export function trustRoot(
  input: ParsedInput<'certificate.trust'>,
  context: RequestContext,
): Promise<Outcome> {
  return inTurn(context, async () => {
    if (areJobsAlone(input.places, context)) return changeJobsAlone('trust', input.dryRun, context);
    const { tls, lab } = context.stack.requireCurrent();
    if (homeRoots(context).current !== null) return change('trust', input, context);
    if (tls.mode !== 'local-ca') return { ...nothingToTrust, dryRun: input.dryRun };
    throw new AutoGitError({
      key: 'trust.no-root',
      message: `The lab "${lab}" has no root yet: it is made with the stack.`,
      next: 'Bring the stack up first: autogit stack up',
      retry: true,
    });
  });
}

/**
 * `certificate.untrust`: what AutoGit has put in, also for labs and domains that are no more. Rejects with
 * `trust.place-unknown`, and with `trust.failed` where nothing at all could be done.
 */
export function untrustRoot(
  input: ParsedInput<'certificate.untrust'>,
  context: RequestContext,
): Promise<Outcome> {
  return inTurn(context, async () => {
    if (areJobsAlone(input.places, context)) return changeJobsAlone('untrust', input.dryRun, context);
    if (homeRoots(context).known.length > 0) return change('untrust', input, context);
    const message = 'This home has no root, and has put none anywhere.';
    return { ...nothingToTrust, message, dryRun: input.dryRun };
  });
}
