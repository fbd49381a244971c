// How much there is in a GitLab: totals that its lists tell in their headers.
import { z } from 'zod';
import type { Gitlab, GitlabCounts } from '../../ports.ts';
import { readJson } from './call.ts';
import { unexpected } from './errors.ts';
import type { Answer } from './http.ts';
import type { Asked } from './request.ts';

type Send = (path: string, init: Asked) => Promise<Answer>;

/** Hooks are listed project by project: of more projects than this nobody counts them. */
const mostProjects = 200;
const perPage = 100;
/** Questions at a time. */
const abreast = 8;

const idsSchema = z.array(z.object({ id: z.int() }));

/** The call of the port that counts. */
export function countCalls(url: string, send: Send): Pick<Gitlab, 'counts'> {
  const ask = async (path: string): Promise<Answer> => {
    const answer = await send(`/api/v4${path}`, { method: 'GET' });
    readJson(url, answer);
    return answer;
  };
  const total = async (path: string): Promise<number | null> => totalOf(await ask(`${path}per_page=1`));
  // One that was deleted meanwhile has none.
  const hooksOf = async (project: number): Promise<number | null> => {
    const answer = await send(`/api/v4/projects/${project}/hooks?per_page=1`, { method: 'GET' });
    if (answer.status === 404) return 0;
    readJson(url, answer);
    return totalOf(answer);
  };
  return {
    counts: async (): Promise<GitlabCounts> => {
      const [projects, users, groups, runners, ring] = await Promise.all([
        total('/projects?simple=true&'),
        total('/users?'),
        total('/groups?all_available=true&'),
        total('/runners/all?'),
        total('/hooks?'),
      ]);
      const few = projects !== null && projects <= mostProjects && ring !== null;
      const hooks = few ? await addHooks(ring, await projectIds(url, ask), hooksOf) : null;
      return { projects, users, groups, runners, hooks };
    },
  };
}

/** `null`: GitLab does not count more than 10,000. https://docs.gitlab.com/api/rest/#pagination-response-headers */
function totalOf({ headers }: Answer): number | null {
  const text = headers.get('x-total') ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

async function projectIds(url: string, ask: (path: string) => Promise<Answer>): Promise<readonly number[]> {
  const found: number[] = [];
  for (let page = 1; page <= mostProjects / perPage; page += 1) {
    const answer = await ask(`/projects?simple=true&order_by=id&per_page=${perPage}&page=${page}`);
    const parsed = idsSchema.safeParse(readJson(url, answer));
    if (!parsed.success) throw unexpected(url, 'a list of projects has another form', parsed.error);
    found.push(...parsed.data.map(({ id }) => id));
    if (parsed.data.length < perPage) break;
  }
  return found;
}

async function addHooks(
  ring: number,
  projects: readonly number[],
  hooksOf: (project: number) => Promise<number | null>,
): Promise<number | null> {
  let sum: number | null = ring;
  for (let at = 0; at < projects.length && sum !== null; at += abreast) {
    const some = await Promise.all(projects.slice(at, at + abreast).map(hooksOf));
    for (const number of some) sum = sum === null || number === null ? null : sum + number;
  }
  return sum;
}
