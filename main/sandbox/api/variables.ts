// CI variables of projects and of the instance.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import type { InstanceVariable, ProjectVariable } from '../state.ts';
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
type VariableEdit = z.infer<typeof editSchema>;

const createSchema = editSchema.extend({ key: textParam, value: textParam });
type NewVariable = z.infer<typeof createSchema>;

export function variableRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  projectVariables(ctx, app);
  instanceVariables(ctx, app);
  return app;
}

/** What variables of projects and of the instance have in common. */
type CommonFields = Omit<InstanceVariable, 'id'>;

/** A new variable's fields. Raises 400 for a key or a masked value that GitLab refuses. */
function newFields(wish: NewVariable, masked: boolean): CommonFields {
  assertKey(wish.key);
  if (masked) assertMaskable(wish.value);
  const { key, value, description = null } = wish;
  return {
    ...{ key, value, masked, description },
    variableType: wish.variable_type ?? 'env_var',
    protected: wish.protected ?? false,
    raw: wish.raw ?? false,
  };
}

/** The fields after an edit. Raises 400 for a masked value that GitLab refuses. */
function editedFields(variable: CommonFields, wish: VariableEdit): Omit<CommonFields, 'key'> {
  const value = wish.value ?? variable.value;
  const masked = wish.masked ?? variable.masked;
  if (masked) assertMaskable(value);
  return {
    ...{ value, masked },
    variableType: wish.variable_type ?? variable.variableType,
    protected: wish.protected ?? variable.protected,
    raw: wish.raw ?? variable.raw,
    description: wish.description ?? variable.description,
  };
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

function alreadyTaken(key: string): ApiError {
  return invalidEntity({ key: [`(${key}) has already been taken`] });
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
    const fields = newFields(wish, hidden || (wish.masked ?? false));
    const same = (one: ProjectVariable): boolean =>
      one.key === wish.key && one.environmentScope === environmentScope;
    if (collection.by('projectId', project.id).some(same)) throw alreadyTaken(wish.key);
    const variable = collection.insert({ ...fields, projectId: project.id, hidden, environmentScope });
    return c.json(renderVariable(variable), 201);
  });
  app.put(`${base}/:key`, async (c) => {
    const variable = await findVariable(ctx, c);
    const wish = parseParams(editSchema, await readParams(c));
    const edited = collection.update(variable.id, {
      ...editedFields(variable, wish),
      environmentScope: wish.environment_scope ?? variable.environmentScope,
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
    const fields = newFields(wish, wish.masked ?? false);
    if (collection.find((one) => one.key === wish.key) !== undefined) throw alreadyTaken(wish.key);
    const variable = collection.insert(fields);
    return c.json(renderInstanceVariable(variable), 201);
  });
  app.put(`${base}/:key`, async (c) => {
    const variable = find(c);
    const wish = parseParams(editSchema, await readParams(c));
    const edited = collection.update(variable.id, editedFields(variable, wish));
    return c.json(renderInstanceVariable(edited));
  });
  app.delete(`${base}/:key`, (c) => {
    collection.remove(find(c).id);
    return c.body(null, 204);
  });
}
