// Shapes that several of the sandbox's entities share.
import { z } from 'zod';

export const id = z.number().int().positive();
/** ISO 8601 in UTC with milliseconds, as GitLab's JSON has it. */
export const timestamp = z.string();
export const maybeTimestamp = timestamp.nullable().default(null);
export const strings = z.array(z.string()).readonly();
export const visibility = z.enum(['private', 'internal', 'public']);

/** What variables of the instance and of projects have in common. */
export const storedVariableFields = {
  id,
  key: z.string(),
  value: z.string(),
  variableType: z.enum(['env_var', 'file']).default('env_var'),
  /** Only for pipelines of protected branches and tags. */
  protected: z.boolean().default(false),
  masked: z.boolean().default(false),
  raw: z.boolean().default(false),
  description: z.string().nullable().default(null),
};
