// How the command line takes what the requests about the stack want: answers from a file, secrets from standard input.
import { z } from 'zod';
import { stackRequests } from '../../contract/requests/stack.ts';

const answers = z
  .string()
  .min(1)
  .max(4096)
  .optional()
  .describe('file with the answers, YAML or JSON; - for standard input');

const { replace, keep, wait, dryRun } = stackRequests['stack.up'].input.shape;

export const stackPlanForm = z.strictObject({
  answers,
  ...{ replace, keep },
  out: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('write the files into this folder, which has to be empty, without secrets'),
});

export const stackUpForm = z.strictObject({ answers, replace, keep, wait, dryRun });

const { name, lab } = stackRequests['stack.set-secret'].input.shape;
export const setSecretForm = z.strictObject({ name, lab, dryRun });
