// Route 53 as far as one TXT record goes; its set is made only where there is none, and removed as it was made.
import { AwsClient } from 'aws4fetch';
import { exchange } from './http.ts';
import { sameName } from './names.ts';
import { ancestors, Occupied, Refused, required } from './token-door.ts';
import type { Given, TokenDoor } from './token-door.ts';
import { elementsOf, escapeXml, textOf } from './xml.ts';

const version = '2013-04-01';
const namespace = `https://route53.amazonaws.com/doc/${version}/`;

/** `given`: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, and what else lego reads. */
export function openRoute53(base: string, given: Given): TokenDoor {
  const client = new AwsClient({
    accessKeyId: required(given, 'AWS_ACCESS_KEY_ID'),
    secretAccessKey: required(given, 'AWS_SECRET_ACCESS_KEY'),
    ...{ service: 'route53', region: 'us-east-1' },
    ...(given['AWS_SESSION_TOKEN'] ? { sessionToken: given['AWS_SESSION_TOKEN'] } : {}),
  });
  const ask = async (method: 'GET' | 'POST', path: string, body?: string): Promise<string> => {
    const headers = { 'content-type': 'application/xml' };
    const options = body === undefined ? { method } : { method, body, headers };
    const { status, text } = await exchange(
      'Route 53',
      await client.sign(`${base}/${version}${path}`, options),
    );
    if (status >= 400) throw refusal(status, text);
    return text;
  };
  const ids = new Map<string, string>();
  return {
    zoneOf: async (domain) => {
      for (const zone of ancestors(domain)) {
        const id = given['AWS_HOSTED_ZONE_ID']
          ? await nameOf(ask, given['AWS_HOSTED_ZONE_ID'], zone)
          : await findZone(ask, zone);
        if (id === null) continue;
        ids.set(zone, id);
        return zone;
      }
      return null;
    },
    add: async (zone, name, value) => {
      const path = `/hostedzone/${encodeURIComponent(ids.get(zone) ?? '')}/rrset/`;
      const create = (): Promise<string> => ask('POST', path, changeOf('CREATE', name, value));
      try {
        await create();
      } catch (error) {
        // It refuses the whole change where the set is there already.
        if (!(error instanceof Refused) || !/already exists/i.test(error.message)) throw error;
        await removeLeft(() => ask('POST', path, changeOf('DELETE', name, value)), error.message);
        await create();
      }
      return async () => {
        await ask('POST', path, changeOf('DELETE', name, value));
      };
    },
  };
}

/** Only a set that is exactly ours is deleted: it was left by a try that was cut off. Rejects with `Occupied`. */
async function removeLeft(remove: () => Promise<unknown>, said: string): Promise<void> {
  try {
    await remove();
  } catch (error) {
    throw error instanceof Refused ? new Occupied(said) : error;
  }
}

async function findZone(
  ask: (method: 'GET', path: string) => Promise<string>,
  zone: string,
): Promise<string | null> {
  const query = new URLSearchParams({ dnsname: zone, maxitems: '10' });
  const xml = await ask('GET', `/hostedzonesbyname?${query.toString()}`);
  const found = elementsOf(xml, 'HostedZone').find(
    (one) => sameName(textOf(one, 'Name') ?? '', zone) && textOf(one, 'PrivateZone') !== 'true',
  );
  return found === undefined ? null : (textOf(found, 'Id')?.replace(/^\/hostedzone\//, '') ?? null);
}

/** The id that was given, where it is that of this zone. */
async function nameOf(
  ask: (method: 'GET', path: string) => Promise<string>,
  id: string,
  zone: string,
): Promise<string | null> {
  const xml = await ask('GET', `/hostedzone/${encodeURIComponent(id)}`);
  return sameName(textOf(xml, 'Name') ?? '', zone) ? id : null;
}

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html */
function changeOf(action: 'CREATE' | 'DELETE', name: string, value: string): string {
  const record = `<ResourceRecords><ResourceRecord><Value>${escapeXml(`"${value}"`)}</Value></ResourceRecord></ResourceRecords>`;
  const set = `<ResourceRecordSet><Name>${escapeXml(name)}</Name><Type>TXT</Type><TTL>60</TTL>${record}</ResourceRecordSet>`;
  const change = `<Changes><Change><Action>${action}</Action>${set}</Change></Changes>`;
  return `<?xml version="1.0" encoding="UTF-8"?><ChangeResourceRecordSetsRequest xmlns="${namespace}"><ChangeBatch>${change}</ChangeBatch></ChangeResourceRecordSetsRequest>`;
}

/** Codes: https://docs.aws.amazon.com/Route53/latest/APIReference/CommonErrors.html */
function refusal(status: number, text: string): Refused {
  const code = textOf(text, 'Code') ?? '';
  const isUnknown =
    /InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient|MissingAuthenticationToken|ExpiredToken/.test(
      code,
    );
  return new Refused(isUnknown ? 401 : status, `${textOf(text, 'Message') ?? ''} (${code})`.trim());
}
