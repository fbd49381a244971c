// What is wrong, all at once: one area at a time or every one.
import { z } from 'zod';
import { fixDeeds } from '../../model/issue.ts';
import { command, dryRun, outcomeSchema, query } from '../define.ts';
import { issueSchema } from '../snapshot.ts';

/** Parts that are looked at by themselves. */
export const doctorAreas = ['hardware', 'stack', 'names', 'backups'] as const;
export type DoctorArea = (typeof doctorAreas)[number];

export const findingSchema = issueSchema.extend({
  area: z.enum(doctorAreas),
  /** What was seen that says so, one thing each: `Memory: 0.4 GB of 8.0 GB are free`. */
  evidence: z.array(z.string()),
  /** What AutoGit itself can do about it; missing: only a person can. */
  fix: z
    .object({
      request: z.literal('doctor.fix'),
      deed: z.enum(fixDeeds),
      /** Service, folder or project; '' for the whole stack. */
      target: z.string(),
      summary: z.string(),
    })
    .optional(),
});

export const doctorSchema = z.object({
  /** Nothing is an error or a warning. */
  healthy: z.boolean(),
  areas: z.array(z.enum(doctorAreas)),
  /** How many checks were asked. */
  checks: z.int(),
  /** The most urgent first. */
  findings: z.array(findingSchema),
  /** What could not be looked at, and why. */
  unknown: z.array(z.string()),
});

/** One finding, and whether it was mended. */
export const fixedSchema = z.object({
  key: z.string(),
  subject: z.string(),
  /** `restarts the service gitlab` */
  summary: z.string(),
  done: z.boolean(),
  /** Why not; `null` where it was done, or with `dryRun`. */
  problem: z.string().nullable(),
});

const area = z.enum(doctorAreas).optional().describe('only this part; by default every one');

export const doctorRequests = {
  'doctor.run': query({
    summary: 'Look for what is wrong, and say how it is mended; ends with 1 where something is',
    input: z.strictObject({
      area,
    }),
    output: doctorSchema,
    cli: { path: ['doctor'], examples: ['autogit doctor --fix', 'autogit doctor --area hardware --json'] },
  }),
  'doctor.fix': command({
    summary: 'Look for what is wrong, and mend what AutoGit can; nothing of it loses data',
    input: z.strictObject({
      area,
      only: z
        .array(z.string().min(1).max(300))
        .max(100)
        .optional()
        .describe('only findings with these keys, or keys with their subjects'),
      dryRun,
    }),
    output: outcomeSchema.extend({ fixes: z.array(fixedSchema) }),
    cli: {
      path: ['issue', 'fix'],
      examples: ['autogit issue fix --dry-run', 'autogit issue fix --only stack.service-unhealthy'],
    },
  }),
};
