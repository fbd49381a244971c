// Providers whose API is JSON over HTTPS with a token in a header, as far as one TXT record goes.
import { z } from 'zod';
import { exchange, jsonOf } from './http.ts';
import type { LookTxt } from './look-txt.ts';
import { sameName } from './names.ts';
import { ancestors, Occupied, Refused, required } from './token-door.ts';
import type { Given, OpenDoor, TokenDoor } from './token-door.ts';

export interface DoorAddresses {
  readonly cloudflare: string;
  readonly desec: string;
  readonly digitalocean: string;
  readonly duckdns: string;
  readonly hetzner: string;
}

/** Seconds; the least that all of them take but deSEC. */
const ttl = 60;

/** A name within its zone: `_acme-challenge.lab` of `_acme-challenge.lab.example.net`. */
function within(zone: string, name: string): string {
  return name.slice(0, -zone.length - 1);
}

interface Asked {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: object;
  /** Answers that are no refusal. */
  readonly also?: readonly number[];
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Ask = (path: string, asked?: Asked) => Promise<Answer>;

function asker(provider: string, base: string, authorization: string): Ask {
  return async (path, { method = 'GET', body, also = [] } = {}) => {
    const headers = { authorization, accept: 'application/json', 'content-type': 'application/json' };
    const request = new Request(`${base}${path}`, {
      ...{ method, headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { status, text } = await exchange(provider, request);
    if (status >= 400 && !also.includes(status))
      throw new Refused(status, wordsIn(text) || `status ${status}`);
    return { status, body: jsonOf(text) };
  };
}

const wordsSchema = z.union([
  z
    .object({ errors: z.array(z.object({ message: z.string() })).min(1) })
    .transform(({ errors }) => errors.map(({ message }) => message).join('; ')),
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ message: z.string() }).transform(({ message }) => message),
  z.object({ detail: z.string() }).transform(({ detail }) => detail),
]);

function wordsIn(text: string): string {
  return wordsSchema.safeParse(jsonOf(text)).data ?? '';
}

function parse<T>(schema: z.ZodType<T>, { body }: Answer): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Error('its answer is not what the provider says');
}

const part = encodeURIComponent;

/** https://developers.cloudflare.com/api/resources/dns/subresources/records/ */
function cloudflare(base: string, given: Given): TokenDoor {
  const ask = asker('Cloudflare', base, `Bearer ${required(given, 'CF_DNS_API_TOKEN')}`);
  const zones = z.object({ result: z.array(z.object({ id: z.string().min(1), name: z.string() })) });
  const ids = new Map<string, string>();
  return {
    zoneOf: async (domain) => {
      for (const name of ancestors(domain)) {
        const { result } = parse(zones, await ask(`/zones?name=${part(name)}`));
        const found = result.find((one) => sameName(one.name, name));
        if (found === undefined) continue;
        ids.set(name, found.id);
        return name;
      }
      return null;
    },
    add: async (zone, name, content) => {
      const path = `/zones/${part(ids.get(zone) ?? '')}/dns_records`;
      const body = { type: 'TXT', name, content: `"${content}"`, ttl, comment: 'Made by AutoGit' };
      const made = z.object({ result: z.object({ id: z.string().min(1) }) });
      const post = (): Promise<Answer> => ask(path, { method: 'POST', body });
      const { result } = parse(made, await withoutLeft(post, () => forget(ask, path, { name, content })));
      return async () => {
        await ask(`${path}/${part(result.id)}`, { method: 'DELETE', also: [404] });
      };
    },
  };
}

/** Makes a record again where it is refused because a try that was cut off has left the same one. */
async function withoutLeft(make: () => Promise<Answer>, remove: () => Promise<void>): Promise<Answer> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof Refused) || !/already exists/i.test(error.message)) throw error;
    await remove();
    return make();
  }
}

/** Removes records with exactly this content. */
async function forget(
  ask: Ask,
  path: string,
  { name, content }: { readonly name: string; readonly content: string },
): Promise<void> {
  const found = z.object({ result: z.array(z.object({ id: z.string().min(1), content: z.string() })) });
  const { result } = parse(found, await ask(`${path}?type=TXT&name=${part(name)}`));
  for (const one of result)
    if (one.content.replace(/^"(.*)"$/, '$1') === content)
      await ask(`${path}/${part(one.id)}`, { method: 'DELETE', also: [404] });
}

/** https://docs.digitalocean.com/reference/api/digitalocean/#tag/Domain-Records */
function digitalocean(base: string, given: Given): TokenDoor {
  const ask = asker('DigitalOcean', base, `Bearer ${required(given, 'DO_AUTH_TOKEN')}`);
  return {
    zoneOf: (domain) => firstZone(ask, domain, (zone) => `/domains/${part(zone)}`),
    add: async (zone, name, data) => {
      const path = `/domains/${part(zone)}/records`;
      const body = { type: 'TXT', name: within(zone, name), data, ttl };
      const made = z.object({ domain_record: z.object({ id: z.number() }) });
      const { domain_record: record } = parse(made, await ask(path, { method: 'POST', body }));
      return async () => {
        await ask(`${path}/${record.id}`, { method: 'DELETE', also: [404] });
      };
    },
  };
}

