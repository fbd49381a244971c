// SSH keys of users. They are kept and shown; the sandbox serves git over HTTP only.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import { invalidEntity, notFound } from './api-error.ts';
import { requireAdmin, requireUser } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { renderSshKey, renderUser } from './entities/people.ts';
import { findUser, pathNumber } from './lookup.ts';
import { answerPage } from './paging.ts';
import { parseParams, readParams, textParam } from './params.ts';
import { selfOrUser } from './users.ts';

const schema = z.object({
  title: textParam,
  key: textParam,
  expires_at: textParam.optional(),
  usage_type: z.enum(['auth', 'signing', 'auth_and_signing']).default('auth_and_signing'),
});

export function keyRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const { sshKeys } = ctx.store;
  for (const base of ['/user/keys', '/users/:id/keys']) {
    app.get(base, async (c) => {
      requireUser(c);
      const owner = base === '/user/keys' ? requireUser(c).user : findUser(ctx, c);
      return answerPage(c, await readParams(c), sshKeys.by('userId', owner.id), renderSshKey);
    });
    app.post(base, async (c) => await addKey(ctx, c));
    app.get(`${base}/:key_id`, (c) => c.json(renderSshKey(findKey(ctx, c))));
    app.delete(`${base}/:key_id`, (c) => {
      sshKeys.remove(findKey(ctx, c).id);
      return c.body(null, 204);
    });
  }
  app.get('/keys/:key_id', (c) => {
    requireAdmin(c);
    const key = sshKeys.get(pathNumber(c, 'key_id'));
    const user = key === undefined ? undefined : ctx.store.users.get(key.userId);
    if (key === undefined || user === undefined) throw notFound();
    return c.json({ ...renderSshKey(key), user: renderUser(user, c.get('baseUrl')) });
  });
  return app;
}

async function addKey(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  const owner = selfOrUser(ctx, c);
  const wish = parseParams(schema, await readParams(c));
  const key = wish.key.trim();
  if (!/^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-nistp\d+|sk-\S+@openssh\.com) [A-Za-z0-9+/=]+( .*)?$/.test(key)) {
    throw invalidEntity({ key: ['is invalid'] });
  }
  const body = key.split(' ')[1];
  if (ctx.store.sshKeys.find((one) => one.key.split(' ')[1] === body) !== undefined) {
    throw invalidEntity({ fingerprint_sha256: ['has already been taken'] });
  }
  const created = ctx.store.sshKeys.insert({
    userId: owner.id,
    title: wish.title,
    key,
    usageType: wish.usage_type,
    expiresAt: wish.expires_at ?? null,
    createdAt: ctx.now().toISOString(),
  });
  return c.json(renderSshKey(created), 201);
}

function findKey(ctx: SandboxContext, c: Context<ApiEnv>) {
  const owner = selfOrUser(ctx, c);
  const key = ctx.store.sshKeys.get(pathNumber(c, 'key_id', 'Key'));
  if (key?.userId !== owner.id) throw notFound('Key');
  return key;
}
