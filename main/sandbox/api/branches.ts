// Branches and tags of a repository.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import { BLANK_SHA, listRefs, readCommit, resolveCommit } from '../git/repository.ts';
import type { GitRef } from '../git/repository.ts';
import { runGit } from '../git/run-git.ts';
import { changeRef } from '../git/web-change.ts';
import { matchesPattern } from '../pipelines/refs.ts';
import type { Project } from '../state.ts';
import { compileRegex, createRegexBudget, matchesRegex } from '../untrusted-regex.ts';
import { DEVELOPER, hasProjectRole } from './access.ts';
import { ApiError, badParameter, forbidden, notFound } from './api-error.ts';
import { requireUser, viewerOf } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { renderBranch, renderTag } from './entities/repository.ts';
import { findProject, findProjectFor, projectUrl } from './lookup.ts';
import { answerNumberedPage } from './paging.ts';
import { parseParams, readParams, textParam } from './params.ts';

export function branchRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const base = '/projects/:id/repository/branches';
  app.get(base, async (c) => {
    const project = findProject(ctx, c);
    const raw = await readParams(c);
    const { search, regex } = parseParams(
      z.object({ search: textParam.optional(), regex: textParam.optional() }),
      raw,
    );
    const fitsRegex = regexFilter(regex);
    const refs = await refsOf(ctx, project, 'refs/heads/');
    const found = refs.filter((ref) => fitsSearch(short(ref), search) && fitsRegex(short(ref)));
    const shown = await Promise.all(found.map(async (ref) => await showBranch(ctx, c, project, ref)));
    return answerNumberedPage(c, raw, shown, (branch) => branch);
  });
  app.post(base, async (c) => await createBranch(ctx, c));
  app.get(`${base}/:name`, async (c) => {
    const project = findProject(ctx, c);
    return c.json(await showBranch(ctx, c, project, await findRef(ctx, c, project, 'heads', 'Branch')));
  });
  app.delete(`${base}/:name`, async (c) => await deleteRef(ctx, c, 'heads', 'Branch'));
  tagRoutes(ctx, app);
  return app;
}

