// What a runner may ask the engine: a list of calls, each with its own check. What is not on it is refused.
import { z } from 'zod';
import type { Grant } from '../model/grant.ts';
import { label } from '../model/labels.ts';
import { createReferences } from './create-container.ts';
import { allow, ownObject } from './decision.ts';
import type { Asked, Decision } from './decision.ts';
import { refuse, shorten } from './fields.ts';
import type { Json, Refusal } from './fields.ts';
import type { Known, Reference } from './known.ts';
import * as made from './made.ts';
import { parseAddress } from './request.ts';
import type { Address, RunnerRequest } from './request.ts';

interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** Names that the query may have, with what each may be. */
  readonly query?: Readonly<Record<string, RegExp>>;
  /** Missing: none may come. */
  readonly body?: 'json';
  readonly upgrade?: true;
  readonly references?: (name: string, body: Json | undefined) => readonly Reference[];
  readonly judge: (asked: Asked) => Decision;
}

const number = /^\d{1,9}$/;
const flag = /^(?:0|1|true|false)$/;
const word = /^[A-Za-z0-9_-]{0,40}$/;
const platform = /^[a-z0-9]{1,20}(?:\/[a-z0-9]{1,20}){0,2}$/;
const imageName = /^[A-Za-z0-9][A-Za-z0-9_.:@/-]{0,500}$/;

const container = (name: string): readonly Reference[] => [{ kind: 'container', name }];
const network = (name: string): readonly Reference[] => [{ kind: 'network', name }];
const volume = (name: string): readonly Reference[] => [{ kind: 'volume', name }];
const exec = (name: string): readonly Reference[] => [{ kind: 'exec', name }];

/** Passed on as it came: it tells of the engine only. */
const pass = ({ address }: Asked): Decision => allow({ address });

/** About one object, which has to be the runner's. */
function onOwn(kind: Reference['kind'], path: (id: string) => string, method: string) {
  return ({ address, name, known }: Asked): Decision =>
    ownObject({ kind, name }, known, ({ id }) => allow({ address, method, path: path(id) }));
}

const onContainer = (
  method: string,
  rest: string,
  query: Readonly<Record<string, RegExp>> = {},
  more: Pick<Route, 'upgrade'> = {},
): Route => ({
  method,
  path: new RegExp(`^/containers/([^/]+)${rest}$`),
  query,
  references: container,
  judge: (asked) => {
    const decision = onOwn('container', (id) => `/containers/${id}${rest}`, method)(asked);
    return 'allow' in decision && more.upgrade ? { allow: { ...decision.allow, upgrade: true } } : decision;
  },
  ...more,
});

