// How the command line takes what the requests about the stack want: answers from a file, secrets from standard input.
import { z } from 'zod';
import { certificateRequests } from '../../contract/requests/certificate.ts';
import { ssoRequests } from '../../contract/requests/sso.ts';
import { stackRequests } from '../../contract/requests/stack.ts';

const answers = z
  .string()
  .min(1)
  .max(4096)
  .optional()
  .describe('file with the answers, YAML or JSON; - for standard input');

const { replace, keep, withoutBackup, wait, dryRun } = stackRequests['stack.up'].input.shape;

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

export const stackUpForm = z.strictObject({ answers, replace, keep, withoutBackup, wait, dryRun });

export const directoryTestForm = z.strictObject({
  search: ssoRequests['directory.test'].input.shape.search,
  answers,
  password: z
    .boolean()
    .default(false)
    .describe('asks for the password, or takes it from standard input; without it, the one that is kept'),
});

export const certificateCheckForm = z.strictObject({
  answers,
  domain: certificateRequests['certificate.check'].input.shape.domain,
});

export const ssoCheckForm = z.strictObject({
  answers,
  redirect: ssoRequests['sso.check'].input.shape.redirect,
  secret: z
    .boolean()
    .default(false)
    .describe(
      "asks for GitLab's secret there, or takes it from standard input; without it, the one that is kept",
    ),
});

const { name, lab } = stackRequests['stack.set-secret'].input.shape;
export const setSecretForm = z.strictObject({ name, lab, dryRun });
