// How things stand: the sentence, the whole state, and what changes in it.
import { nothing, query, stream } from '../define.ts';
import { snapshotNewsSchema } from '../news.ts';
import { snapshotSchema } from '../snapshot.ts';

export const statusSchema = snapshotSchema.omit({ jobs: true, runners: true });

export const stateRequests = {
  'status.show': query({
    summary: 'How things stand, in one sentence and in detail',
    input: nothing,
    output: statusSchema,
    cli: { path: ['status'], examples: ['autogit status', 'autogit status --json'] },
  }),
  'snapshot.show': query({
    summary: 'The whole state: pools, runners, jobs, issues',
    input: nothing,
    output: snapshotSchema,
    cli: { path: ['snapshot'], examples: ['autogit snapshot --json', 'autogit snapshot'] },
  }),
  'snapshot.follow': stream({
    summary: 'The whole state, again at every change',
    input: nothing,
    output: snapshotSchema,
    cli: {
      path: ['snapshot', 'follow'],
      examples: ['autogit snapshot follow --json', 'autogit snapshot follow'],
    },
  }),
  'snapshot.changes': stream({
    summary: 'The whole state once, then what changes in it',
    input: nothing,
    output: snapshotNewsSchema,
    cli: {
      path: ['snapshot', 'changes'],
      examples: ['autogit snapshot changes --json', 'autogit snapshot changes'],
    },
  }),
};