/** What gitlab-runner's docker executor asks for, as recorded from its requests, and nothing else. */
const routes: readonly Route[] = [
  { method: 'HEAD', path: /^\/_ping()$/, judge: pass },
  { method: 'GET', path: /^\/(?:_ping|info|version)()$/, judge: pass },
  {
    method: 'GET',
    path: /^\/images\/(.+)\/json$/,
    query: { platform: /^[\w{}":,/.-]{0,200}$/, manifests: flag },
    judge: pass,
  },
  {
    method: 'POST',
    path: /^\/images\/create()$/,
    query: { fromImage: imageName, tag: /^[\w.:-]{0,200}$/, platform },
    judge: made.judgePull,
  },
  { ...listing('/containers/json'), query: { all: flag, limit: number, size: flag, filters: /^.{0,4000}$/ } },
  { ...listing('/networks'), query: { filters: /^.{0,4000}$/ } },
  { ...listing('/volumes'), query: { filters: /^.{0,4000}$/ } },
  {
    method: 'POST',
    path: /^\/containers\/create()$/,
    query: { name: made.madeName, platform },
    body: 'json',
    references: (_name, body) => createReferences(body),
    judge: made.judgeCreate,
  },
  onContainer('GET', '/json', { size: flag }),
  onContainer('GET', '/logs', {
    ...{ stdout: flag, stderr: flag, follow: flag, timestamps: flag, details: flag },
    ...{ since: /^[\d.]{0,40}$/, until: /^[\d.]{0,40}$/, tail: word },
  }),
  onContainer('POST', '/start'),
  onContainer('POST', '/stop', { t: /^-?\d{1,9}$/, signal: word }),
  onContainer('POST', '/kill', { signal: word }),
  onContainer('POST', '/wait', { condition: word }),
  onContainer(
    'POST',
    '/attach',
    { stream: flag, stdin: flag, stdout: flag, stderr: flag, logs: flag },
    { upgrade: true },
  ),
  onContainer('DELETE', '', { force: flag, v: flag }),
  {
    method: 'POST',
    path: /^\/containers\/([^/]+)\/exec$/,
    body: 'json',
    references: container,
    judge: made.judgeExec,
  },
  {
    method: 'POST',
    path: /^\/exec\/([^/]+)\/start$/,
    body: 'json',
    upgrade: true,
    references: exec,
    judge: made.judgeExecStart,
  },
  {
    method: 'GET',
    path: /^\/exec\/([^/]+)\/json$/,
    references: exec,
    judge: onOwn('exec', (id) => `/exec/${id}/json`, 'GET'),
  },
  {
    method: 'POST',
    path: /^\/volumes\/create()$/,
    body: 'json',
    references: made.namedVolume,
    judge: made.judgeVolume,
  },
  {
    method: 'GET',
    path: /^\/volumes\/([^/]+)$/,
    references: volume,
    judge: onOwn('volume', (id) => `/volumes/${id}`, 'GET'),
  },
  {
    method: 'DELETE',
    path: /^\/volumes\/([^/]+)$/,
    query: { force: flag },
    references: volume,
    judge: onOwn('volume', (id) => `/volumes/${id}`, 'DELETE'),
  },
  {
    method: 'POST',
    path: /^\/networks\/create()$/,
    body: 'json',
    references: made.namedNetwork,
    judge: made.judgeNetwork,
  },
  {
    method: 'GET',
    path: /^\/networks\/([^/]+)$/,
    references: network,
    judge: made.judgeNetworkView,
  },
  { method: 'DELETE', path: /^\/networks\/([^/]+)$/, references: network, judge: made.judgeNetworkEnd },
  {
    method: 'POST',
    path: /^\/networks\/([^/]+)\/disconnect$/,
    body: 'json',
    references: (name, body) => [...network(name), ...container(made.textOf(body, 'Container'))],
    judge: made.judgeDisconnect,
  },
];

/** Everything that has to be looked up before `decide`. Total: what will be refused names nothing. */
export function referencesOf(request: RunnerRequest): readonly Reference[] {
  const found = match(request);
  if ('refuse' in found) return [];
  return (found.route.references?.(found.name, request.body) ?? []).filter(({ name }) => name !== '');
}

/** Pure. What is allowed is written anew from what was checked; nothing of the runner's own text is passed on. */
export function decide(request: RunnerRequest, grant: Grant, known: Known): Decision {
  const found = match(request);
  if ('refuse' in found) return found;
  const { route, address, name } = found;
  return route.judge({ address, name, body: request.body ?? {}, grant, known });
}

type Match = { readonly route: Route; readonly address: Address; readonly name: string };

function match(request: RunnerRequest): Match | { readonly refuse: Refusal } {
  const { method, target, upgrade, body } = request;
  const address = parseAddress(target);
  if ('refuse' in address) return address;
  const route = routes.find((one) => one.method === method && one.path.test(address.path));
  if (route === undefined || upgrade !== (route.upgrade ?? false)) {
    const how = upgrade ? ' as a stream' : '';
    return refuse('gateway.not-offered', `${shorten(`${method} ${address.path}`)} is not offered${how}`);
  }
  for (const [key, value] of address.query) {
    const allowed = Object.hasOwn(route.query ?? {}, key) ? route.query?.[key] : undefined;
    if (allowed?.test(value) !== true) {
      return refuse('gateway.query', `${shorten(key)} may not be ${shorten(value)} in the query`);
    }
  }
  if (route.body === undefined && body !== undefined) {
    return refuse('gateway.body', `${method} ${address.path} takes no body`);
  }
  return { route, address, name: route.path.exec(address.path)?.[1] ?? '' };
}

/** Only the runner's own are listed. */
function listing(path: string): Route {
  return {
    method: 'GET',
    path: new RegExp(`^${path}()$`),
    judge: ({ address, known }) => {
      const asked = filtersSchema.safeParse(parseJson(address.query.get('filters') ?? '{}'));
      if (!asked.success) return refuse('gateway.query', 'the filters cannot be read');
      const labels = [...(asked.data['label'] ?? []), `${label.runner}=${known.runner}`];
      const filters = JSON.stringify({ ...asked.data, label: labels });
      return allow({ address, query: { ...Object.fromEntries(address.query), filters } });
    },
  };
}

/** Docker's two forms: a list, or an object whose values say nothing. */
const filtersSchema = z.record(
  z.string(),
  z.union([z.array(z.string()), z.record(z.string(), z.boolean()).transform((all) => Object.keys(all))]),
);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
