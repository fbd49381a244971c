// What this AutoGit is: its versions, where its state is, and the licences of the software of others in it.
import { z } from 'zod';
import { nothing, query } from '../define.ts';

export const aboutSchema = z.object({
  version: z.string(),
  /** What it runs with, the important ones first. */
  versions: z.array(z.object({ name: z.string(), version: z.string() })),
  home: z.string(),
  /** Of this home; stands in every label and runner entry. */
  instance: z.string(),
  /** AutoGit's own licence. */
  licence: z.string(),
});

export const licencesSchema = z.object({
  packages: z.array(z.object({ name: z.string(), version: z.string(), licence: z.string() })),
  /** Of the packages that were asked for: the whole text. */
  texts: z.array(z.object({ name: z.string(), version: z.string(), licence: z.string(), text: z.string() })),
});

export const aboutRequests = {
  'about.show': query({
    summary: 'Versions of AutoGit and of what it runs with, and where its state is',
    input: nothing,
    output: aboutSchema,
    cli: { path: ['about'], examples: ['autogit about', 'autogit about --json'] },
  }),
  'about.licences': query({
    summary: 'The software of others that is in this AutoGit, with its licences',
    input: z.strictObject({
      name: z.string().max(300).optional().describe('also the text of the licence of this one'),
    }),
    output: licencesSchema,
    cli: {
      path: ['about', 'licenses'],
      positional: ['name'],
      examples: ['autogit about licenses', 'autogit about licenses zod'],
    },
  }),
};
