// `/runners`: what a runner does with its own token.
import { Hono } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import { deleteRunner } from '../pipelines/removal.ts';
import { createToken } from '../pipelines/tokens.ts';
import { RunnerApiError, readParams } from './answers.ts';
import { findManager, findRunner, identitySchema, recordContact } from './runner-identity.ts';

/** Mounted under `/api/v4`. */
export function runnerRoutes(ctx: SandboxContext): Hono {
  const app = new Hono();
  app.post('/runners/verify', async (c) => {
    const identity = await readParams(c, identitySchema);
    const runner = findRunner(ctx, identity.token);
    recordContact(ctx, c, runner, identity);
    return c.json({ id: runner.id, token: runner.token, token_expires_at: runner.tokenExpiresAt });
  });
  app.post('/runners', () => {
    // Registration tokens are off by default since GitLab 17; the sandbox has none.
    throw new RunnerApiError(410, '410 Gone - runner registration disallowed');
  });
  app.post('/runners/reset_authentication_token', async (c) => {
    const identity = await readParams(c, identitySchema);
    const runner = findRunner(ctx, identity.token);
    recordContact(ctx, c, runner, identity);
    const { token, tokenExpiresAt } = ctx.store.runners.update(runner.id, { token: createToken('glrt-') });
    return c.json({ token, token_expires_at: tokenExpiresAt }, 201);
  });
  app.delete('/runners/managers', async (c) => {
    const { token, system_id: systemId } = await readParams(c, managerSchema);
    const runner = findRunner(ctx, token);
    const manager = findManager(ctx, runner.id, systemId);
    if (manager === undefined) throw new RunnerApiError(404, '404 Runner manager not found Not Found');
    ctx.store.runnerManagers.remove(manager.id);
    return c.body(null, 204);
  });
  app.delete('/runners', async (c) => {
    const runner = findRunner(ctx, (await readParams(c, identitySchema)).token);
    ctx.store.transaction(() => deleteRunner(ctx.store, runner.id));
    ctx.events.emit('runner', runner.id);
    return c.body(null, 204);
  });
  app.get('/runners/router/discovery', (c) => {
    findRunner(ctx, c.req.header('runner-token') ?? '');
    throw new RunnerApiError(501, 'Job Router is not available. Please contact your administrator.');
  });
  return app;
}

const managerSchema = z.looseObject({ token: z.string().default(''), system_id: z.string() });
