// Records at Cloudflare, by its API v4; what AutoGit made carries a comment that says so.
import { z } from 'zod';
import type { DnsProvider, DnsRecord } from '../../stack-ports.ts';
import {
  credentialMissing,
  noSuchZone,
  providerRefused,
  providerUnreachable,
  recordDiffers,
} from './errors.ts';
import { exchange } from './http.ts';
import { sameName } from './names.ts';

const provider = 'Cloudflare';
/** https://developers.cloudflare.com/dns/manage-dns-records/reference/record-attributes/ */
const comment = 'Made by AutoGit';
const pageSize = 100;
const mostPages = 100;

/** https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/list/ */
const answerSchema = z.object({
  success: z.boolean(),
  errors: z.array(z.object({ code: z.number().optional(), message: z.string().optional() })).nullish(),
  result: z.unknown(),
  result_info: z.object({ total_pages: z.number().optional() }).nullish(),
});
const zonesSchema = z.array(z.object({ id: z.string().min(1), name: z.string() }));
const recordsSchema = z.array(
  z.object({
    ...{ id: z.string().min(1), name: z.string(), type: z.string(), content: z.string(), ttl: z.number() },
    ...{ proxied: z.boolean().nullish(), comment: z.string().nullish() },
  }),
);
type Kept = z.infer<typeof recordsSchema>[number];

interface Asked {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: object;
}

/** `token`: an API token with Zone:Zone:Read and Zone:DNS:Edit. */
export function connectCloudflare(base: string, zone: string, token: string | undefined): DnsProvider {
  const ask = async (asked: Asked): Promise<z.infer<typeof answerSchema>> => {
    if (!token) throw credentialMissing(provider, 'API token');
    const request = new Request(`${base}${asked.path}`, {
      method: asked.method,
      headers: { authorization: `Bearer ${token.trim()}`, 'content-type': 'application/json' },
      ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
    });
    const { status, text } = await exchange(provider, request);
    return judge(status, text);
  };

  let known: Promise<string> | null = null;
  const findZone = async (): Promise<string> => {
    const { result } = await ask({ method: 'GET', path: `/zones?name=${encodeURIComponent(zone)}` });
    const found = parse(zonesSchema, result).find(({ name }) => sameName(name, zone));
    if (found === undefined) throw noSuchZone(provider, zone);
    return found.id;
  };
  const zonePath = async (): Promise<string> => {
    known ??= findZone().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return `/zones/${encodeURIComponent(await known)}/dns_records`;
  };
  const list = async (query: string): Promise<readonly Kept[]> => {
    const path = await zonePath();
    const all: Kept[] = [];
    for (let page = 1; page <= mostPages; page += 1) {
      const answer = await ask({ method: 'GET', path: `${path}?per_page=${pageSize}&page=${page}${query}` });
      all.push(...parse(recordsSchema, answer.result));
      if (page >= (answer.result_info?.total_pages ?? 1)) break;
    }
    return all;
  };

  return {
    async records() {
      const all = await list('');
      return all.flatMap(recordsOf);
    },
    async put(record, { replace = false } = {}) {
      const present = (await list(`&name=${encodeURIComponent(record.name)}`)).filter(
        ({ name, type }) => [record.type, 'CNAME'].includes(type) && sameName(name, record.name),
      );
      const [first, ...others] = present;
      if (first !== undefined && others.length === 0 && says(first, record)) return;
      const foreign = present.find((one) => one.type === 'CNAME' || !isOurs(one));
      if (foreign !== undefined && !replace)
        throw recordDiffers(provider, record.name, foreign.type, contentOf(foreign));
      const path = await zonePath();
      for (const { id } of others) await ask({ method: 'DELETE', path: `${path}/${encodeURIComponent(id)}` });
      const body = bodyOf(record);
      if (first === undefined) await ask({ method: 'POST', path, body });
      else await ask({ method: 'PATCH', path: `${path}/${encodeURIComponent(first.id)}`, body });
    },
  };
}

/** What is no plain address says so in its value, and so differs from every address that is wanted. */
function recordsOf(kept: Kept): readonly DnsRecord[] {
  const { type, ttl } = kept;
  const name = kept.name.toLowerCase();
  if (type === 'A' || type === 'AAAA') return [{ name, type, value: contentOf(kept), ttl }];
  // It stands in the place of both: beside a CNAME there can be no other record.
  if (type !== 'CNAME') return [];
  return (['A', 'AAAA'] as const).map((one) => ({
    ...{ name, type: one, value: `CNAME ${contentOf(kept)}`, ttl },
  }));
}

/** A record behind Cloudflare's proxy answers with Cloudflare's addresses. */
function says({ type, content, proxied }: Kept, record: DnsRecord): boolean {
  return type === record.type && content === record.value && proxied !== true;
}

function isOurs({ comment: text }: Kept): boolean {
  return text?.startsWith(comment) === true;
}

function contentOf({ content, proxied }: Kept): string {
  return proxied === true ? `${content}, behind Cloudflare's proxy` : content;
}

/** Times to live are 60 seconds to a day: https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/ */
function bodyOf({ name, type, value, ttl }: DnsRecord): object {
  const seconds = Math.min(86_400, Math.max(60, Math.round(ttl)));
  return { name, type, content: value, ttl: seconds, proxied: false, comment };
}

function judge(status: number, text: string): z.infer<typeof answerSchema> {
  const answer = answerSchema.safeParse(jsonOf(text)).data;
  if (answer === undefined)
    throw providerUnreachable(provider, `it said ${status}, and not what Cloudflare says`);
  if (answer.success && status < 400) return answer;
  const words = (answer.errors ?? []).map(
    ({ code, message = '' }) => `${message}${code === undefined ? '' : ` (${code})`}`,
  );
  throw providerRefused(provider, status, words.join('; ') || 'without a reason');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw providerUnreachable(provider, 'its answer is not what Cloudflare says', parsed.error);
}
