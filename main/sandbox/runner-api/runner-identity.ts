// Who a runner's request comes from, and the record of its managers.
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import type { Runner, RunnerManager } from '../state.ts';
import { forbidden } from './answers.ts';

/** Seconds between two writes of a runner's last contact. */
const contactSeconds = 10;

/** The part of a runner's request that says who it is; unknown keys are accepted, as GitLab does. */
export const identitySchema = z.looseObject({
  token: z.string().default(''),
  system_id: z.string().default('<legacy>'),
  info: z
    .looseObject({
      version: z.string().optional(),
      revision: z.string().optional(),
      platform: z.string().optional(),
      architecture: z.string().optional(),
      executor: z.string().optional(),
      features: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
});
export type RunnerIdentity = z.infer<typeof identitySchema>;

/** The runner that this token belongs to; raises 403. */
export function findRunner(ctx: SandboxContext, token: string): Runner {
  const runner = token === '' ? undefined : ctx.store.runners.by('token', token)[0];
  if (runner === undefined) throw forbidden();
  return runner;
}

/** Names of the features that are declared as true. */
export function declaredFeatures(identity: RunnerIdentity): string[] {
  return Object.entries(identity.info?.features ?? {}).flatMap(([name, value]) =>
    value === true ? name : [],
  );
}

/** Notes that a runner was heard of, and what it says about itself. */
export function recordContact(
  ctx: SandboxContext,
  c: Context,
  runner: Runner,
  identity: RunnerIdentity,
): RunnerManager {
  const { runnerManagers } = ctx.store;
  const at = ctx.now().toISOString();
  touchRunner(ctx, runner);
  const info = identity.info;
  const said = {
    ipAddress: clientAddress(c),
    ...(info?.version === undefined ? {} : { version: info.version }),
    ...(info?.revision === undefined ? {} : { revision: info.revision }),
    ...(info?.platform === undefined ? {} : { platform: info.platform }),
    ...(info?.architecture === undefined ? {} : { architecture: info.architecture }),
    ...(info?.executor === undefined ? {} : { executor: info.executor }),
    ...(info?.features === undefined || info.features === null
      ? {}
      : { features: declaredFeatures(identity) }),
  };
  const known = findManager(ctx, runner.id, identity.system_id);
  if (known === undefined) {
    const managed = { runnerId: runner.id, systemId: identity.system_id, createdAt: at, contactedAt: at };
    return runnerManagers.insert({ ...managed, ...said });
  }
  const news = { ...known, ...said };
  if (JSON.stringify(news) === JSON.stringify(known) && !isStale(known.contactedAt, ctx.now())) return known;
  return runnerManagers.update(known.id, { ...said, contactedAt: at });
}

/** A sign of life that comes with a job's token instead of the runner's. */
export function recordJobContact(
  ctx: SandboxContext,
  runnerId: number | null,
  systemId: string | null,
): void {
  const runner = runnerId === null ? undefined : ctx.store.runners.get(runnerId);
  if (runner === undefined) return;
  touchRunner(ctx, runner);
  const manager = systemId === null ? undefined : findManager(ctx, runner.id, systemId);
  if (manager === undefined || !isStale(manager.contactedAt, ctx.now())) return;
  ctx.store.runnerManagers.update(manager.id, { contactedAt: ctx.now().toISOString() });
}

export function findManager(
  ctx: SandboxContext,
  runnerId: number,
  systemId: string,
): RunnerManager | undefined {
  return ctx.store.runnerManagers.by('runnerId', runnerId).find((one) => one.systemId === systemId);
}

function touchRunner(ctx: SandboxContext, runner: Runner): void {
  if (isStale(runner.contactedAt, ctx.now())) {
    ctx.store.runners.update(runner.id, { contactedAt: ctx.now().toISOString() });
  }
}

function isStale(contactedAt: string | null, now: Date): boolean {
  return contactedAt === null || now.getTime() - Date.parse(contactedAt) > contactSeconds * 1000;
}

/** The peer's address; `null` where there is no socket (a request made in the process itself). */
function clientAddress(c: Context): string | null {
  const socket = z
    .object({ incoming: z.object({ socket: z.object({ remoteAddress: z.string() }) }) })
    .safeParse(c.env);
  return socket.data?.incoming.socket.remoteAddress ?? null;
}
