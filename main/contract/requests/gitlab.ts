// Using a GitLab that somebody has already.
import { z } from 'zod';
import { gitlabSettingsSchema } from '../../model/settings.ts';
import { command, dryRun, outcomeSchema } from '../define.ts';
import { issueSchema } from '../snapshot.ts';

const server = gitlabSettingsSchema.options[2];
const { url, ca } = server.shape;

export const connectFields = {
  url: url.describe('address of the GitLab: https://gitlab.example.org'),
  runnerUrl: url.optional().describe('address that containers reach it at, where that is another one'),
  replace: z.boolean().default(false).describe('take the place of the GitLab that this home has now'),
  dryRun,
};

export const gitlabFoundSchema = z.object({
  version: z.string(),
  username: z.string(),
  admin: z.boolean(),
  scopes: z.array(z.string()),
  expiresAt: z.number().nullable().describe('milliseconds since 1970; null: never'),
  /** Address that runners are told. */
  runnerUrl: z.string(),
});

export const gitlabRequests = {
  'gitlab.connect': command({
    summary: 'Use a GitLab that is there already, after its version, token and certificate were looked at',
    input: z.strictObject({
      ...connectFields,
      ca: ca
        .unwrap()
        .unwrap()
        .optional()
        .describe('file with the root certificate (PEM) that signed its own'),
      token: z
        .string()
        .min(8)
        .max(1024)
        .regex(/^[\x21-\x7e]+$/, 'one word, as GitLab has shown it')
        .optional()
        .describe('access token of an administrator; missing: the one that this home has'),
    }),
    output: outcomeSchema.extend({
      /** It can be used. */
      valid: z.boolean(),
      changes: outcomeSchema.shape.changes.unwrap(),
      found: gitlabFoundSchema,
      findings: z.array(issueSchema.pick({ key: true, severity: true, message: true, next: true })),
    }),
    cli: {
      path: ['gitlab', 'connect'],
      examples: [
        'autogit gitlab connect --url https://gitlab.example.org',
        'autogit gitlab connect --url https://git.lab --ca root.crt --dry-run',
      ],
    },
  }),
};
