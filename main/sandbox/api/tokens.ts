// Personal access tokens: list, create, show, rotate, revoke.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import type { PersonalAccessToken } from '../state.ts';
import { ApiError, badParameter, notFound, unauthorized } from './api-error.ts';
import { requireAdmin, requireUser } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { isExpired, TOKEN_SCOPES } from './credentials.ts';
import { renderAccessToken } from './entities/people.ts';
import { findUser, pathNumber } from './lookup.ts';
import { createAccessToken, dateAfter } from './new-user.ts';
import { answerPage } from './paging.ts';
import { boolParam, intParam, listParam, parseParams, readParams, textParam } from './params.ts';

const createSchema = z.object({
  name: textParam,
  description: textParam.optional(),
  scopes: listParam.pipe(z.array(z.enum(TOKEN_SCOPES)).min(1)),
  expires_at: textParam.optional(),
});

const listSchema = z.object({
  user_id: intParam.optional(),
  revoked: boolParam.optional(),
  state: z.enum(['active', 'inactive']).optional(),
  search: textParam.optional(),
});

export function tokenRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.get('/personal_access_tokens', async (c) => await listTokens(ctx, c));
  for (const path of ['/personal_access_tokens/self', '/personal_access_tokens/:id'] as const) {
    app.get(path, (c) => c.json(renderAccessToken(findToken(ctx, c), ctx.now())));
    app.delete(path, (c) => {
      ctx.store.personalAccessTokens.update(findToken(ctx, c).id, { revoked: true });
      return c.body(null, 204);
    });
    app.post(`${path}/rotate`, async (c) => await rotateToken(ctx, c));
  }
  app.post('/users/:user_id/personal_access_tokens', async (c) => {
    requireAdmin(c);
    const user = findUser(ctx, c, 'user_id');
    return await addToken(ctx, c, user.id);
  });
  app.post('/user/personal_access_tokens', async (c) => await addToken(ctx, c, requireUser(c).user.id));
  return app;
}

async function addToken(ctx: SandboxContext, c: Context<ApiEnv>, userId: number): Promise<Response> {
  const wish = parseParams(createSchema, await readParams(c));
  const expiresAt = checkExpiry(ctx, wish.expires_at);
  const token = createAccessToken(ctx, {
    userId,
    name: wish.name,
    scopes: wish.scopes,
    description: wish.description ?? '',
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
  return c.json(renderAccessToken(token, ctx.now(), token.token), 201);
}

/** A date of at most 365 days ahead (https://docs.gitlab.com/user/profile/personal_access_tokens/). */
function checkExpiry(ctx: SandboxContext, date: string | undefined): string | undefined {
  if (date === undefined) return undefined;
  if (!/^\d{4}-\d{2}-\d{2}/.test(date)) throw badParameter('expires_at is invalid');
  const day = date.slice(0, 10);
  if (day > dateAfter(ctx.now(), 365)) {
    throw new ApiError(400, {
      message: `400 Bad request - Expiration date must be before ${dateAfter(ctx.now(), 366)}`,
    });
  }
  return day;
}

async function listTokens(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  const { user, admin } = requireUser(c);
  const raw = await readParams(c);
  const wish = parseParams(listSchema, raw);
  if (!admin && wish.user_id !== undefined && wish.user_id !== user.id) throw unauthorized();
  const owner = admin ? wish.user_id : user.id;
  const tokens = ctx.store.personalAccessTokens.filter((token) => {
    const active = !token.revoked && !isExpired(token, ctx.now());
    return (
      (owner === undefined || token.userId === owner) &&
      (wish.revoked === undefined || token.revoked === wish.revoked) &&
      (wish.state === undefined || active === (wish.state === 'active')) &&
      (wish.search === undefined || token.name.includes(wish.search))
    );
  });
  return answerPage(c, raw, tokens, (token) => renderAccessToken(token, ctx.now()));
}

function findToken(ctx: SandboxContext, c: Context<ApiEnv>): PersonalAccessToken {
  const principal = c.get('principal');
  if (principal.kind !== 'user') throw unauthorized();
  if (c.req.param('id') === undefined) return ctx.store.personalAccessTokens.need(principal.token.id);
  const token = ctx.store.personalAccessTokens.get(pathNumber(c, 'id'));
  if (token !== undefined && (principal.admin || token.userId === principal.user.id)) return token;
  throw principal.admin ? notFound() : unauthorized();
}

async function rotateToken(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  const old = findToken(ctx, c);
  const wish = parseParams(z.object({ expires_at: textParam.optional() }), await readParams(c));
  if (old.revoked) throw new ApiError(400, { message: '400 Bad request - token already revoked' });
  const token = ctx.store.transaction(() => {
    ctx.store.personalAccessTokens.update(old.id, { revoked: true });
    return createAccessToken(ctx, {
      userId: old.userId,
      name: old.name,
      scopes: old.scopes,
      description: old.description,
      // https://docs.gitlab.com/api/personal_access_tokens/#rotate-a-personal-access-token: a week unless given.
      expiresAt: checkExpiry(ctx, wish.expires_at) ?? dateAfter(ctx.now(), 7),
    });
  });
  return c.json(renderAccessToken(token, ctx.now(), token.token));
}
