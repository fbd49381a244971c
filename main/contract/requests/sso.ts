// Requests about signing in: who is asked, whether it works, other providers, and a directory of people.
import { z } from 'zod';
import { directorySchema, oidcSchema } from '../../model/stack/answers.ts';
import { nothing, query } from '../define.ts';
import { instant } from '../stack-fields.ts';

export const ssoStepSchema = z.object({
  /** Stable: `sso.discovery`, `directory.bind`. */
  key: z.string(),
  label: z.string(),
  state: z.enum(['good', 'warning', 'bad', 'skipped']),
  /** What was found, in a sentence. */
  message: z.string(),
  next: z.string().nullable(),
});

export const ssoTestSchema = z.object({
  client: z.string(),
  at: instant,
  good: z.boolean(),
  steps: z.array(ssoStepSchema),
});

export const ssoRequests = {
  'sso.show': query({
    summary: 'Who signs people in, for which programs, and when that was tried last',
    input: nothing,
    output: z.object({
      kind: z.enum(['authelia', 'oidc', 'off', 'none']),
      sentence: z.string(),
      issuer: z.string().nullable(),
      clients: z.array(
        z.object({
          id: z.string(),
          title: z.string(),
          /** `oidc`: it asks by itself; `forward`: Traefik asks before it. */
          how: z.enum(['oidc', 'forward']),
          url: z.string(),
          /** To copy where the client is entered; `null`: none. */
          redirect: z.string().nullable(),
          last: ssoTestSchema.nullable(),
        }),
      ),
    }),
    cli: { path: ['sso', 'show'], examples: ['autogit sso show', 'autogit sso show --json'] },
  }),
  'sso.test': query({
    summary: 'Try the sign-in of every program, as far as it goes without a person',
    input: z.strictObject({ client: z.string().max(100).optional().describe('only of this one') }),
    output: z.object({ good: z.boolean(), tests: z.array(ssoTestSchema) }),
    cli: {
      path: ['sso', 'test'],
      positional: ['client'],
      examples: ['autogit sso test', 'autogit sso test gitlab --json'],
    },
  }),
  'sso.providers': query({
    summary: 'Other providers of OpenID Connect: what to enter there, and what AutoGit needs of them',
    input: nothing,
    output: z.object({
      /** To copy into the provider's form; `null`: there is no stack yet. */
      redirect: z.string().nullable(),
      logout: z.string().nullable(),
      providers: z.array(
        z.object({
          id: z.string(),
          title: z.string(),
          /** `https://keycloak.example.net/realms/main` */
          issuer: z.string(),
          steps: z.array(z.string()),
          groups: z.string().nullable(),
        }),
      ),
    }),
    cli: { path: ['sso', 'providers'], examples: ['autogit sso providers', 'autogit sso providers --json'] },
  }),
  'sso.check': query({
    hasSecrets: true,
    summary: 'Whether another provider of OpenID Connect would do; nothing is changed',
    input: z.strictObject({
      oidc: oidcSchema.optional().describe('as the answers of a stack have it; without it, theirs'),
      text: z
        .string()
        .max(200_000)
        .optional()
        .describe('answers of a stack, YAML or JSON: the provider in it'),
      secret: z
        .string()
        .max(4_096)
        .optional()
        .describe("GitLab's secret there; without it, the one that is kept"),
      redirect: z
        .url({ protocol: /^https$/ })
        .max(2_048)
        .optional()
        .describe('where people come back to; without it, to the GitLab of the stack'),
    }),
    output: z.object({ good: z.boolean(), steps: z.array(ssoStepSchema) }),
    cli: { path: ['sso', 'check'], examples: ['autogit sso check --help', 'autogit sso check --json'] },
  }),
  'directory.test': query({
    hasSecrets: true,
    summary: 'Ask an LDAP directory as Authelia would: connect, bind, search people and groups',
    input: z.strictObject({
      directory: directorySchema.optional().describe('as the answers have it; without it, theirs'),
      text: z
        .string()
        .max(200_000)
        .optional()
        .describe('answers of a stack, YAML or JSON: the directory in it'),
      password: z
        .string()
        .max(4_096)
        .optional()
        .describe('of who searches; without it, the one that is kept'),
      search: z.string().max(200).optional().describe('a person to look for'),
    }),
    output: z.object({
      good: z.boolean(),
      steps: z.array(ssoStepSchema),
      /** At most ten. */
      people: z.array(
        z.object({
          name: z.string(),
          displayName: z.string(),
          email: z.string(),
          groups: z.array(z.string()),
        }),
      ),
    }),
    cli: {
      path: ['directory', 'test'],
      positional: ['search'],
      examples: ['autogit directory test', 'autogit directory test ana --json'],
    },
  }),
};
