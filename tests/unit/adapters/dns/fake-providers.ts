// Providers of names on loopback, which speak as their documents say.
import type { IncomingMessage, RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { serverWith } from '../../../fixtures/answering-server.ts';

const recordSchema = z.object({
  ...{ name: z.string(), type: z.string(), content: z.string(), ttl: z.number() },
  ...{ proxied: z.boolean(), comment: z.string().nullable() },
});

/** A record as Cloudflare keeps it. */
export type CloudflareRecord = z.infer<typeof recordSchema> & { id: string };

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly authorization: string;
}

async function readAsked(request: IncomingMessage): Promise<Asked> {
  return {
    method: request.method ?? '',
    url: new URL(request.url ?? '/', 'http://fake'),
    body: await text(request),
    authorization: request.headers.authorization ?? '',
  };
}

/** Passes what was asked on; what it throws becomes a 500. */
function listener(
  answer: (asked: Asked) => { readonly status: number; readonly body: string },
): RequestListener {
  return (request, response) => {
    void readAsked(request).then((asked) => {
      const { status, body } = answer(asked);
      response.writeHead(status).end(body);
    });
  };
}

/** https://developers.cloudflare.com/api/resources/dns/subresources/records/ */
export async function fakeCloudflare(zone: string, records: CloudflareRecord[], token = 'a token') {
  const asked: Asked[] = [];
  const ok = (result: unknown, pages = 1) => ({
    status: 200,
    body: JSON.stringify({
      success: true,
      errors: [],
      messages: [],
      result,
      result_info: { page: 1, total_pages: pages },
    }),
  });
  const no = (status: number, code: number, message: string) => ({
    status,
    body: JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null }),
  });
  const base = await serverWith(
    listener((one) => {
      asked.push(one);
      const { method, url, body, authorization } = one;
      if (authorization !== `Bearer ${token}`) return no(403, 9109, 'Invalid access token');
      if (url.pathname === '/zones')
        return ok(url.searchParams.get('name') === zone ? [{ id: 'z1', name: zone }] : []);
      const [, id] = /^\/zones\/z1\/dns_records(?:\/(.+))?$/.exec(url.pathname) ?? [];
      if (!url.pathname.startsWith('/zones/z1/dns_records')) return no(404, 7003, 'Could not route');
      const found = records.find((record) => record.id === id);
      switch (method) {
        case 'GET': {
          const name = url.searchParams.get('name');
          const all = records.filter((record) => name === null || record.name === name);
          const [size, page] = [
            Number(url.searchParams.get('per_page')),
            Number(url.searchParams.get('page')),
          ];
          return ok(all.slice((page - 1) * size, page * size), Math.max(1, Math.ceil(all.length / size)));
        }
        case 'POST':
          records.push({ ...recordSchema.parse(JSON.parse(body)), id: `r${records.length}` });
          return ok(records.at(-1));
        case 'PATCH':
          if (found !== undefined) Object.assign(found, recordSchema.parse(JSON.parse(body)));
          return found === undefined ? no(404, 81044, 'Record does not exist') : ok(found);
        case 'DELETE':
          records.splice(
            records.findIndex((record) => record.id === id),
            1,
          );
          return ok({ id });
        default:
          return no(405, 10405, 'Method not allowed');
      }
    }),
  );
  return { base, asked, records };
}

/** A set of records as Route 53 keeps it: its inside as XML. */
export interface Route53Set {
  readonly name: string;
  readonly type: string;
  readonly inside: string;
}

export function addressSet(name: string, type: string, ...values: readonly string[]): Route53Set {
  const records = values.map((value) => `<ResourceRecord><Value>${value}</Value></ResourceRecord>`).join('');
  return { name, type, inside: `<TTL>300</TTL><ResourceRecords>${records}</ResourceRecords>` };
}

const xmlns = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';

/** https://docs.aws.amazon.com/Route53/latest/APIReference/ */
export async function fakeRoute53(zones: string, sets: readonly Route53Set[], pageSize = 300) {
  const asked: Asked[] = [];
  let kept = [...sets];
  const xml = (body: string) => ({ status: 200, body: `<?xml version="1.0"?>\n${body}` });
  const no = (status: number, code: string, message: string) => ({
    status,
    body: `<ErrorResponse ${xmlns}><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  });
  const base = await serverWith(
    listener((one) => {
      asked.push(one);
      const { method, url, body, authorization } = one;
      if (!/^AWS4-HMAC-SHA256 Credential=AKIA\/\d{8}\/us-east-1\/route53\/aws4_request, /.test(authorization))
        return no(403, 'InvalidClientTokenId', 'The security token included in the request is invalid');
      if (url.pathname === '/2013-04-01/hostedzonesbyname')
        return xml(
          `<ListHostedZonesByNameResponse ${xmlns}><HostedZones>${zones}</HostedZones><IsTruncated>false</IsTruncated></ListHostedZonesByNameResponse>`,
        );
      if (!url.pathname.startsWith('/2013-04-01/hostedzone/Z1/rrset'))
        return no(404, 'NoSuchHostedZone', 'No hosted zone found');
      if (method === 'GET') {
        const start = kept.findIndex(({ name, type }) => {
          const wanted = [
            url.searchParams.get('name')?.replace(/\.$/, '') ?? null,
            url.searchParams.get('type'),
          ];
          return (wanted[0] === null || wanted[0] === name) && (wanted[1] === null || wanted[1] === type);
        });
        const from = start < 0 ? kept.length : start;
        const page = kept.slice(from, from + pageSize);
        const next = kept[from + pageSize];
        const rest =
          next === undefined
            ? ''
            : `<NextRecordName>${next.name}.</NextRecordName><NextRecordType>${next.type}</NextRecordType>`;
        const all = page.map(
          ({ name, type, inside }) =>
            `<ResourceRecordSet><Name>${name.replace('*', '\\052')}.</Name><Type>${type}</Type>${inside}</ResourceRecordSet>`,
        );
        return xml(
          `<ListResourceRecordSetsResponse ${xmlns}><ResourceRecordSets>${all.join('')}</ResourceRecordSets><IsTruncated>${String(next !== undefined)}</IsTruncated>${rest}</ListResourceRecordSetsResponse>`,
        );
      }
      let after = kept;
      for (const [, change = ''] of body.matchAll(/<Change>(.*?)<\/Change>/g)) {
        const parts = (name: string): readonly string[] =>
          [...change.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => text);
        const [name = '', type = '', action = ''] = ['Name', 'Type', 'Action'].map((one) => parts(one)[0]);
        const set = addressSet(name, type, ...parts('Value'));
        // The same name cannot have a CNAME and something else.
        const taken = after.find(
          (one) => one.name === name && (one.type === type || [one.type, type].includes('CNAME')),
        );
        if (action === 'CREATE' && taken !== undefined)
          return no(400, 'InvalidChangeBatch', 'Tried to create resource record set but it already exists');
        if (action === 'DELETE' && taken?.inside !== set.inside)
          return no(400, 'InvalidChangeBatch', 'the values provided do not match the current values');
        after = after.filter((one) => one !== taken);
        if (action === 'CREATE') after = [...after, set];
      }
      kept = after;
      return xml(
        `<ChangeResourceRecordSetsResponse ${xmlns}><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status></ChangeInfo></ChangeResourceRecordSetsResponse>`,
      );
    }),
  );
  return { base, asked, sets: () => kept };
}
