// Members of projects and groups.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import type { Member } from '../state.ts';
import { ancestorsOf, hasNamespaceRole, hasProjectRole, MAINTAINER, OWNER } from './access.ts';
import { badParameter, conflict, forbidden, notFound } from './api-error.ts';
import { requireUser, viewerOf } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { renderMember } from './entities/people.ts';
import { findGroup, findGroupFor, findProject, findProjectFor, pathNumber } from './lookup.ts';
import { answerPage } from './paging.ts';
import { intParam, parseParams, readParams, textParam } from './params.ts';

const level = intParam.pipe(
  z.union([
    z.literal(5),
    z.literal(10),
    z.literal(15),
    z.literal(20),
    z.literal(30),
    z.literal(40),
    z.literal(50),
  ]),
);

const addSchema = z.object({
  user_id: textParam.optional(),
  username: textParam.optional(),
  access_level: level,
  expires_at: textParam.nullish(),
});

interface Source {
  readonly sourceType: Member['sourceType'];
  readonly sourceId: number;
  /** The namespace from which members are inherited. */
  readonly parentId: number | null;
  /** Whether the asker may make and unmake owners: owners and administrators may. */
  readonly ownsIt: boolean;
}

export function memberRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  memberRoutesOf(ctx, app, '/projects/:id', (c, write) => {
    const project = write ? findProjectFor(ctx, c, MAINTAINER) : findProject(ctx, c);
    const ownsIt = hasProjectRole(ctx.store, viewerOf(c), project, OWNER);
    return { sourceType: 'project', sourceId: project.id, parentId: project.namespaceId, ownsIt };
  });
  memberRoutesOf(ctx, app, '/groups/:id', (c, write) => {
    const group = write ? findGroupFor(ctx, c, OWNER) : findGroup(ctx, c);
    const ownsIt = hasNamespaceRole(ctx.store, viewerOf(c), group.id, OWNER);
    return { sourceType: 'group', sourceId: group.id, parentId: group.parentId, ownsIt };
  });
  return app;
}

function memberRoutesOf(
  ctx: SandboxContext,
  app: Hono<ApiEnv>,
  base: '/projects/:id' | '/groups/:id',
  find: (c: Context<ApiEnv>, write: boolean) => Source,
): void {
  const list = async (c: Context<ApiEnv>, members: readonly Member[]): Promise<Response> =>
    answerPage(c, await readParams(c), members, (member) => show(ctx, c, member));
  app.get(`${base}/members`, async (c) => await list(c, direct(ctx, find(c, false))));
  app.get(`${base}/members/all`, async (c) => await list(c, withInherited(ctx, find(c, false))));
  app.get(`${base}/members/all/:user_id`, (c) =>
    c.json(show(ctx, c, findMember(c, withInherited(ctx, find(c, false))))),
  );
  app.get(`${base}/members/:user_id`, (c) =>
    c.json(show(ctx, c, findMember(c, direct(ctx, find(c, false))))),
  );
  app.post(`${base}/members`, async (c) => await addMember(ctx, c, find(c, true)));
  app.put(`${base}/members/:user_id`, async (c) => {
    const source = find(c, true);
    const member = findMember(c, direct(ctx, source));
    const wish = parseParams(addSchema, await readParams(c));
    assertMayGrant(source, member.accessLevel, wish.access_level);
    const patch = { accessLevel: wish.access_level, expiresAt: wish.expires_at ?? null };
    return c.json(show(ctx, c, ctx.store.members.update(member.id, patch)));
  });
  app.delete(`${base}/members/:user_id`, (c) => {
    const source = find(c, true);
    const member = findMember(c, direct(ctx, source));
    assertMayGrant(source, member.accessLevel);
    ctx.store.members.remove(member.id);
    return c.body(null, 204);
  });
}

/** Maintainers manage members, but no owners (https://docs.gitlab.com/user/permissions/). */
function assertMayGrant(source: Source, ...levels: readonly number[]): void {
  if (!source.ownsIt && levels.some((each) => each >= OWNER)) throw forbidden();
}

function show(ctx: SandboxContext, c: Context<ApiEnv>, member: Member) {
  requireUser(c);
  return renderMember(member, ctx.store.users.need(member.userId), c.get('baseUrl'));
}

function direct(ctx: SandboxContext, source: Pick<Source, 'sourceType' | 'sourceId'>): Member[] {
  return ctx.store.members
    .by('sourceId', source.sourceId)
    .filter((member) => member.sourceType === source.sourceType);
}

/** One entry for each user: the highest of their roles. */
function withInherited(ctx: SandboxContext, source: Source): Member[] {
  const namespaces = source.parentId === null ? [] : ancestorsOf(ctx.store, source.parentId);
  const inherited = namespaces.flatMap((namespace) =>
    direct(ctx, { sourceType: 'group', sourceId: namespace.id }),
  );
  const highest = new Map<number, Member>();
  for (const member of [...direct(ctx, source), ...inherited]) {
    const known = highest.get(member.userId);
    if (known === undefined || known.accessLevel < member.accessLevel) highest.set(member.userId, member);
  }
  return [...highest.values()];
}

function findMember(c: Context<ApiEnv>, members: readonly Member[]): Member {
  const userId = pathNumber(c, 'user_id');
  const member = members.find((one) => one.userId === userId);
  if (member === undefined) throw notFound('Member');
  return member;
}

async function addMember(ctx: SandboxContext, c: Context<ApiEnv>, source: Source): Promise<Response> {
  const wish = parseParams(addSchema, await readParams(c));
  if (wish.user_id === undefined && wish.username === undefined) {
    throw badParameter('user_id, username are missing, exactly one parameter must be provided');
  }
  const user =
    wish.username === undefined
      ? ctx.store.users.get(Number(wish.user_id))
      : ctx.store.users.by('username', wish.username)[0];
  if (user === undefined) throw notFound('User');
  assertMayGrant(source, wish.access_level);
  if (direct(ctx, source).some((member) => member.userId === user.id))
    throw conflict('Member already exists');
  const member = ctx.store.members.insert({
    sourceType: source.sourceType,
    sourceId: source.sourceId,
    userId: user.id,
    accessLevel: wish.access_level,
    expiresAt: wish.expires_at ?? null,
    createdAt: ctx.now().toISOString(),
  });
  return c.json(show(ctx, c, member), 201);
}
