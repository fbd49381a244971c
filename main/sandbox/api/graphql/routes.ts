// `POST /api/graphql`.
import { GraphQLError, graphql, parse, validate } from 'graphql';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../../context.ts';
import { gitlabVersion } from '../../version.ts';
import { canReadProject, ownsRunner, projectAccessLevel } from '../access.ts';
import { viewerOf } from '../authentication.ts';
import type { ApiEnv } from '../authentication.ts';
import { runnerStatus } from '../entities/runners.ts';
import { connect } from './connection.ts';
import type { PageArguments } from './connection.ts';
import { maxComplexity, measureQuery, MAX_QUERY_CHARACTERS, refuseCost } from './limits.ts';
import type { Cost } from './limits.ts';
import {
  findJobs,
  jobConnection,
  parseGid,
  projectNode,
  runnerNode,
  userNode,
  visibleProject,
} from './nodes.ts';
import type { JobArguments, Scope } from './nodes.ts';
import { graphqlSchema } from './schema.ts';

const requestSchema = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

export function graphqlRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.post('/api/graphql', async (c) => {
    const parsed = requestSchema.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success) return refuse(c, 'No query string was present');
    const { query, variables } = parsed.data;
    if (query.length > MAX_QUERY_CHARACTERS) return refuse(c, 'Query too large', 422);
    const scope: Scope = { ctx, viewer: viewerOf(c), baseUrl: c.get('baseUrl') };
    const operationName = parsed.data.operationName ?? undefined;
    const cost = measure(query, operationName, variables ?? {});
    const refusal = cost === null ? null : refuseCost(cost, scope.viewer !== null);
    if (refusal !== null) return refuse(c, refusal);
    const result = await graphql({
      schema: graphqlSchema,
      source: query,
      rootValue: rootOf(scope, cost),
      ...(variables === undefined || variables === null ? {} : { variableValues: variables }),
      ...(operationName === undefined ? {} : { operationName }),
    });
    return c.json(result);
  });
  return app;
}

function refuse(c: Context<ApiEnv>, message: string, status: 200 | 422 = 200): Response {
  return c.json({ errors: [{ message }] }, status);
}

/** `null` for a query that is not valid: it is answered with its errors. */
function measure(
  query: string,
  operationName: string | undefined,
  variables: Record<string, unknown>,
): Cost | null {
  try {
    const document = parse(query);
    if (validate(graphqlSchema, document).length > 0) return null;
    return measureQuery(graphqlSchema, document, operationName, variables);
  } catch (error) {
    if (error instanceof GraphQLError) return null;
    throw error;
  }
}

interface RunnerArguments extends PageArguments {
  readonly paused?: boolean | null;
  readonly status?: string | null;
  readonly type?: string | null;
  readonly tagList?: readonly string[] | null;
  readonly search?: string | null;
}

interface ProjectArguments extends PageArguments {
  readonly membership?: boolean | null;
  readonly search?: string | null;
  readonly fullPaths?: readonly string[] | null;
}

function rootOf(scope: Scope, cost: Cost | null): object {
  const { ctx, viewer } = scope;
  const { store } = ctx;
  return {
    currentUser: () => userNode(scope, viewer?.user),
    metadata: () => {
      if (viewer === null) return null;
      const { text: version, revision } = gitlabVersion;
      return {
        version,
        revision,
        enterprise: false,
        kas: { enabled: false, externalUrl: null, version: null },
      };
    },
    // Only administrators see all jobs; others get an empty list and no error.
    jobs: (page: JobArguments) =>
      jobConnection(scope, viewer?.admin === true ? findJobs(scope, page.statuses) : [], page),
    project: ({ fullPath }: { readonly fullPath: string }) =>
      visibleProject(scope, store.projects.by('fullPath', fullPath)[0]),
    projects: (page: ProjectArguments) => listProjects(scope, page),
    runner: ({ id }: { readonly id: string }) => {
      const runner = store.runners.get(parseGid('Ci::Runner', id) ?? 0);
      return runner === undefined || !ownsRunner(store, viewer, runner) ? null : runnerNode(scope, runner);
    },
    runners: (page: RunnerArguments) => listRunners(scope, page),
    queryComplexity: () => ({ score: cost?.complexity ?? 0, limit: maxComplexity(viewer !== null) }),
    echo: ({ text }: { readonly text: string }) =>
      `${viewer === null ? 'nil' : JSON.stringify(viewer.user.username)} says: ${text}`,
  };
}

function listRunners(scope: Scope, page: RunnerArguments) {
  const { store } = scope.ctx;
  const all = scope.viewer?.admin === true ? store.runners.all().reverse() : [];
  const found = all.filter((runner) => {
    const status = runnerStatus(runner.contactedAt, runner.createdAt, scope.ctx.now()).toUpperCase();
    return (
      (page.paused ?? runner.paused) === runner.paused &&
      (page.status ?? status) === status &&
      (page.type ?? runner.runnerType.toUpperCase()) === runner.runnerType.toUpperCase() &&
      (page.tagList ?? []).every((tag) => runner.tags.includes(tag)) &&
      runner.description.includes(page.search ?? '')
    );
  });
  return connect(found, page, (runner) => runnerNode(scope, runner));
}

function listProjects(scope: Scope, page: ProjectArguments) {
  const { viewer } = scope;
  const { store } = scope.ctx;
  const search = page.search?.toLowerCase() ?? '';
  const found = store.projects
    .all()
    .reverse()
    .filter(
      (project) =>
        canReadProject(store, viewer, project) &&
        (page.membership !== true ||
          (viewer !== null && projectAccessLevel(store, viewer.user.id, project) > 0)) &&
        (page.fullPaths?.includes(project.fullPath) ?? true) &&
        [project.name, project.path, project.description].some((text) => text.toLowerCase().includes(search)),
    );
  return connect(found, page, (project) => projectNode(scope, project));
}
