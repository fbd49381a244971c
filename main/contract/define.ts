// What a request of the contract says of itself, and the parts that many of them share.
import { z } from 'zod';

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
  /** Its input may have secrets in it, which belong into no address: those are kept in histories and logs of others. */
  readonly hasSecrets: boolean;
}

/** Changes a wish; the next plan acts. Every command takes `dryRun` and then only says what would be done. */
export interface CommandDefinition extends Definition {
  readonly kind: 'command';
  /** Asks for `--yes`, because data would be gone: always, or where this field of its input is true. */
  readonly losesData: boolean | string;
  /** False: nothing of the lab changes by it, and it is asked far too often to be told in the audit. */
  readonly isAudited: boolean;
}

/** Answers with items until the reader leaves or the matter ends. */
export interface StreamDefinition extends Definition {
  readonly kind: 'stream';
}

export type RequestDefinition = QueryDefinition | CommandDefinition | StreamDefinition;

export const nothing = z.strictObject({});
export const dryRun = z.boolean().default(false).describe('only say what would be done');
export const limit = z.int().min(1).max(10_000).default(100).describe('at most so many rows');

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
  /** Settings that changed or, with `dryRun`, would change, and what that does. Only of commands that change some. */
  changes: z
    .array(
      z.object({
        /** `pools.gpu.max` */
        path: z.string(),
        impact: z.enum(['none', 'restart', 'data-loss']),
        effect: z.string(),
      }),
    )
    .optional(),
});

export function query<I extends z.ZodObject, O extends z.ZodType>(
  definition: Omit<QueryDefinition, 'kind' | 'input' | 'output' | 'hasSecrets'> & {
    input: I;
    output: O;
    hasSecrets?: boolean;
  },
) {
  return { hasSecrets: false, ...definition, kind: 'query' as const };
}
export function command<I extends z.ZodObject, O extends z.ZodType>(
  definition: Omit<CommandDefinition, 'kind' | 'input' | 'output' | 'losesData' | 'isAudited'> & {
    input: I;
    output: O;
    losesData?: boolean | string;
    isAudited?: boolean;
  },
) {
  return { losesData: false, isAudited: true, ...definition, kind: 'command' as const };
}
export function stream<I extends z.ZodObject, O extends z.ZodType>(
  definition: Omit<StreamDefinition, 'kind' | 'input' | 'output'> & { input: I; output: O },
) {
  return { ...definition, kind: 'stream' as const };
}
