// What the requests about container engines do: list them, show one, use another.
import { checkEngine } from '../checks/index.ts';
import { diffSettings } from '../config/diff-settings.ts';
import type { Outcome, ParsedInput } from '../contract/contract.ts';
import type { EngineDetail, EngineRow } from '../contract/engines.ts';
import { AutoGitError, problemOf } from '../errors.ts';
import { engineName, isGuess, lacksOf, tooOld } from '../model/engine.ts';
import type { EngineInfo, EnginePlace } from '../model/engine.ts';
import type { Settings } from '../model/settings.ts';
import type { Problem } from '../model/world.ts';
import { notYet, patienceMs, requireSettings } from './effect.ts';
import { engineFactsOf } from './engine-facts.ts';
import { choosePlace } from './engine-in-use.ts';
import type { NodeInUse } from './engine-in-use.ts';
import { toOutcome } from './outcome.ts';
import type { RequestContext } from './requests.ts';

/** An engine that was asked just now. */
interface Asked {
  readonly place: EnginePlace;
  readonly info: EngineInfo | null;
  readonly problem: Problem | null;
}

const states: Readonly<Record<string, EngineRow['state']>> = {
  'engine.too-old': 'too-old',
  'engine.permission': 'no-permission',
  'engine.unreachable': 'unreachable',
  'engine.tls': 'tls-refused',
  'engine.address': 'unsupported',
};

async function ask({ engines }: RequestContext, place: EnginePlace): Promise<Asked> {
  try {
    const info = await engines.ask(place.host);
    return { place, info, problem: tooOld(info) };
  } catch (error) {
    return { place, info: null, problem: problemOf(error) };
  }
}

/** Everything that was found; the one in use also when it is not found any more. */
async function findPlaces({
  engines,
  settings,
  coordinator,
}: RequestContext): Promise<readonly EnginePlace[]> {
  const found = await engines.places(settings.current().engine.host);
  const present = coordinator.node()?.place;
  const isKnown = present === undefined || found.some(({ identity }) => identity === present.identity);
  return isKnown ? found : [present, ...found];
}

function isInUse({ identity }: EnginePlace, { coordinator }: RequestContext): boolean {
  return coordinator.node()?.place.identity === identity;
}

function rowOf({ place, info, problem }: Asked, context: RequestContext): EngineRow {
  const node = context.store.nodes().find(({ host }) => host === place.identity);
  return {
    address: place.host,
    sources: place.sources.map((source) => ({ ...source })),
    inUse: isInUse(place, context),
    node: node?.id ?? null,
    machine: place.machine,
    state: problem === null ? 'ready' : (states[problem.key] ?? 'failed'),
    ...engineFactsOf(info),
    cpus: info?.cpus ?? null,
    memoryBytes: info?.memoryBytes ?? null,
    lacks: info === null ? [] : [...lacksOf(info)],
    problem,
  };
}

/** Usual places where nothing is are left out, unless one of them is in use. */
export async function listEngines(context: RequestContext): Promise<EngineRow[]> {
  const asked = await Promise.all((await findPlaces(context)).map((place) => ask(context, place)));
  return asked
    .filter(({ place, problem }) => {
      const isNothing = isGuess(place) && problem?.key === 'engine.unreachable';
      return !isNothing || isInUse(place, context);
    })
    .map((one) => rowOf(one, context));
}

/** One engine, asked now. Rejects with `engine.not-found`. */
export async function showEngine(
  { address }: ParsedInput<'engine.show'>,
  context: RequestContext,
): Promise<EngineDetail> {
  const places = await findPlaces(context);
  const place = places.find((candidate) =>
    address === undefined
      ? isInUse(candidate, context)
      : candidate.host === address || candidate.identity === address,
  );
  if (place === undefined) throw notFound(address);
  const asked = await ask(context, place);
  const { info } = asked;
  const { pools } = context.settings.current();
  return {
    ...rowOf(asked, context),
    limits: info === null ? null : { ...info.limits },
    pause: info?.pause ?? null,
    lowestPort: info?.lowestPort ?? null,
    dataFolder: info?.dataFolder ?? null,
    disk: info?.disk ?? null,
    issues: info === null ? [] : [...checkEngine({ name: place.machine, info, pools })],
  };
}

function notFound(address: string | undefined): AutoGitError {
  return new AutoGitError({
    key: 'engine.not-found',
    message:
      address === undefined
        ? 'No container engine is in use yet.'
        : `No container engine is known at ${address}.`,
    next: 'See which ones there are with: autogit engine list. Another one can be named with: autogit engine use ADDRESS',
  });
}

/** What the engine at an address is. Rejects with the reason why it cannot be used. */
async function requireUsable({ engines }: RequestContext, host: string): Promise<EngineInfo> {
  const info = await engines.ask(host);
  const problem = tooOld(info);
  if (problem !== null) throw new AutoGitError(problem);
  return info;
}

/** Writes the setting and waits until the engine has been looked at. Rejects with why an engine cannot be used. */
export async function useEngine(
  { address, dryRun }: ParsedInput<'engine.use'>,
  context: RequestContext,
): Promise<Outcome> {
  requireSettings(context);
  const { engines, settings, coordinator } = context;
  const present = settings.current();
  const host = address === 'auto' ? null : address;
  const wanted: Settings = { ...present, engine: { ...present.engine, host } };
  const place = await choosePlace(engines, await engines.places(host));
  if (place === null) throw notFound(address);
  const info = await requireUsable(context, place.host);
  const isNew = !isInUse(place, context);
  if (dryRun) {
    const effect = diffSettings(present, wanted).map((change) => ` ${change.effect}`);
    const message = `AutoGit would use ${engineName(info)} at ${place.host}.${isNew ? effect.join('') : ''}`;
    return toOutcome([], true, message);
  }
  await settings.save(wanted);
  coordinator.reconsider();
  const node = await untilLooked(host, context);
  return toOutcome([], false, `AutoGit uses ${engineName(info)} at ${node.place.host}.`, whatIsLeft(context));
}

async function untilLooked(host: string | null, { coordinator, live }: RequestContext): Promise<NodeInUse> {
  const found = await live.until(({ nodes: [shown] }) => {
    const node = coordinator.node();
    return node?.setting === host && shown?.id === node.id && shown.engine.state !== 'never';
  }, patienceMs);
  const node = coordinator.node();
  const problem = found?.nodes[0]?.engine.problem ?? null;
  if (problem !== null) throw new AutoGitError(problem);
  if (found === null || node === null) throw notYet('The other engine is not in use yet', live.current());
  return node;
}

/** The first thing that stays behind on another engine. */
function whatIsLeft({ live }: RequestContext): string {
  const left = live
    .current()
    .issues.find(({ key }) => key === 'sandbox.elsewhere' || key === 'runner.node-away');
  return left === undefined ? 'See what it cannot do with: autogit engine show' : left.message;
}
