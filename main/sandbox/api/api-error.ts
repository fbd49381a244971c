// GitLab's error answers: an exception that knows its status and its JSON body.

/** Ends a request. The body is `{"message": …}` for GitLab's own errors and `{"error": …}` for Grape's validation. */
export class ApiError extends Error {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 410 | 412 | 422;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: ApiError['status'], body: Readonly<Record<string, unknown>>) {
    super(JSON.stringify(body));
    this.name = 'ApiError';
    this.status = status;
    this.body = body;
  }
}

/** `404 Project Not Found`. */
export function notFound(what = ''): ApiError {
  return new ApiError(404, { message: `404 ${what === '' ? '' : `${what} `}Not Found` });
}

export function unauthorized(): ApiError {
  return new ApiError(401, { message: '401 Unauthorized' });
}

/** `403 Forbidden`, or `403 Forbidden - <reason>`. */
export function forbidden(reason = ''): ApiError {
  return new ApiError(403, { message: reason === '' ? '403 Forbidden' : `403 Forbidden - ${reason}` });
}

/** A refused parameter, in Grape's form: `{"error": "name is missing"}`. */
export function badParameter(message: string): ApiError {
  return new ApiError(400, { error: message });
}

/** A refused entity, in Rails' form: `{"message": {"path": ["has already been taken"]}}`. */
export function invalidEntity(
  errors: Readonly<Record<string, readonly string[]>>,
  status: 400 | 422 = 400,
): ApiError {
  return new ApiError(status, { message: errors });
}

export function conflict(message: string): ApiError {
  return new ApiError(409, { message });
}
