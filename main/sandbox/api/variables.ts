// CI variables of projects and of the instance.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import type { ProjectVariable } from '../state.ts';
import { MAINTAINER } from './access.ts';
import { ApiError, invalidEntity, notFound } from './api-error.ts';
import { requireAdmin } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { renderInstanceVariable, renderVariable } from './entities/ci.ts';
import { findProjectFor } from './lookup.ts';
import { answerPage } from './paging.ts';
import { boolParam, parseParams, readParams, textParam } from './params.ts';

const editSchema = z.object({
  value: textParam.optional(),
  variable_type: z.enum(['env_var', 'file']).optional(),
  protected: boolParam.optional(),
  masked: boolParam.optional(),
  masked_and_hidden: boolParam.optional(),
  raw: boolParam.optional(),
  environment_scope: textParam.optional(),
  description: textParam.nullish(),
});

const createSchema = editSchema.extend({ key: textParam, value: textParam });

export function variableRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  projectVariables(ctx, app);
  instanceVariables(ctx, app);
  return app;
}

// GitLab masks values of at least 8 characters without white space (D:ci/variables/#mask-a-cicd-variable).
function assertMaskable(value: string): void {
  if (value.length >= 8 && !/\s/.test(value)) return;
  throw invalidEntity({
    value: [value.length < 8 ? 'is too short (minimum is 8 characters)' : 'is invalid'],
  });
}

function assertKey(key: string): void {
  if (/^\w{1,255}$/.test(key)) return;
  throw invalidEntity({ key: ["can contain only letters, digits and '_'."] });
}

function projectVariables(ctx: SandboxContext, app: Hono<ApiEnv>): void {
  const { projectVariables: collection } = ctx.store;
  const base = '/projects/:id/variables';
  app.get(base, async (c) => {
    const variables = collection.by('projectId', findProjectFor(ctx, c, MAINTAINER).id);
    return answerPage(c, await readParams(c), variables, renderVariable);
  });
  app.get(`${base}/:key`, async (c) => c.json(renderVariable(await findVariable(ctx, c))));
  app.post(base, async (c) => {
    const project = findProjectFor(ctx, c, MAINTAINER);
    const wish = parseParams(createSchema, await readParams(c));
    const environmentScope = wish.environment_scope ?? '*';
    const hidden = wish.masked_and_hidden ?? false;
    assertKey(wish.key);
    if (hidden || wish.masked === true) assertMaskable(wish.value);
    const same = (one: ProjectVariable): boolean =>
      one.key === wish.key && one.environmentScope === environmentScope;
    if (collection.by('projectId', project.id).some(same)) {
      throw invalidEntity({ key: [`(${wish.key}) has already been taken`] });
    }
    const variable = collection.insert({
      projectId: project.id,
      key: wish.key,
      value: wish.value,
      variableType: wish.variable_type ?? 'env_var',
      protected: wish.protected ?? false,
      masked: hidden || (wish.masked ?? false),
      hidden,
      raw: wish.raw ?? false,
      environmentScope,
      description: wish.description ?? null,
    });
    return c.json(renderVariable(variable), 201);
  });
  app.put(`${base}/:key`, async (c) => {
    const variable = await findVariable(ctx, c);
    const wish = parseParams(editSchema, await readParams(c));
    if (wish.masked ?? variable.masked) assertMaskable(wish.value ?? variable.value);
    const edited = collection.update(variable.id, {
      value: wish.value ?? variable.value,
      variableType: wish.variable_type ?? variable.variableType,
      protected: wish.protected ?? variable.protected,
      masked: wish.masked ?? variable.masked,
      raw: wish.raw ?? variable.raw,
      environmentScope: wish.environment_scope ?? variable.environmentScope,
      description: wish.description ?? variable.description,
    });
    return c.json(renderVariable(edited));
  });
  app.delete(`${base}/:key`, async (c) => {
    collection.remove((await findVariable(ctx, c)).id);
    return c.body(null, 204);
  });
}

/** By key; several of one key are told apart by `filter[environment_scope]`. */
async function findVariable(ctx: SandboxContext, c: Context<ApiEnv>): Promise<ProjectVariable> {
  const project = findProjectFor(ctx, c, MAINTAINER);
  const schema = z.object({ filter: z.object({ environment_scope: textParam.optional() }).optional() });
  const scope = parseParams(schema, await readParams(c)).filter?.environment_scope;
  const found = ctx.store.projectVariables
    .by('projectId', project.id)
    .filter(
      (one) => one.key === c.req.param('key') && (scope === undefined || one.environmentScope === scope),
    );
  if (found.length > 1) {
    throw new ApiError(409, {
      message:
        "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'",
    });
  }
  const [variable] = found;
  if (variable === undefined) throw notFound('Variable');
  return variable;
}

function instanceVariables(ctx: SandboxContext, app: Hono<ApiEnv>): void {
  const { instanceVariables: collection } = ctx.store;
  const base = '/admin/ci/variables';
  const find = (c: Context<ApiEnv>) => {
    requireAdmin(c);
    const variable = collection.find((one) => one.key === c.req.param('key'));
    if (variable === undefined) throw notFound('Variable');
    return variable;
  };
  app.get(base, async (c) => {
    requireAdmin(c);
    return answerPage(c, await readParams(c), collection.all(), renderInstanceVariable);
  });
  app.get(`${base}/:key`, (c) => c.json(renderInstanceVariable(find(c))));
  app.post(base, async (c) => {
    requireAdmin(c);
    const wish = parseParams(createSchema, await readParams(c));
    assertKey(wish.key);
    if (wish.masked === true) assertMaskable(wish.value);
    if (collection.find((one) => one.key === wish.key) !== undefined) {
      throw invalidEntity({ key: [`(${wish.key}) has already been taken`] });
    }
    const variable = collection.insert({
      key: wish.key,
      value: wish.value,
      variableType: wish.variable_type ?? 'env_var',
      protected: wish.protected ?? false,
      masked: wish.masked ?? false,
      raw: wish.raw ?? false,
      description: wish.description ?? null,
    });
    return c.json(renderInstanceVariable(variable), 201);
  });
  app.put(`${base}/:key`, async (c) => {
    const variable = find(c);
    const wish = parseParams(editSchema, await readParams(c));
    const edited = collection.update(variable.id, {
      value: wish.value ?? variable.value,
      variableType: wish.variable_type ?? variable.variableType,
      protected: wish.protected ?? variable.protected,
      masked: wish.masked ?? variable.masked,
      raw: wish.raw ?? variable.raw,
      description: wish.description ?? variable.description,
    });
    return c.json(renderInstanceVariable(edited));
  });
  app.delete(`${base}/:key`, (c) => {
    collection.remove(find(c).id);
    return c.body(null, 204);
  });
}
