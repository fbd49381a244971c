// `autogit demo`: the main job, live, in a home of its own.
import { availableParallelism } from 'node:os';
import { parse as parseYaml } from 'yaml';
import type { HomePaths } from '../../index.ts';
import { interruptCode } from '../access.ts';
import { connectCore } from '../../serve/client.ts';
import { findCore } from '../../serve/find-core.ts';
import type { CoreAccess } from '../../serve/find-core.ts';
import type { CliWorld } from '../access.ts';
import type { DemoInput } from '../commands.ts';
import type { View } from '../render/text.ts';
import { sayNewHome } from '../reach.ts';
import { viewOf } from '../view.ts';
import { startCoreProcess } from './core-process.ts';
import { demoSettings, planSettings } from './demo-settings.ts';
import { readFailedLogs, renderFailedLogs } from './failed-logs.ts';
import type { FailedLog } from './failed-logs.ts';
import { connectOrStart } from './keeper.ts';
import type { CoreLink, CoreSource } from './keeper.ts';
import { tailLogs } from './log-tail.ts';
import { newDemo } from './model.ts';
import { renderKept, renderLater } from './next.ts';
import { openSession } from './session.ts';
import type { Session } from './session.ts';
import { openShow } from './show.ts';
import { cleanUp, isInterrupt, lookAround, playDemo } from './steps.ts';
import type { Ending } from './steps.ts';
import { demoResult, isGood, renderSummary } from './summary.ts';
import type { DemoFacts } from './summary.ts';

/** How long a core that the demo started may take to end. Milliseconds. */
const stopMs = 15_000;
/** How long somebody may take to bring a lost core back. Milliseconds. */
const patienceMs = 20_000;

export interface DemoParts {
  readonly paths: HomePaths;
  readonly source: CoreSource;
}

function realParts(access: CoreAccess, world: CliWorld, keep: boolean): DemoParts {
  const paths = access.homePaths(world.env, { demo: true });
  const find: CoreSource['find'] = async () => {
    const record = await findCore(access, paths);
    return record === null ? null : { record, door: connectCore(record.socket) };
  };
  return {
    paths,
    source: { find, start: () => startCoreProcess(paths, world.env, keep), patienceMs },
  };
}

/** The settings that the home has, as they stand in its file; `null` for a new home. */
async function presentSettings(paths: HomePaths, world: CliWorld): Promise<unknown> {
  const text = await world.readText(paths.settings).catch(() => null);
  if (text === null) return null;
  try {
    const parsed: unknown = parseYaml(text);
    return parsed;
  } catch {
    return undefined;
  }
}

/** Writes the demo's settings where they are missing or of another run; a running core keeps what it has. */
async function prepareHome(
  parts: DemoParts,
  access: CoreAccess,
  world: CliWorld,
  input: DemoInput,
): Promise<void> {
  const wanted = demoSettings(input, availableParallelism());
  const plan = planSettings(await presentSettings(parts.paths, world), wanted);
  const runs = (await parts.source.find()) !== null;
  if (plan === 'write' && !runs) {
    const isNewHome = await access.writeSettings(parts.paths, wanted);
    sayNewHome(world, isNewHome, parts.paths.root);
  }
}

interface Played {
  readonly ending: Ending;
  readonly failedLogs: readonly FailedLog[];
  readonly interrupted: boolean;
}

/** Plays the demo and cleans up behind it, also behind a failed or interrupted one. */
async function play(session: Session, input: DemoInput, world: CliWorld): Promise<Played> {
  let failedLogs: readonly FailedLog[] = [];
  try {
    await playDemo(session, input, world.interrupt, world.now);
    failedLogs = await readFailedLogs(session);
    if (input.keep) return { ending: await lookAround(session), failedLogs, interrupted: false };
  } catch (error) {
    if (!isInterrupt(error)) {
      // The first error is the one to report; what cannot be removed now is removed by the next start.
      await cleanUp(session).catch(() => undefined);
      throw error;
    }
    session.tell({ kind: 'interrupted' });
  }
  return { ending: await cleanUp(session), failedLogs, interrupted: world.interrupt.aborted };
}

async function stopCore(link: CoreLink, kept: boolean): Promise<void> {
  if (link.own === null) return;
  if (kept) link.own.release();
  else await link.own.stop(stopMs);
}

async function tellPerson(
  facts: DemoFacts,
  input: DemoInput,
  session: Session,
  parts: DemoParts,
  world: CliWorld,
  view: View,
): Promise<void> {
  world.out.write(`\n${renderSummary(facts, input.keep, view)}`);
  const words = { root: parts.paths.root, env: world.env };
  if (!input.keep) {
    world.out.write(renderLater(words, view));
    return;
  }
  const { record } = session.link();
  world.out.write(renderKept(await session.call('sandbox.access', {}), record, words, view));
}

/** Runs the demo. Resolves with the exit code: 0 only if every job succeeded and nothing is left. */
export async function runDemo(
  input: DemoInput,
  world: CliWorld,
  json: boolean,
  makeParts: (access: CoreAccess) => DemoParts = (access) => realParts(access, world, input.keep),
): Promise<number> {
  const access = await world.loadCore();
  const parts = makeParts(access);
  await prepareHome(parts, access, world, input);
  const output = json ? 'err' : 'out';
  const first = newDemo(input.jobs, world.now());
  const show = await openShow(output, world, viewOf(world[output], world), first);
  let shown = true;
  const endShow = (): void => {
    if (shown) show.end();
    shown = false;
  };
  try {
    const link = await connectOrStart(parts.source, world.interrupt);
    const session = openSession({
      source: parts.source,
      link,
      model: first,
      now: world.now,
      hurry: world.interrupt,
      onChange: show.update,
    });
    const endTail = world[output].isTTY ? tailLogs(session) : (): void => undefined;
    let kept = false;
    try {
      const { ending, failedLogs, interrupted } = await play(session, input, world);
      endTail();
      session.tell({ kind: 'phase', phase: 'done' });
      endShow();
      world.err.write(renderFailedLogs(failedLogs));
      kept = input.keep && !interrupted;
      const facts: DemoFacts = { ...ending, model: session.model(), runner: input.runner, now: world.now() };
      const result = demoResult(facts);
      if (json) world.out.write(`${JSON.stringify(result, null, 2)}\n`);
      else await tellPerson(facts, { ...input, keep: kept }, session, parts, world, viewOf(world.out, world));
      if (interrupted) return interruptCode(world.interrupt);
      return isGood(result, kept) ? 0 : 1;
    } finally {
      endTail();
      await session.close();
      await stopCore(session.link(), kept);
    }
  } finally {
    endShow();
  }
}
