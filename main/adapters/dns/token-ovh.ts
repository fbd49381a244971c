// OVHcloud tells which calls a key may make: nothing has to be written to know. https://eu.api.ovh.com/console/
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { TokenVerdict } from '../../model/stack/acme-outside.ts';
import { exchange, jsonOf } from './http.ts';
import { ancestors, Incomplete, Refused, required } from './token-door.ts';
import type { Given } from './token-door.ts';

const credentialSchema = z.object({
  status: z.string(),
  rules: z.array(z.object({ method: z.string(), path: z.string() })),
});

type Ask = (path: string) => Promise<{ readonly status: number; readonly body: unknown }>;

/** Rejects with `Incomplete`, `Refused`, and with `names.provider-unreachable`. */
export async function tryOvh(
  addresses: Readonly<Record<string, string>>,
  domain: string,
  given: Given,
): Promise<TokenVerdict> {
  const ask = asker(baseOf(addresses, required(given, 'OVH_ENDPOINT')), given);
  const credential = await ask('/auth/currentCredential');
  if (credential.status === 403 && /not been granted/i.test(wordsIn(credential.body)))
    return { kind: 'not-tried', said: 'the key may not ask for its own rights: GET /auth/currentCredential' };
  if (credential.status >= 400) throw new Refused(401, wordsIn(credential.body));
  const { rules, status } = credentialSchema.parse(credential.body);
  if (status !== 'validated') throw new Refused(401, `the consumer key is ${status}`);
  for (const zone of ancestors(domain)) {
    const may = (method: string, path: string): boolean => rules.some((rule) => allows(rule, method, path));
    const found = may('GET', `/domain/zone/${zone}`)
      ? await ask(`/domain/zone/${encodeURIComponent(zone)}`)
      : { status: may('POST', `/domain/zone/${zone}/record`) ? 200 : 404 };
    if (found.status >= 400) continue;
    const missing = [
      ['POST', `/domain/zone/${zone}/record`],
      ['POST', `/domain/zone/${zone}/refresh`],
      ['DELETE', `/domain/zone/${zone}/record/1`],
    ].filter(([method = '', path = '']) => !may(method, path));
    if (missing.length === 0) return { kind: 'good', zone };
    return { kind: 'read-only', said: `the key may not ${missing.map((call) => call.join(' ')).join(', ')}` };
  }
  return { kind: 'no-zone', said: `no zone has ${domain}` };
}

function baseOf(addresses: Readonly<Record<string, string>>, endpoint: string): string {
  const found = Object.hasOwn(addresses, endpoint) ? addresses[endpoint] : undefined;
  if (found === undefined)
    throw new Incomplete(`OVH_ENDPOINT is one of ${Object.keys(addresses).join(', ')}`);
  return found;
}

/** A rule's path has `*` for anything. */
function allows(
  rule: { readonly method: string; readonly path: string },
  method: string,
  path: string,
): boolean {
  const form = rule.path.split('*').map((text) => text.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return rule.method === method && new RegExp(`^${form.join('.*')}$`).test(path);
}

/** Each call is signed with its time: https://github.com/ovh/python-ovh */
function asker(base: string, given: Given): Ask {
  const key = required(given, 'OVH_APPLICATION_KEY');
  const secret = required(given, 'OVH_APPLICATION_SECRET');
  const consumer = required(given, 'OVH_CONSUMER_KEY');
  return async (path) => {
    const time = (await exchange('OVHcloud', new Request(`${base}/auth/time`))).text.trim();
    const url = `${base}${path}`;
    const signature = createHash('sha1')
      .update([secret, consumer, 'GET', url, '', time].join('+'))
      .digest('hex');
    const headers = {
      ...{ 'X-Ovh-Application': key, 'X-Ovh-Consumer': consumer, 'X-Ovh-Timestamp': time },
      ...{ 'X-Ovh-Signature': `$1$${signature}`, accept: 'application/json' },
    };
    const { status, text } = await exchange('OVHcloud', new Request(url, { headers }));
    return { status, body: jsonOf(text) };
  };
}

function wordsIn(body: unknown): string {
  return z.object({ message: z.string() }).safeParse(body).data?.message ?? 'without a reason';
}
