// Protected branches and tags.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import type { Project } from '../state.ts';
import { MAINTAINER } from './access.ts';
import { conflict, notFound } from './api-error.ts';
import type { ApiEnv } from './authentication.ts';
import { renderProtectedBranch, renderProtectedTag } from './entities/repository.ts';
import { findProjectFor } from './lookup.ts';
import { answerPage } from './paging.ts';
import { boolParam, intParam, parseParams, readParams, textParam } from './params.ts';

const level = intParam.pipe(z.union([z.literal(0), z.literal(30), z.literal(40), z.literal(60)]));

const branchSchema = z.object({
  name: textParam,
  push_access_level: level.optional(),
  merge_access_level: level.optional(),
  unprotect_access_level: level.optional(),
  allow_force_push: boolParam.optional(),
});

const levelEntry = z.object({ access_level: level.optional() });

const branchEditSchema = z.object({
  allow_force_push: boolParam.optional(),
  allowed_to_push: z.array(levelEntry).optional(),
  allowed_to_merge: z.array(levelEntry).optional(),
});

export function protectionRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  branchRules(ctx, app);
  tagRules(ctx, app);
  return app;
}

interface RuleKind<Rule> {
  readonly noun: 'branch' | 'tag';
  readonly rulesOf: (projectId: number) => readonly Rule[];
  readonly remove: (id: number) => void;
  readonly render: (rule: Rule) => object;
}

/** How the routes of one kind find their rule. */
interface RuleLookup<Rule> {
  readonly base: string;
  readonly find: (c: Context<ApiEnv>) => Rule;
  /** @throws ApiError when the project has a rule of this name. */
  readonly assertFree: (project: Project, name: string) => void;
}

/** The routes that both kinds have: list, show, delete. */
function commonRoutes<Rule extends { readonly id: number; readonly name: string }>(
  ctx: SandboxContext,
  app: Hono<ApiEnv>,
  kind: RuleKind<Rule>,
): RuleLookup<Rule> {
  const base = `/projects/:id/protected_${kind.noun === 'branch' ? 'branches' : 'tags'}`;
  const named = (project: Project, name: string | undefined): Rule | undefined =>
    kind.rulesOf(project.id).find((rule) => rule.name === name);
  const find = (c: Context<ApiEnv>): Rule => {
    const rule = named(findProjectFor(ctx, c, MAINTAINER), c.req.param('name'));
    if (rule === undefined) throw notFound();
    return rule;
  };
  app.get(base, async (c) => {
    const rules = kind.rulesOf(findProjectFor(ctx, c, MAINTAINER).id);
    return answerPage(c, await readParams(c), rules, kind.render);
  });
  app.get(`${base}/:name`, (c) => c.json(kind.render(find(c))));
  app.delete(`${base}/:name`, (c) => {
    kind.remove(find(c).id);
    return c.body(null, 204);
  });
  const assertFree = (project: Project, name: string): void => {
    if (named(project, name) !== undefined) throw conflict(`Protected ${kind.noun} '${name}' already exists`);
  };
  return { base, find, assertFree };
}

function branchRules(ctx: SandboxContext, app: Hono<ApiEnv>): void {
  const { protectedBranches } = ctx.store;
  const { base, find, assertFree } = commonRoutes(ctx, app, {
    noun: 'branch',
    rulesOf: (projectId) => protectedBranches.by('projectId', projectId),
    remove: (id) => protectedBranches.remove(id),
    render: renderProtectedBranch,
  });
  app.post(base, async (c) => {
    const project = findProjectFor(ctx, c, MAINTAINER);
    const wish = parseParams(branchSchema, await readParams(c));
    assertFree(project, wish.name);
    const rule = protectedBranches.insert({
      projectId: project.id,
      name: wish.name,
      pushAccessLevel: wish.push_access_level ?? MAINTAINER,
      mergeAccessLevel: wish.merge_access_level ?? MAINTAINER,
      unprotectAccessLevel: wish.unprotect_access_level ?? null,
      allowForcePush: wish.allow_force_push ?? false,
    });
    return c.json(renderProtectedBranch(rule), 201);
  });
  app.patch(`${base}/:name`, async (c) => {
    const rule = find(c);
    const wish = parseParams(branchEditSchema, await readParams(c));
    const edited = protectedBranches.update(rule.id, {
      allowForcePush: wish.allow_force_push ?? rule.allowForcePush,
      pushAccessLevel: wish.allowed_to_push?.[0]?.access_level ?? rule.pushAccessLevel,
      mergeAccessLevel: wish.allowed_to_merge?.[0]?.access_level ?? rule.mergeAccessLevel,
    });
    return c.json(renderProtectedBranch(edited));
  });
}

function tagRules(ctx: SandboxContext, app: Hono<ApiEnv>): void {
  const { protectedTags } = ctx.store;
  const { base, assertFree } = commonRoutes(ctx, app, {
    noun: 'tag',
    rulesOf: (projectId) => protectedTags.by('projectId', projectId),
    remove: (id) => protectedTags.remove(id),
    render: renderProtectedTag,
  });
  app.post(base, async (c) => {
    const project = findProjectFor(ctx, c, MAINTAINER);
    const schema = z.object({ name: textParam, create_access_level: level.default(MAINTAINER) });
    const wish = parseParams(schema, await readParams(c));
    assertFree(project, wish.name);
    const rule = protectedTags.insert({
      projectId: project.id,
      name: wish.name,
      createAccessLevel: wish.create_access_level,
    });
    return c.json(renderProtectedTag(rule), 201);
  });
}
