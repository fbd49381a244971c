// The contract: one map from which IPC, HTTP, OpenAPI and the command line are derived.
import { z } from 'zod';
import { auditSchema } from './audit.ts';
import { engineDetailSchema, engineRowSchema } from './engines.ts';
import { snapshotNewsSchema } from './news.ts';
import {
  gitlabStatusSchema,
  issueSchema,
  jobSchema,
  poolStatusSchema,
  runnerStatusSchema,
  snapshotSchema,
} from './snapshot.ts';

/** How the command line presents a request. */
export interface CliForm {
  /** Words after `autogit`: noun and verb, or a single word. */
  readonly path: readonly [string] | readonly [string, string];
  /** Input fields given by position instead of `--name`. */
  readonly positional?: readonly string[];
  readonly examples: readonly [string, string];
}

interface Definition {
  readonly summary: string;
  /** Fields carry their help text through `.describe()`. */
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
  readonly cli: CliForm;
}

/** Reads; changes nothing. */
export interface QueryDefinition extends Definition {
  readonly kind: 'query';
}

/** Changes a wish; the next plan acts. Every command takes `dryRun` and then only says what would be done. */
export interface CommandDefinition extends Definition {
  readonly kind: 'command';
  /** Asks for `--yes`, because data would be gone. */
  readonly losesData: boolean;
}

/** Answers with items until the reader leaves or the matter ends. */
export interface StreamDefinition extends Definition {
  readonly kind: 'stream';
}

export type RequestDefinition = QueryDefinition | CommandDefinition | StreamDefinition;

const nothing = z.strictObject({});
const dryRun = z.boolean().default(false).describe('only say what would be done');
const limit = z.int().min(1).max(10_000).default(100).describe('at most so many rows');

/** A job's status, by GitLab's word or by ours: one that is queued waits, one that needs others first comes later. */
const jobStatus = z
  .enum(['waiting', 'later', ...jobSchema.shape.status.options])
  .transform((word) => (word === 'waiting' ? 'pending' : word === 'later' ? 'created' : word));

export const plannedActionSchema = z.object({ kind: z.string(), target: z.string(), reason: z.string() });

/** What every command answers. */
export const outcomeSchema = z.object({
  dryRun: z.boolean(),
  /** What was done or, with `dryRun`, would be done first. */
  actions: z.array(plannedActionSchema),
  /** One sentence: how things stand now. */
  message: z.string(),
  /** What to do next. */
  next: z.string().nullable(),
});

export const eventSchema = z.object({
  at: z.number().describe('milliseconds since 1970'),
  /** `job.waiting`, `job.running`, `job.success`, `runner.idle`, `issue.opened`, … */
  kind: z.string(),
  subject: z.string(),
  message: z.string(),
});

export const statusSchema = snapshotSchema.omit({ jobs: true, runners: true });

const sandboxStatusSchema = z.object({
  state: z.enum(['absent', 'stopped', 'starting', 'running', 'failed']),
  url: z.string().nullable(),
  gitlab: gitlabStatusSchema,
});

function query<I extends z.ZodObject, O extends z.ZodType>(
  definition: Omit<QueryDefinition, 'kind' | 'input' | 'output'> & { input: I; output: O },
) {
  return { ...definition, kind: 'query' as const };
}
function command<I extends z.ZodObject, O extends z.ZodType>(
  definition: Omit<CommandDefinition, 'kind' | 'input' | 'output' | 'losesData'> & {
    input: I;
    output: O;
    losesData?: boolean;
  },
) {
  return { losesData: false, ...definition, kind: 'command' as const };
}
function stream<I extends z.ZodObject, O extends z.ZodType>(
  definition: Omit<StreamDefinition, 'kind' | 'input' | 'output'> & { input: I; output: O },
) {
  return { ...definition, kind: 'stream' as const };
}

