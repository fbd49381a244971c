// How the GitLab library asks: its own way repeats a refused request ten times within a quarter of a second, reads
// bodies of any size, and knows nothing of Retry-After.
import type { Gitlab as GitbeakerClient } from '@gitbeaker/rest';
import { z } from 'zod';
import { statusError, unexpected } from './errors.ts';
import type { Answer, Http } from './http.ts';

type Options = NonNullable<ConstructorParameters<typeof GitbeakerClient>[0]>;
type RequesterOf = NonNullable<Options['requesterFn']>;
type Resource = Parameters<RequesterOf>[0];
type Requester = ReturnType<RequesterOf>;
type Asked = NonNullable<Parameters<Requester['get']>[1]>;

/** The library's requester over these exchanges. Rejects with errors that have keys. */
export function requesterOver(base: string, http: Http): RequesterOf {
  return (resource) => {
    const ask = async (method: string, endpoint: string, asked: Asked = {}) => {
      const answer = await http.exchange(addressOf(resource, endpoint, asked), {
        method,
        headers: await headersOf(resource),
        ...(method === 'GET' || asked.body === undefined ? {} : { body: JSON.stringify(snaked(asked.body)) }),
      });
      if (!answer.ok) throw statusError(base, answer.status, complaintIn(answer));
      return {
        body: bodyOf(base, answer),
        headers: Object.fromEntries(answer.headers),
        status: answer.status,
      };
    };
    /** What is in an answer, its callers look up by schemas of their own. */
    function typed(method: string): Requester['get'];
    function typed(method: string) {
      return (endpoint: string, asked?: Asked) => ask(method, endpoint, asked);
    }
    return {
      get: typed('GET'),
      post: typed('POST'),
      put: typed('PUT'),
      patch: typed('PATCH'),
      delete: typed('DELETE'),
    };
  };
}

/** `perPage` as GitLab has it: `per_page`. */
function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function snaked(body: object): object {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [snakeCase(name), value as unknown]));
}

function addressOf({ url }: Resource, endpoint: string, { searchParams = {} }: Asked): string {
  const address = new URL(endpoint, url.endsWith('/') ? url : `${url}/`);
  for (const [name, value] of Object.entries(searchParams)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    const known = Array.isArray(value) ? `${snakeCase(name)}[]` : snakeCase(name);
    for (const one of values)
      if (one !== undefined && one !== null)
        address.searchParams.append(known, typeof one === 'string' ? one : JSON.stringify(one));
  }
  return address.href;
}

async function headersOf({ headers, authHeaders }: Resource): Promise<Record<string, string>> {
  const secret = await Promise.all(
    Object.entries(authHeaders).map(async ([name, value]) => [name, await value()] as const),
  );
  return { ...headers, 'Content-Type': 'application/json', ...Object.fromEntries(secret) };
}

function bodyOf(base: string, { status, text }: Answer): unknown {
  if (status === 204 || text === '') return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unexpected(base, 'the answer is not JSON', error);
  }
}

const complaintSchema = z.object({ error: z.unknown(), message: z.unknown() }).partial();

/** GitLab's own words: `{"message": …}` or `{"error": …}`, each a text or an object. */
function complaintIn({ text, statusText }: Answer): string {
  try {
    const { error, message } = complaintSchema.parse(JSON.parse(text));
    const said = error ?? message ?? statusText;
    return (typeof said === 'string' ? said : JSON.stringify(said)).slice(0, 500);
  } catch {
    return statusText;
  }
}
