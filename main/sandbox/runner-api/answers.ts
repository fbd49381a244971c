// Bodies and errors in the forms that GitLab's runner endpoints use.
import type { Context } from 'hono';
import { z } from 'zod';

/** Raised to end a request with a GitLab error body. */
export class RunnerApiError extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 413 | 416 | 422 | 501;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: RunnerApiError['status'],
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** `403 Forbidden`, with a reason after a dash where GitLab gives one. */
export function forbidden(reason?: string, headers: Readonly<Record<string, string>> = {}): RunnerApiError {
  return new RunnerApiError(
    403,
    reason === undefined ? '403 Forbidden' : `403 Forbidden - ${reason}`,
    headers,
  );
}

/** Parameters from the query and from a JSON or form body, as Grape merges them; raises 400. */
export async function readParams<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const type = c.req.header('content-type') ?? '';
  const body: unknown = type.includes('json')
    ? await c.req.json().catch(() => ({}))
    : type.includes('form')
      ? await c.req.parseBody()
      : {};
  const parsed = schema.safeParse({
    ...c.req.query(),
    ...z.record(z.string(), z.unknown()).catch({}).parse(body),
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RunnerApiError(400, `${issue?.path.join('.') ?? ''} is invalid: ${issue?.message ?? ''}`);
}
