// One call of the GitLab library, its answer parsed and its errors given keys.
import type { z } from 'zod';
import { gitlabError, statusError, statusOf, unexpected } from './errors.ts';
import type { Answer } from './http.ts';

/** One call of the library, its answer parsed. */
export async function attempt<S extends z.ZodType>(
  url: string,
  schema: S,
  call: () => Promise<unknown>,
): Promise<z.output<S>> {
  try {
    const parsed = schema.safeParse(await call());
    if (parsed.success) return parsed.data;
    throw unexpected(url, 'an answer has another form', parsed.error);
  } catch (error) {
    throw gitlabError(url, error);
  }
}

/** One call whose object may have gone meanwhile. */
export async function gone(
  url: string,
  call: () => Promise<unknown>,
): Promise<{ readonly gone: true } | { readonly gone: false; readonly value: unknown }> {
  try {
    return { gone: false, value: await call() };
  } catch (error) {
    if (statusOf(error) === 404) return { gone: true };
    throw gitlabError(url, error);
  }
}

/** The body of a good answer; throws for any other. */
export function readJson(url: string, { ok, status, statusText, text }: Answer): unknown {
  if (!ok) throw statusError(url, status, statusText);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw gitlabError(url, error);
  }
}
