// A doorbell over HTTP: the sandbox's own, or the gateway's, on which GitLab's hooks ring.
import { z } from 'zod';
import type { ConnectBell } from '../../ports.ts';
import { requestOnce, textOf } from './request.ts';

/** Both answer within 25 s. Milliseconds. */
const deadlineMs = 40_000;
const answerSchema = z.object({ count: z.int() });

/** Rejects with whatever went wrong: a bell that does not answer changes nothing but latency. */
export const connectBell: ConnectBell = ({ url, headers }) => ({
  wait: async (count, signal) => {
    const asked = new URL(url);
    if (count !== null) asked.searchParams.set('count', String(count));
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    const answer = await requestOnce(asked, { headers, stays: true }, deadline);
    if (!answer.ok) throw new Error(`the bell answered ${answer.status}`);
    return answerSchema.parse(JSON.parse(await textOf(answer))).count;
  },
});
