// The stack as the doors show it: plan, progress, state. The shapes are those of main/model/stack.
import { z } from 'zod';
import { stackAnswersSchema } from '../model/stack/answers.ts';
import { secretKinds } from '../model/stack/template.ts';
import { issueSchema, problemSchema } from './snapshot.ts';
import { stackStates, stackStepSchema } from './stack-summary.ts';

export const instant = z.number().describe('milliseconds since 1970');
const named = z.object({ name: z.string(), label: z.string() });

export const answerProblemSchema = z.object({
  /** Path of the answer: `templates.mail.host`. */
  field: z.string(),
  key: z.string(),
  message: z.string(),
  next: z.string(),
});

export const stackPlanSchema = z.object({
  project: z.string(),
  folder: z.string(),
  gitlabUrl: z.string(),
  preset: z.string(),
  files: z.array(
    z.object({
      path: z.string(),
      change: z.enum(['create', 'update', 'remove', 'same']),
      /** A person has changed it: it waits for `replace` or `keep`. */
      byHand: z.boolean(),
      /** Unified; '' for `same`. */
      diff: z.string(),
    }),
  ),
  services: z.array(
    z.object({
      service: z.string(),
      change: z.enum(['create', 'recreate', 'restart', 'start', 'remove', 'none']),
      why: z.string(),
      awaySeconds: z.number(),
    }),
  ),
  pulls: z.array(z.object({ reference: z.string(), bytes: z.number() })),
  newFolders: z.array(z.object({ path: z.string(), holds: z.string() })),
  newSecrets: z.array(named),
  askedSecrets: z.array(named),
  ports: z.array(
    z.object({
      port: z.int(),
      protocol: z.enum(['tcp', 'udp']),
      address: z.string(),
      service: z.string(),
      what: z.string(),
    }),
  ),
  names: z.array(z.object({ name: z.string(), what: z.string(), addresses: z.array(z.string()) })),
  networks: z.array(z.object({ name: z.string(), subnet: z.string(), what: z.string() })),
  grants: z.array(z.object({ grant: z.string(), why: z.string(), given: z.boolean() })),
  answers: z.array(z.object({ path: z.string(), from: z.string(), to: z.string() })).optional(),
  issues: z.array(issueSchema),
  isNothing: z.boolean(),
  /** What a person agrees to. */
  hash: z.string(),
});

/** What `stack.plan` answers. */
export const plannedStackSchema = z.object({
  /** The answers are good and nothing stands against the plan. */
  valid: z.boolean(),
  /** What is wrong with the answers; then there is no plan. */
  problems: z.array(answerProblemSchema),
  plan: stackPlanSchema.nullable(),
  /** With every default filled in. */
  answers: stackAnswersSchema.nullable(),
  /** Where each answer that was not given comes from. */
  services: z.array(z.object({ service: z.string(), image: z.string(), template: z.string() })),
  /** Services that would be upgraded and are backed up before that, as the settings say. Missing: none. */
  backsUp: z.array(z.string()).optional(),
  /** The files as they would be written, without secrets. Only where they were asked for. */
  files: z.array(z.object({ path: z.string(), content: z.string() })).optional(),
});

const stackVerbSchema = z.enum(['up', 'down', 'restart', 'destroy']);

export const pullStateSchema = z.object({
  reference: z.string(),
  layers: z.array(z.object({ id: z.string(), status: z.string(), current: z.number(), total: z.number() })),
  current: z.number(),
  total: z.number(),
  done: z.boolean(),
});

export const stackProgressSchema = z.object({
  run: z.int(),
  verb: stackVerbSchema,
  step: stackStepSchema.nullable(),
  message: z.string(),
  pulls: z.array(pullStateSchema),
  /** `done`, `rolled-back`, or the key of the error that ended it; `null`: it goes on. */
  outcome: z.string().nullable(),
  error: problemSchema.nullable(),
});

export const stackServiceSchema = z.object({
  service: z.string(),
  /** Name of its container; `null`: there is none. */
  container: z.string().nullable(),
  state: z.enum([
    ...['missing', 'created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'],
  ] as const),
  health: z.enum(['none', 'starting', 'healthy', 'unhealthy']),
  exitCode: z.int().nullable(),
  restarts: z.int().nullable(),
  since: instant.nullable(),
  image: z.string().nullable(),
});

export const stackStatusSchema = z.object({
  /** The same as in the snapshot. */
  state: z.enum(stackStates),
  sentence: z.string(),
  lab: z.string().nullable(),
  project: z.string().nullable(),
  folder: z.string().nullable(),
  data: z.string().nullable(),
  gitlabUrl: z.string().nullable(),
  answers: stackAnswersSchema.nullable(),
  services: z.array(stackServiceSchema),
  /** The run that goes on. */
  run: stackProgressSchema.nullable(),
  /** The newest that has ended. */
  last: z
    .object({
      run: z.int(),
      verb: stackVerbSchema,
      startedAt: instant,
      endedAt: instant,
      outcome: z.string(),
    })
    .nullable(),
  certificate: z
    .object({
      mode: z.enum(['local-ca', 'own', 'acme-dns', 'acme-http']),
      /** `null`: nobody can tell. */
      until: instant.nullable(),
      /** Root that devices have to trust, a file; `null`: none is needed, or it is not made yet. */
      root: z.string().nullable(),
    })
    .nullable(),
  /** Nobody has been shown GitLab's first password yet: `autogit stack secret gitlab-root-password`. */
  isNew: z.boolean(),
  /** A second factor is asked for, and no mail brings the code for choosing one: `autogit stack code`. */
  needsCodes: z.literal(true).optional(),
});

export const stackSecretSchema = z.object({
  name: z.string(),
  label: z.string(),
  kind: z.enum(secretKinds),
  template: z.string(),
  /** It has a value. */
  isSet: z.boolean(),
});
