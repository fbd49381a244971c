// Requests about the settings file.
import { z } from 'zod';
import { nothing, query } from '../define.ts';

export const settingsRequests = {
  'settings.show': query({
    summary: 'The settings in force, defaults included',
    input: nothing,
    output: z.object({
      file: z.string(),
      settings: z.record(z.string(), z.unknown()),
      problems: z.array(z.object({ path: z.string(), line: z.int().nullable(), message: z.string() })),
    }),
    cli: { path: ['settings', 'show'], examples: ['autogit settings show', 'autogit settings show --json'] },
  }),
  'settings.validate': query({
    summary: 'Check a settings file without using it',
    input: z.strictObject({
      text: z.string().max(1_048_576).optional().describe('the text to check instead of the file in force'),
    }),
    output: z.object({
      valid: z.boolean(),
      problems: z.array(z.object({ path: z.string(), line: z.int().nullable(), message: z.string() })),
    }),
    cli: {
      path: ['settings', 'validate'],
      examples: ['autogit settings validate', 'autogit settings validate --json'],
    },
  }),
};