const short = (ref: GitRef): string => ref.name.replace(/^refs\/(heads|tags)\//, '');

async function refsOf(ctx: SandboxContext, project: Project, prefix: string): Promise<readonly GitRef[]> {
  return await listRefs(ctx.store.files.repositoryPath(project.id), prefix);
}

/** GitLab: `by_regex` of app/finders/branches_finder.rb. @throws ApiError when it is not RE2 syntax. */
function regexFilter(source: string | undefined): (name: string) => boolean {
  if (source === undefined || source === '') return () => true;
  const budget = createRegexBudget();
  const regex = compileRegex(source, budget);
  if (regex === null) throw badParameter('regex is invalid');
  return (name) => matchesRegex(regex, name, budget);
}

/** GitLab's search: `^term` and `term$` anchor it. */
function fitsSearch(name: string, search: string | undefined): boolean {
  if (search === undefined || search === '') return true;
  const term = search.replace(/^\^|\$$/g, '').toLowerCase();
  const lower = name.toLowerCase();
  if (search.startsWith('^')) return lower.startsWith(term);
  return search.endsWith('$') ? lower.endsWith(term) : lower.includes(term);
}

async function findRef(
  ctx: SandboxContext,
  c: Context<ApiEnv>,
  project: Project,
  kind: 'heads' | 'tags',
  what: string,
): Promise<GitRef> {
  const name = `refs/${kind}/${c.req.param('name') ?? ''}`;
  const ref = (await refsOf(ctx, project, name)).find((one) => one.name === name);
  if (ref === undefined) throw notFound(what);
  return ref;
}

async function showBranch(ctx: SandboxContext, c: Context<ApiEnv>, project: Project, ref: GitRef) {
  const commit = await readCommit(ctx.store.files.repositoryPath(project.id), ref.commitId);
  if (commit === null) throw notFound('Commit');
  const rules = ctx.store.protectedBranches
    .by('projectId', project.id)
    .filter((rule) => matchesPattern(rule.name, short(ref)));
  const viewer = viewerOf(c);
  const level = rules.length === 0 ? DEVELOPER : Math.min(...rules.map((rule) => rule.pushAccessLevel));
  const facts = {
    isDefault: project.defaultBranch === short(ref),
    isProtected: rules.length > 0,
    canPush: level > 0 && hasProjectRole(ctx.store, viewer, project, level),
  };
  return renderBranch(short(ref), commit, facts, projectUrl(c, project));
}

async function createBranch(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  const project = findProjectFor(ctx, c, DEVELOPER);
  const { user } = requireUser(c);
  const wish = parseParams(z.object({ branch: textParam, ref: textParam }), await readParams(c));
  const directory = ctx.store.files.repositoryPath(project.id);
  const name = `refs/heads/${wish.branch}`;
  await assertRefName(directory, name, 'Branch name is invalid');
  if ((await listRefs(directory, name)).some((ref) => ref.name === name)) {
    throw new ApiError(400, { message: 'Branch already exists' });
  }
  const after = await resolveCommit(directory, wish.ref);
  if (after === null) throw new ApiError(400, { message: `Invalid reference name: ${wish.ref}` });
  const serverUrl = c.get('baseUrl');
  const refusal = await changeRef(ctx, { project, user, ref: name, before: BLANK_SHA, after, serverUrl });
  if (refusal !== null) throw new ApiError(400, { message: refusal });
  const ref: GitRef = { name, objectId: after, commitId: after, message: null };
  return c.json(await showBranch(ctx, c, project, ref), 201);
}

async function assertRefName(directory: string, ref: string, message: string): Promise<void> {
  try {
    await runGit(directory, ['check-ref-format', ref]);
  } catch {
    throw new ApiError(400, { message });
  }
}

async function deleteRef(
  ctx: SandboxContext,
  c: Context<ApiEnv>,
  kind: 'heads' | 'tags',
  what: string,
): Promise<Response> {
  const project = findProjectFor(ctx, c, DEVELOPER);
  const { user } = requireUser(c);
  const ref = await findRef(ctx, c, project, kind, what);
  const refusal = await changeRef(ctx, {
    ...{ project, user, ref: ref.name, serverUrl: c.get('baseUrl') },
    ...{ before: ref.objectId, after: BLANK_SHA },
  });
  if (refusal !== null) throw forbidden(refusal);
  return c.body(null, 204);
}

function tagRoutes(ctx: SandboxContext, app: Hono<ApiEnv>): void {
  const base = '/projects/:id/repository/tags';
  const show = async (c: Context<ApiEnv>, project: Project, ref: GitRef) => {
    const commit = await readCommit(ctx.store.files.repositoryPath(project.id), ref.commitId);
    const isProtected = ctx.store.protectedTags
      .by('projectId', project.id)
      .some((rule) => matchesPattern(rule.name, short(ref)));
    return renderTag(ref, commit, isProtected, projectUrl(c, project));
  };
  app.get(base, async (c) => {
    const project = findProject(ctx, c);
    const raw = await readParams(c);
    const { search } = parseParams(z.object({ search: textParam.optional() }), raw);
    const refs = (await refsOf(ctx, project, 'refs/tags/')).filter((ref) => fitsSearch(short(ref), search));
    const shown = await Promise.all(refs.map(async (ref) => await show(c, project, ref)));
    return answerNumberedPage(c, raw, shown, (tag) => tag);
  });
  app.get(`${base}/:name`, async (c) => {
    const project = findProject(ctx, c);
    return c.json(await show(c, project, await findRef(ctx, c, project, 'tags', 'Tag')));
  });
  app.delete(`${base}/:name`, async (c) => await deleteRef(ctx, c, 'tags', 'Tag'));
  app.post(base, async (c) => {
    const ref = await createTag(ctx, c);
    return c.json(await show(c, findProject(ctx, c), ref), 201);
  });
}

async function createTag(ctx: SandboxContext, c: Context<ApiEnv>): Promise<GitRef> {
  const project = findProjectFor(ctx, c, DEVELOPER);
  const { user } = requireUser(c);
  const schema = z.object({ tag_name: textParam, ref: textParam, message: textParam.optional() });
  const wish = parseParams(schema, await readParams(c));
  const directory = ctx.store.files.repositoryPath(project.id);
  const name = `refs/tags/${wish.tag_name}`;
  await assertRefName(directory, name, 'Tag name invalid');
  if ((await listRefs(directory, name)).some((ref) => ref.name === name)) {
    throw new ApiError(400, { message: `Tag ${wish.tag_name} already exists` });
  }
  const commitId = await resolveCommit(directory, wish.ref);
  if (commitId === null) throw new ApiError(400, { message: `Target ${wish.ref} is invalid` });
  const message = wish.message ?? '';
  const person = `${user.name} <${user.email}> ${Math.floor(ctx.now().getTime() / 1000)} +0000`;
  const text = `object ${commitId}\ntype commit\ntag ${wish.tag_name}\ntagger ${person}\n\n${message}\n`;
  const objectId =
    message === '' ? commitId : (await runGit(directory, ['mktag'], { input: text })).toString('utf8').trim();
  const serverUrl = c.get('baseUrl');
  const refusal = await changeRef(ctx, {
    project,
    user,
    ref: name,
    before: BLANK_SHA,
    after: objectId,
    serverUrl,
  });
  if (refusal !== null) throw new ApiError(400, { message: refusal });
  return { name, objectId, commitId, message: message === '' ? null : message };
}
