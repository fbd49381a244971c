// Whose things at GitLab are: the token's own user, and who started a job.
import { z } from 'zod';
import type { Gitlab } from '../../ports.ts';
import { readJson } from './call.ts';
import { unexpected } from './errors.ts';
import type { Answer } from './http.ts';
import type { Asked } from './request.ts';

type Send = (path: string, init: Asked) => Promise<Answer>;

const userSchema = z.object({ username: z.string().min(1) });
/** https://docs.gitlab.com/api/jobs/#get-a-single-job */
const jobSchema = z.object({ user: userSchema.nullish() });

/** The calls of the port that concern owners. */
export function ownerCalls(url: string, send: Send): Pick<Gitlab, 'self' | 'jobOwner'> {
  const read = <S extends z.ZodType>(schema: S, answer: Answer): z.output<S> => {
    const parsed = schema.safeParse(readJson(url, answer));
    if (parsed.success) return parsed.data;
    throw unexpected(url, 'an answer has another form', parsed.error);
  };
  return {
    self: async () => read(userSchema, await send('/api/v4/user', { method: 'GET' })).username,
    jobOwner: async (projectId, jobId) => {
      const answer = await send(`/api/v4/projects/${projectId}/jobs/${jobId}`, { method: 'GET' });
      return answer.status === 404 ? null : (read(jobSchema, answer).user?.username ?? null);
    },
  };
}