export const contract = {
  'status.show': query({
    summary: 'How things stand, in one sentence and in detail',
    input: nothing,
    output: statusSchema,
    cli: { path: ['status'], examples: ['autogit status', 'autogit status --json'] },
  }),
  'snapshot.show': query({
    summary: 'The whole state: pools, runners, jobs, issues',
    input: nothing,
    output: snapshotSchema,
    cli: { path: ['snapshot'], examples: ['autogit snapshot --json', 'autogit snapshot'] },
  }),
  'snapshot.follow': stream({
    summary: 'The whole state, again at every change',
    input: nothing,
    output: snapshotSchema,
    cli: {
      path: ['snapshot', 'follow'],
      examples: ['autogit snapshot follow --json', 'autogit snapshot follow'],
    },
  }),
  'snapshot.changes': stream({
    summary: 'The whole state once, then what changes in it',
    input: nothing,
    output: snapshotNewsSchema,
    cli: {
      path: ['snapshot', 'changes'],
      examples: ['autogit snapshot changes --json', 'autogit snapshot changes'],
    },
  }),
  'engine.list': query({
    summary: 'Container engines of this machine and its user: the one in use and the others',
    input: nothing,
    output: z.array(engineRowSchema),
    cli: { path: ['engine', 'list'], examples: ['autogit engine list', 'autogit engine list --json'] },
  }),
  'engine.show': query({
    summary: 'One container engine: what it is, what it cannot do, and how to mend that',
    input: z.strictObject({
      address: z.string().max(1024).optional().describe('as engine list has it; the one in use by default'),
    }),
    output: engineDetailSchema,
    cli: {
      path: ['engine', 'show'],
      positional: ['address'],
      examples: ['autogit engine show', 'autogit engine show unix:///run/user/1000/docker.sock --json'],
    },
  }),
  'engine.use': command({
    summary: 'Use another container engine from now on; runners of the present one are not touched',
    input: z.strictObject({
      address: z.string().min(1).max(1024).describe('its address, or auto for the first one that answers'),
      dryRun,
    }),
    output: outcomeSchema,
    cli: {
      path: ['engine', 'use'],
      positional: ['address'],
      examples: ['autogit engine use unix:///run/user/1000/podman/podman.sock', 'autogit engine use auto'],
    },
  }),
  'pool.list': query({
    summary: 'Pools with their runners and the jobs that wait for them',
    input: nothing,
    output: z.array(poolStatusSchema),
    cli: { path: ['pool', 'list'], examples: ['autogit pool list', 'autogit pool list --json'] },
  }),
  'runner.list': query({
    summary: 'Runners that are alive',
    input: z.strictObject({ pool: z.string().optional().describe('only of this pool') }),
    output: z.array(runnerStatusSchema),
    cli: {
      path: ['runner', 'list'],
      examples: ['autogit runner list', 'autogit runner list --pool default'],
    },
  }),
  'job.list': query({
    summary: 'Jobs that wait, run, or ended lately',
    input: z.strictObject({
      status: jobStatus.optional().describe('only with this status'),
      project: z.string().optional().describe('only of this project (its full path)'),
      limit,
    }),
    output: z.array(jobSchema),
    cli: {
      path: ['job', 'list'],
      examples: ['autogit job list --status waiting', 'autogit job list --limit 20 --json'],
    },
  }),
  'job.log': stream({
    summary: 'The log of a job',
    input: z.strictObject({
      id: z.int().min(1).describe("the job's number"),
      follow: z.boolean().default(false).describe('go on until the job ends'),
    }),
    output: z.object({ offset: z.int(), text: z.string() }),
    cli: {
      path: ['job', 'log'],
      positional: ['id'],
      examples: ['autogit job log 41', 'autogit job log 41 --follow'],
    },
  }),
  'events.follow': stream({
    summary: 'What has happened: jobs, runners, issues',
    input: z.strictObject({
      follow: z.boolean().default(false).describe('go on with what happens next'),
      limit,
    }),
    output: eventSchema,
    cli: { path: ['events'], examples: ['autogit events --follow', 'autogit events --limit 20 --json'] },
  }),
  'issue.list': query({
    summary: 'What is wrong at the moment, with the way to mend it',
    input: nothing,
    output: z.array(issueSchema),
    cli: { path: ['issue', 'list'], examples: ['autogit issue list', 'autogit issue list --json'] },
  }),
  'audit.list': query({
    summary: 'Who asked AutoGit to change what, through which door, and what became of it',
    input: z.strictObject({ limit }),
    output: z.array(auditSchema),
    cli: {
      path: ['audit', 'list'],
      examples: ['autogit audit list', 'autogit audit list --limit 20 --json'],
    },
  }),
  'queue.refresh': command({
    summary: "Look at GitLab's queue now instead of at the next poll",
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: { path: ['queue', 'refresh'], examples: ['autogit queue refresh', 'autogit queue refresh --json'] },
  }),
  'lab.drain': command({
    summary: 'Start no more runners; those with a job finish it, then all leave',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: { path: ['lab', 'drain'], examples: ['autogit lab drain', 'autogit lab drain --dry-run'] },
  }),
  'lab.resume': command({
    summary: 'Serve the queue again after a drain',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: { path: ['lab', 'resume'], examples: ['autogit lab resume', 'autogit lab resume --json'] },
  }),
  'lab.teardown': command({
    summary: 'Drain, then remove every runner, runner entry and network of this home',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: { path: ['lab', 'teardown'], examples: ['autogit lab teardown --dry-run', 'autogit lab teardown'] },
  }),
  'lab.objects': query({
    summary: 'Everything of this home on the engine: containers, networks, volumes',
    input: nothing,
    output: z.object({
      containers: z.array(z.string()),
      networks: z.array(z.string()),
      volumes: z.array(z.string()),
    }),
    cli: { path: ['lab', 'objects'], examples: ['autogit lab objects', 'autogit lab objects --json'] },
  }),
  'sandbox.start': command({
    summary: 'Start the sandbox: a small stand-in for GitLab, to try AutoGit without installing one',
    input: z.strictObject({
      runner: z
        .enum(['sandbox', 'official'])
        .default('sandbox')
        .describe('which runner program runs the jobs'),
      dryRun,
    }),
    output: outcomeSchema.extend({ url: z.string().nullable() }),
    cli: {
      path: ['sandbox', 'start'],
      examples: ['autogit sandbox start', 'autogit sandbox start --dry-run'],
    },
  }),
  'sandbox.stop': command({
    summary: 'Stop the sandbox and keep its data',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: { path: ['sandbox', 'stop'], examples: ['autogit sandbox stop', 'autogit sandbox stop --json'] },
  }),
  'sandbox.status': query({
    summary: 'Whether the sandbox runs, and where',
    input: nothing,
    output: sandboxStatusSchema,
    cli: {
      path: ['sandbox', 'status'],
      examples: ['autogit sandbox status', 'autogit sandbox status --json'],
    },
  }),
  'sandbox.access': query({
    summary: 'How to use the sandbox as its root user, with git and by API',
    input: nothing,
    output: z.object({
      url: z.string().nullable(),
      username: z.string(),
      /** Opens nothing but the sandbox; `null` before it was first started. */
      token: z.string().nullable(),
    }),
    cli: {
      path: ['sandbox', 'access'],
      examples: ['autogit sandbox access', 'autogit sandbox access --json'],
    },
  }),
  'sandbox.reset': command({
    summary: 'Remove the sandbox with all its projects and jobs',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    losesData: true,
    cli: {
      path: ['sandbox', 'reset'],
      examples: ['autogit sandbox reset --yes', 'autogit sandbox reset --dry-run'],
    },
  }),
  'sandbox.seed': command({
    summary: 'Create a demo project in the sandbox and push a repository with a pipeline to it',
    input: z.strictObject({
      jobs: z.int().min(1).max(200).default(6).describe('number of jobs in the pipeline'),
      dryRun,
    }),
    output: outcomeSchema.extend({
      project: z.object({ id: z.int(), path: z.string() }).nullable(),
      jobs: z.int(),
    }),
    cli: { path: ['sandbox', 'seed'], examples: ['autogit sandbox seed', 'autogit sandbox seed --jobs 20'] },
  }),
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
} satisfies Readonly<Record<string, RequestDefinition>>;

