// Checks what was typed against the schema of a command.
import type { z } from 'zod';
import { fieldsOf, inputError } from '../contract/fields.ts';
import type { FieldLabel } from '../contract/fields.ts';
import { AutoGitError } from '../errors.ts';

/** The checked input. Raises `usage.*`, naming field and range. */
export function checkInput<S extends z.ZodObject>(schema: S, given: unknown, label: FieldLabel): z.output<S> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new AutoGitError(inputError(fieldsOf(schema), given, parsed.error.issues, label));
}
