// How answers and errors look over HTTP.
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ErrorShape } from '../contract/error.ts';
import { toAutoGitError } from '../errors.ts';

const byKey: Readonly<Record<string, ContentfulStatusCode>> = {
  'http.token-wrong': 401,
  'http.host-foreign': 403,
  'http.origin-foreign': 403,
  'http.path-unknown': 404,
  'http.method-wrong': 405,
  'http.body-too-large': 413,
  'http.too-many-tries': 429,
  'http.body-not-json': 400,
  'request.invalid': 400,
  'core.stopping': 503,
  'core.unreachable': 503,
  'lab.not-yet': 504,
};

/** The HTTP status of an error, by its key. */
export function httpStatusOf(key: string): ContentfulStatusCode {
  const exact = byKey[key];
  if (exact !== undefined) return exact;
  if (/[.-](?:unknown|missing|not-found)$/.test(key) && !/^(?:usage|engine)\./.test(key)) return 404;
  if (key.startsWith('usage.')) return 400;
  if (key.startsWith('refused.')) return 409;
  if (key.startsWith('engine.') || key.startsWith('gitlab.')) return 503;
  if (key.startsWith('internal.')) return 500;
  return 422;
}

/** Anything that was thrown, as the contract's error shape. */
export function errorShapeOf(error: unknown): ErrorShape {
  const { key, message, next, fields, retry } = toAutoGitError(error);
  return { key, message, next, fields: { ...fields }, retry };
}
