// What a helper needs to see, as files of text with the secrets taken out.
import { z } from 'zod';
import { nothing, query } from '../define.ts';

export const diagnosisSchema = z.object({
  at: z.number().describe('milliseconds since 1970'),
  /** Of one archive; the first says what is in it. */
  files: z.array(z.object({ path: z.string(), text: z.string() })),
});

export const diagnoseRequests = {
  'diagnose.collect': query({
    summary: 'Put what a helper needs into one archive, without secrets',
    input: nothing,
    output: diagnosisSchema,
    cli: { path: ['diagnose'], examples: ['autogit diagnose', 'autogit diagnose --out /tmp/for-helper.zip'] },
  }),
};
