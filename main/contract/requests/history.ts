// What has happened, what is wrong, and who asked for what.
import { z } from 'zod';
import { auditSchema } from '../audit.ts';
import { limit, nothing, query, stream } from '../define.ts';
import { issueSchema } from '../snapshot.ts';

export const eventSchema = z.object({
  at: z.number().describe('milliseconds since 1970'),
  /** `job.waiting`, `job.running`, `job.success`, `runner.idle`, `issue.opened`, … */
  kind: z.string(),
  subject: z.string(),
  message: z.string(),
});

export const historyRequests = {
  'events.follow': stream({
    summary: 'What has happened: jobs, runners, issues',
    input: z.strictObject({
      follow: z.boolean().default(false).describe('go on with what happens next'),
      limit,
    }),
    output: eventSchema,
    cli: { path: ['events'], examples: ['autogit events --follow', 'autogit events --limit 20 --json'] },
  }),
  'issue.list': query({
    summary: 'What is wrong at the moment, with the way to mend it',
    input: nothing,
    output: z.array(issueSchema),
    cli: { path: ['issue', 'list'], examples: ['autogit issue list', 'autogit issue list --json'] },
  }),
  'audit.list': query({
    summary: 'Who asked AutoGit to change what, through which door, and what became of it',
    input: z.strictObject({ limit }),
    output: z.array(auditSchema),
    cli: {
      path: ['audit', 'list'],
      examples: ['autogit audit list', 'autogit audit list --limit 20 --json'],
    },
  }),
};
