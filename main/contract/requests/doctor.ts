// What is wrong, all at once: one area at a time or every one.
import { z } from 'zod';
import { query } from '../define.ts';
import { issueSchema } from '../snapshot.ts';

/** Parts that are looked at by themselves. */
export const doctorAreas = ['hardware'] as const;
export type DoctorArea = (typeof doctorAreas)[number];

export const findingSchema = issueSchema.extend({
  area: z.enum(doctorAreas),
  /** What was seen that says so, one thing each: `Memory: 0.4 GB of 8.0 GB are free`. */
  evidence: z.array(z.string()),
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

export const doctorRequests = {
  'doctor.run': query({
    summary: 'Look for what is wrong, and say how it is mended; ends with 1 where something is',
    input: z.strictObject({
      area: z.enum(doctorAreas).optional().describe('only this part; by default every one'),
    }),
    output: doctorSchema,
    cli: { path: ['doctor'], examples: ['autogit doctor', 'autogit doctor --area hardware --json'] },
  }),
};