export type Contract = typeof contract;
export type RequestName = keyof Contract;
export type Input<N extends RequestName> = z.input<Contract[N]['input']>;
export type ParsedInput<N extends RequestName> = z.output<Contract[N]['input']>;
export type Output<N extends RequestName> = z.output<Contract[N]['output']>;

type OfKind<K extends RequestDefinition['kind']> = {
  [N in RequestName]: Contract[N]['kind'] extends K ? N : never;
}[RequestName];
export type CallName = OfKind<'query' | 'command'>;
export type StreamName = OfKind<'stream'>;

export type CoreEvent = z.infer<typeof eventSchema>;
export type Outcome = z.infer<typeof outcomeSchema>;

/** Every request's name, in the order of the map. */
export const requestNames: readonly RequestName[] = Object.keys(contract).filter(
  (name): name is RequestName => Object.hasOwn(contract, name),
);

/** The part of an `AbortSignal` that a stream needs; pure folders have no DOM or Node types. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What a door needs of the core, whether it lives in this process or another. */
export interface CoreDoor {
  /** Rejects with an `AutoGitError` shape of contract/error.ts. */
  call<N extends CallName>(name: N, input: Input<N>): Promise<Output<N>>;
  /** Ends when the matter ends; stops when `signal` fires. */
  stream<N extends StreamName>(name: N, input: Input<N>, signal: StopSignal): AsyncIterable<Output<N>>;
}