/** https://docs.hetzner.cloud/reference/cloud#dns */
function hetzner(base: string, given: Given): TokenDoor {
  const ask = asker('Hetzner', base, `Bearer ${required(given, 'HETZNER_API_TOKEN')}`);
  return {
    zoneOf: (domain) => firstZone(ask, domain, (zone) => `/zones/${part(zone)}`),
    add: async (zone, name, data) => {
      const actions = `/zones/${part(zone)}/rrsets/${part(within(zone, name))}/TXT/actions`;
      const records = [{ value: `"${data}"` }];
      await ask(`${actions}/add_records`, { method: 'POST', body: { ttl, records } });
      return async () => {
        await ask(`${actions}/remove_records`, { method: 'POST', body: { records }, also: [404] });
      };
    },
  };
}

/** https://desec.readthedocs.io/en/latest/dns/rrsets.html */
function desec(base: string, given: Given): TokenDoor {
  const ask = asker('deSEC', base, `Token ${required(given, 'DESEC_TOKEN')}`);
  return {
    zoneOf: async (domain) => {
      const owners = z.array(z.object({ name: z.string() }));
      return parse(owners, await ask(`/domains/?owns_qname=${part(domain)}`))[0]?.name ?? null;
    },
    add: async (zone, name, data) => {
      const subname = within(zone, name);
      const path = `/domains/${part(zone)}/rrsets/`;
      // A set of records is one thing there: to remove ours would remove what somebody else has in it.
      const present = await ask(`${path}${part(subname)}/TXT/`, { also: [404] });
      const own = `"${data}"`;
      if (present.status !== 404 && !isOnly(present, own)) throw new Occupied(`${name} has a record already`);
      // Left by a try that was cut off.
      if (present.status !== 404)
        await ask(`${path}${part(subname)}/TXT/`, { method: 'DELETE', also: [404] });
      const body = { subname, type: 'TXT', ttl: 3600, records: [own] };
      await ask(path, { method: 'POST', body });
      return async () => {
        await ask(`${path}${part(subname)}/TXT/`, { method: 'DELETE', also: [404] });
      };
    },
  };
}

/** Whether a set of records at deSEC has this one and no other. */
function isOnly({ body }: Answer, record: string): boolean {
  const { records } = z.object({ records: z.array(z.string()) }).safeParse(body).data ?? { records: [] };
  return records.length === 1 && records[0] === record;
}

/** It says OK or KO, whatever is wrong, and has one text for all names of a zone. https://www.duckdns.org/spec.jsp */
function duckdns(base: string, given: Given, look: LookTxt): TokenDoor {
  const token = required(given, 'DUCKDNS_TOKEN');
  const update = async (zone: string, more: Readonly<Record<string, string>>): Promise<void> => {
    const query = new URLSearchParams({ domains: zone, token, ...more });
    const { text } = await exchange('DuckDNS', new Request(`${base}/update?${query.toString()}`));
    if (text.trim() !== 'OK')
      throw new Refused(401, 'KO: the token is wrong, or the name is not of its account');
  };
  return {
    zoneOf: async (domain) => /(?:^|\.)([a-z0-9-]+\.duckdns\.org)$/.exec(domain)?.[1] ?? null,
    add: async (zone, name, txt) => {
      // A challenge of somebody who gets a certificate at this moment would be lost.
      const others = (await look('duckdns.org', name)).filter((one) => one !== '' && one !== txt);
      if (others.length > 0) throw new Occupied(`${name} has a record already`);
      await update(zone, { txt });
      return () => update(zone, { txt, clear: 'true' });
    },
  };
}

async function firstZone(ask: Ask, domain: string, pathOf: (zone: string) => string): Promise<string | null> {
  for (const zone of ancestors(domain)) {
    const { status } = await ask(pathOf(zone), { also: [404] });
    if (status !== 404) return zone;
  }
  return null;
}

/** By lego's name of the provider. */
export function tokenDoors(addresses: DoorAddresses, look: LookTxt): Readonly<Record<string, OpenDoor>> {
  return {
    cloudflare: (given) => cloudflare(addresses.cloudflare, given),
    desec: (given) => desec(addresses.desec, given),
    digitalocean: (given) => digitalocean(addresses.digitalocean, given),
    duckdns: (given) => duckdns(addresses.duckdns, given, look),
    hetzner: (given) => hetzner(addresses.hetzner, given),
  };
}
