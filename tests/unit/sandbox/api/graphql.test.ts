import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { containing, idOf, startManagementServer } from '../management-server.ts';
import type { ManagementServer } from '../management-server.ts';

const JOBS = 230;
let server: ManagementServer;

const QUEUE = `query queue($after: String) {
  jobs(statuses: [PENDING], first: 100, after: $after) {
    nodes {
      id name status tags refName createdAt queuedAt startedAt finishedAt queuedDuration duration allowFailure
      failureMessage stage { name } project { id fullPath webUrl } pipeline { id iid } runner { id }
      ... on CiJob { runnerManager { id systemId } }
    }
    pageInfo { hasNextPage endCursor }
    count
  }
}`;

beforeAll(async () => {
  server = await startManagementServer();
  const names = Array.from({ length: JOBS }, (_, index) => `job${index}:`).join('\n');
  const id = idOf(await server.api('POST', '/projects', { name: 'queue' }));
  await server.api('POST', `/projects/${id}/repository/commits`, {
    branch: 'main',
    commit_message: 'Add CI',
    actions: [{ action: 'create', file_path: '.gitlab-ci.yml', content: names }],
  });
});
afterAll(async () => await server.close());

async function ask(query: string, variables: unknown = {}, token = server.token) {
  const answer = await fetch(`${server.url}/api/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const schema = z.object({ data: z.unknown().optional(), errors: z.unknown().optional() });
  return { status: answer.status, ...schema.parse(await answer.json()) };
}

const pageSchema = z.object({
  jobs: z.object({
    nodes: z.array(z.record(z.string(), z.unknown())),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    count: z.number(),
  }),
});

describe('jobs', () => {
  it('pages through all that wait, newest first, each once', async () => {
    const seen: unknown[] = [];
    let after: string | null = null;
    for (;;) {
      const { jobs } = pageSchema.parse((await ask(QUEUE, { after })).data);
      seen.push(...jobs.nodes.map((node) => node['id']));
      expect(jobs.count).toBe(JOBS);
      after = jobs.pageInfo.endCursor;
      if (!jobs.pageInfo.hasNextPage) break;
    }
    const ids = server.ctx.store.jobs.all().map((job) => `gid://gitlab/Ci::Build/${job.id}`);
    expect(seen).toEqual(ids.reverse());
  });

  it('says of each what GitLab says', async () => {
    const { jobs } = pageSchema.parse((await ask(QUEUE)).data);
    expect(jobs.nodes[0]).toMatchObject({
      name: `job${JOBS - 1}`,
      status: 'PENDING',
      tags: ['docker'],
      refName: 'main',
      stage: { name: 'test' },
      startedAt: null,
      runner: null,
      runnerManager: null,
      project: { id: 'gid://gitlab/Project/1', fullPath: 'root/queue', webUrl: `${server.url}/root/queue` },
      pipeline: { id: 'gid://gitlab/Ci::Pipeline/1', iid: '1' },
    });
  });

  it('names the runner and its manager once a job runs', async () => {
    const { id } = server.ctx.store.runners.insert({
      ...{ runnerType: 'instance_type', token: 'glrt-x', createdAt: new Date().toISOString() },
    });
    const at = new Date().toISOString();
    const manager = server.ctx.store.runnerManagers.insert({
      ...{ runnerId: id, systemId: 's_abc', createdAt: at, contactedAt: at },
    });
    const job = server.ctx.store.jobs.all()[0];
    const patch = { status: 'running', runnerId: id, systemId: 's_abc', startedAt: at } as const;
    server.ctx.store.jobs.update(job?.id ?? 0, patch);
    const query = QUEUE.replace('PENDING', 'RUNNING');
    expect(pageSchema.parse((await ask(query)).data).jobs.nodes).toMatchObject([
      {
        runner: { id: `gid://gitlab/Ci::Runner/${id}` },
        runnerManager: { id: `gid://gitlab/Ci::RunnerManager/${manager.id}`, systemId: 's_abc' },
      },
    ]);
    server.ctx.store.jobs.update(job?.id ?? 0, { status: 'pending', runnerId: null, startedAt: null });
  });

  it('is empty, without an error, for everybody but administrators', async () => {
    for (const token of ['', server.person('reader').token]) {
      const answer = await ask('{ jobs { nodes { id } } }', {}, token);
      expect(answer).toMatchObject({ status: 200, data: { jobs: { nodes: [] } } });
      expect(answer.errors).toBeUndefined();
    }
  });

  it('has the manager on the concrete type only', async () => {
    const answer = await ask('{ jobs { nodes { runnerManager { id } } } }');
    expect(answer.errors).toMatchObject([{ message: containing('CiJobInterface') }]);
  });
});

