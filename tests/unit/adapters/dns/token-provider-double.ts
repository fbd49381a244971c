// Providers of names as far as a token is tried at them: each answers as its documentation says, on one server.
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { TryAddresses } from '../../../../main/adapters/dns/try-token.ts';
import { serverWith } from '../../../fixtures/answering-server.ts';

export const right = 'a-token-that-is-right';
export const readOnly = 'a-token-that-may-only-read';
export const zone = 'example.net';

export interface TokenProviders {
  readonly addresses: TryAddresses;
  /** `POST /cloudflare/zones/z1/dns_records`. */
  readonly calls: string[];
  /** TXT records that are there, by name. */
  readonly records: Map<string, string>;
  /** Status with which everything is answered; `null`: as usual. */
  status: number | null;
  /** So many removals are refused. */
  keeps: number;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

type Reply = readonly [status: number, body: unknown];

export async function startTokenProviders(): Promise<TokenProviders> {
  const world: TokenProviders = { addresses: none, calls: [], records: new Map(), status: null, keeps: 0 };
  const base = await serverWith((request, response) => void answer(world, request, response));
  const at = (name: string): string => `${base}/${name}`;
  return Object.assign(world, {
    addresses: {
      ...{ cloudflare: at('cloudflare'), desec: at('desec'), digitalocean: at('digitalocean') },
      ...{
        duckdns: at('duckdns'),
        hetzner: at('hetzner'),
        route53: at('route53'),
        ovh: { 'ovh-eu': at('ovh') },
      },
    },
  });
}

const none: TryAddresses = {
  cloudflare: '',
  desec: '',
  digitalocean: '',
  duckdns: '',
  hetzner: '',
  route53: '',
  ovh: {},
};

async function answer(
  world: TokenProviders,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://provider');
  let body = '';
  for await (const part of request) body += String(part);
  const [, provider = '', ...rest] = url.pathname.split('/');
  const token = (request.headers.authorization ?? '').replace(/^(?:Bearer|Token) /, '');
  world.calls.push(`${request.method} ${url.pathname}`);
  const call = {
    method: request.method ?? '',
    path: `/${rest.join('/')}`,
    query: url.searchParams,
    token,
    body,
    headers: request.headers,
  };
  const isRemoval = call.method === 'DELETE' || body.includes('<Action>DELETE');
  if (isRemoval) world.keeps -= 1;
  const [status, said]: Reply =
    isRemoval && world.keeps >= 0
      ? [403, { message: `${token} may not remove` }]
      : world.status === null
        ? replyOf(provider, call, world)
        : [world.status, { message: 'no' }];
  response.writeHead(status).end(typeof said === 'string' ? said : JSON.stringify(said));
}

function replyOf(provider: string, call: Call, world: TokenProviders): Reply {
  switch (provider) {
    case 'cloudflare':
      return cloudflare(call, world);
    case 'digitalocean':
      return digitalocean(call, world);
    case 'hetzner':
      return hetzner(call, world);
    case 'desec':
      return desec(call, world);
    case 'duckdns':
      return duckdns(call, world);
    case 'ovh':
      return ovh(call);
    case 'route53':
      return route53(call, world);
    default:
      return [404, {}];
  }
}

const known = [right, readOnly];

function cloudflare({ method, path, query, token, body }: Call, { records }: TokenProviders): Reply {
  const no = (message: string): object => ({ success: false, errors: [{ code: 10000, message }] });
  if (!known.includes(token)) return [403, no('Invalid access token')];
  if (path === '/zones')
    return [200, { success: true, result: query.get('name') === zone ? [{ id: 'z1', name: zone }] : [] }];
  if (token === readOnly) return [403, no('Authentication error')];
  const there = records.get('1');
  if (method === 'GET') {
    const { content } = z.object({ content: z.string() }).parse(JSON.parse(there ?? '{}'));
    return [200, { success: true, result: [{ id: '1', content }] }];
  }
  if (method === 'POST' && there === body)
    return [
      400,
      { success: false, errors: [{ code: 81058, message: 'An identical record already exists.' }] },
    ];
  if (method === 'POST') records.set('1', body);
  else records.delete('1');
  return [200, { success: true, result: { id: '1' } }];
}

function digitalocean({ method, path, token, body }: Call, { records }: TokenProviders): Reply {
  if (!known.includes(token)) return [401, { id: 'Unauthorized', message: 'Unable to authenticate you' }];
  if (method === 'GET')
    return path === `/domains/${zone}`
      ? [200, { domain: { name: zone } }]
      : [404, { id: 'not_found', message: 'no' }];
  if (token === readOnly)
    return [403, { id: 'Forbidden', message: 'You are not authorized to perform this operation' }];
  if (method === 'POST') records.set('7', body);
  else records.delete(path.split('/').at(-1) ?? '');
  return method === 'POST' ? [201, { domain_record: { id: 7 } }] : [204, ''];
}

function hetzner({ method, path, token, body }: Call, { records }: TokenProviders): Reply {
  const no = (code: string, message: string): object => ({ error: { code, message } });
  if (!known.includes(token)) return [401, no('unauthorized', 'unable to authenticate')];
  if (method === 'GET') return path === `/zones/${zone}` ? [200, { zone: {} }] : [404, no('not_found', 'no')];
  if (token === readOnly) return [403, no('token_readonly', 'token is only allowed to perform GET requests')];
  if (path.endsWith('/add_records')) records.set('1', body);
  else records.delete('1');
  return [201, { action: {} }];
}

function desec({ method, path, query, token, body }: Call, { records }: TokenProviders): Reply {
  if (!known.includes(token)) return [401, { detail: 'Invalid token.' }];
  const owner = query.get('owns_qname');
  if (owner !== null) return [200, owner.endsWith(zone) ? [{ name: zone }] : []];
  const there = records.get(path);
  if (method === 'GET')
    return there === undefined ? [404, { detail: 'Not found.' }] : [200, JSON.parse(there)];
  if (token === readOnly) return [403, { detail: 'Insufficient token permissions.' }];
  if (method === 'POST') records.set('/domains/example.net/rrsets/_acme-challenge.lab/TXT/', body);
  else records.delete(path);
  return [method === 'POST' ? 201 : 204, {}];
}

function duckdns({ query }: Call, { records }: TokenProviders): Reply {
  if (query.get('token') !== right || query.get('domains') !== 'lab.duckdns.org') return [200, 'KO'];
  if (query.get('clear') === 'true') records.delete('1');
  else records.set('1', query.get('txt') ?? '');
  return [200, 'OK'];
}

/** Signatures are those of python-ovh. */
function ovh({ path, headers }: Call): Reply {
  if (path === '/auth/time') return [200, '1800000000'];
  const consumer = String(headers['x-ovh-consumer']);
  const url = `http://${headers.host ?? ''}/ovh${path}`;
  const signed = createHash('sha1').update(`app-secret+${consumer}+GET+${url}++1800000000`).digest('hex');
  if (headers['x-ovh-signature'] !== `$1$${signed}` || headers['x-ovh-application'] !== 'app-key')
    return [403, { message: 'Invalid signature' }];
  if (!known.includes(consumer)) return [403, { message: 'This credential does not exist' }];
  const may = consumer === right ? ['GET', 'POST', 'DELETE'] : ['GET'];
  if (path === '/auth/currentCredential')
    return [
      200,
      { status: 'validated', rules: may.map((method) => ({ method, path: `/domain/zone/${zone}*` })) },
    ];
  return path === `/domain/zone/${zone}` ? [200, {}] : [404, { message: 'This service does not exist' }];
}

function route53({ method, path, query, headers, body }: Call, { records }: TokenProviders): Reply {
  const key = /Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1] ?? '';
  const no = (code: string): string =>
    `<ErrorResponse><Error><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;
  if (!known.includes(key)) return [403, no('InvalidClientTokenId')];
  if (method === 'GET')
    return [
      200,
      `<R><HostedZones>${query.get('dnsname') === zone ? `<HostedZone><Id>/hostedzone/Z1</Id><Name>${zone}.</Name></HostedZone>` : ''}</HostedZones></R>`,
    ];
  if (key === readOnly) return [403, no('AccessDenied')];
  const set = body.replace(/<Action>[A-Z]+<\/Action>/, '');
  const refused = (message: string): Reply => [
    400,
    `<E><Error><Code>InvalidChangeBatch</Code><Message>${message}</Message></Error></E>`,
  ];
  const there = records.get(path);
  if (body.includes('<Action>CREATE')) {
    if (there !== undefined) return refused('Tried to create resource record set but it already exists');
    records.set(path, set);
  } else if (there === set) records.delete(path);
  else return refused('the values provided do not match the current values');
  return [200, '<R></R>'];
}