describe('limits', () => {
  it('refuses a query that is too complex, in the words of GitLab', async () => {
    const part = (alias: number) =>
      `a${alias}: jobs(first: 100) { nodes { id name status tags refName shortSha } }`;
    const answer = await ask(`{ ${Array.from({ length: 20 }, (_, alias) => part(alias)).join('\n')} }`);
    expect(answer).toMatchObject({
      status: 200,
      errors: [{ message: 'Query has complexity of 320, which exceeds max complexity of 250' }],
    });
  });

  it('counts the queue’s query well below the limit', async () => {
    const answer = await ask(QUEUE.replace('jobs(', 'queryComplexity { score limit } jobs('));
    const { queryComplexity } = z
      .object({ queryComplexity: z.object({ score: z.number(), limit: z.number() }) })
      .parse(answer.data);
    expect(queryComplexity.limit).toBe(250);
    expect(queryComplexity.score).toBeGreaterThan(50);
    expect(queryComplexity.score).toBeLessThan(100);
  });

  it('refuses a query of more than 10,000 characters', async () => {
    const answer = await ask(`{ metadata { version } } #${'x'.repeat(10_000)}`);
    expect(answer).toMatchObject({ status: 422, errors: [{ message: 'Query too large' }] });
  });

  it('counts fragments that double one another at every level', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `f${index}`);
    const fragments = names.map((name, index) => {
      const next = names[index + 1];
      return `fragment ${name} on Query { ${next === undefined ? '__typename' : `...${next} ...${next}`} }`;
    });
    expect(await ask(`{ ...f0 } ${fragments.join(' ')}`)).toMatchObject({ data: { __typename: 'Query' } });
  });

  it('refuses a wrong token', async () => {
    const answer = await ask('{ metadata { version } }', {}, 'glpat-wrong');
    expect(answer).toMatchObject({ status: 401, errors: [{ message: 'Invalid token' }] });
  });
});

describe('other queries', () => {
  it('tells who asks, and which release this is', async () => {
    const answer = await ask('{ currentUser { username } metadata { version revision } }');
    expect(answer.data).toMatchObject({
      currentUser: { username: 'root' },
      metadata: { revision: 'sandbox' },
    });
  });

  it('finds projects and runners by name and id', async () => {
    const id = server.ctx.store.runners.all()[0]?.id ?? 0;
    const answer = await ask(`{
      project(fullPath: "root/queue") { id jobs(statuses: [PENDING], first: 1) { count } pipelines { nodes { status } } }
      nowhere: project(fullPath: "root/nowhere") { id }
      runner(id: "gid://gitlab/Ci::Runner/${id}") { status managers { nodes { systemId } } jobExecutionStatus }
      runners(type: INSTANCE_TYPE) { nodes { id } }
    }`);
    expect(answer.data).toMatchObject({
      project: { jobs: { count: JOBS }, pipelines: { nodes: [{ status: 'PENDING' }] } },
      nowhere: null,
      runner: {
        status: 'NEVER_CONTACTED',
        managers: { nodes: [{ systemId: 's_abc' }] },
        jobExecutionStatus: 'IDLE',
      },
      runners: { nodes: [{ id: `gid://gitlab/Ci::Runner/${id}` }] },
    });
  });
});
