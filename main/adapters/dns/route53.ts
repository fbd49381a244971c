// Records at Route 53 of AWS, by its REST API.
import { AwsClient } from 'aws4fetch';
import { plainName } from '../../model/stack/names.ts';
import type { DnsProvider, DnsRecord } from '../../stack-ports.ts';
import {
  credentialMissing,
  noSuchZone,
  providerRefused,
  providerUnreachable,
  recordDiffers,
  recordStays,
} from './errors.ts';
import { exchange } from './http.ts';
import { sameName } from './names.ts';
import { elementsOf, escapeXml, textOf } from './xml.ts';

const provider = 'Route 53';
const version = '2013-04-01';
const namespace = `https://route53.amazonaws.com/doc/${version}/`;
/** The service is one for the whole world: https://docs.aws.amazon.com/general/latest/gr/r53.html */
const region = 'us-east-1';
const mostPages = 100;

export interface Route53Key {
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
  readonly sessionToken: string | undefined;
  /** Where the key may not list zones. */
  readonly zoneId: string | undefined;
}

/** A set of records of one name and type. */
interface RecordSet {
  readonly name: string;
  readonly type: string;
  readonly ttl: number | null;
  readonly values: readonly string[];
  /** Name of something of AWS that it leads to; `null`: it has values. */
  readonly alias: string | null;
  /** It leads to something of AWS, or is one of several answers by weight or place. */
  readonly isSpecial: boolean;
}

export function connectRoute53(base: string, zone: string, key: Route53Key): DnsProvider {
  const ask = async (method: 'GET' | 'POST', path: string, body?: string): Promise<string> => {
    const { accessKeyId, secretAccessKey, sessionToken } = key;
    if (!accessKeyId || !secretAccessKey) throw credentialMissing(provider, 'access key');
    const client = new AwsClient({
      ...{ accessKeyId: accessKeyId.trim(), secretAccessKey: secretAccessKey.trim() },
      ...{ service: 'route53', region },
      ...(sessionToken ? { sessionToken: sessionToken.trim() } : {}),
    });
    const headers = { 'content-type': 'application/xml' };
    const request = await client.sign(
      `${base}/${version}${path}`,
      body === undefined ? { method } : { method, body, headers },
    );
    const { status, text } = await exchange(provider, request);
    if (status >= 400) throw refusal(status, text, zone);
    if (!text.includes('<') || /<!DOCTYPE/i.test(text)) throw strange();
    return text;
  };

  let known: Promise<string> | null = null;
  const zonePath = async (): Promise<string> => {
    known ??= findZone(ask, zone, key.zoneId).catch((error: unknown) => {
      known = null;
      throw error;
    });
    return `/hostedzone/${encodeURIComponent(await known)}/rrset`;
  };

  return {
    async records() {
      const path = await zonePath();
      const all: DnsRecord[] = [];
      let query = '?maxitems=300';
      for (let page = 0; page < mostPages; page += 1) {
        const xml = await ask('GET', `${path}${query}`);
        all.push(...recordSets(xml).flatMap(recordsOf));
        const next = nextPage(xml);
        if (next === null) break;
        query = `?maxitems=300&${next}`;
      }
      return all;
    },
    async put(record, { replace = false } = {}) {
      const path = await zonePath();
      const start = new URLSearchParams({ name: record.name, maxitems: '100' });
      const present = recordSets(await ask('GET', `${path}?${start.toString()}`)).filter(
        ({ name, type }) => sameName(name, record.name) && [record.type, 'CNAME'].includes(type),
      );
      if (present.length === 1 && present.every((set) => says(set, record))) return;
      requireReplaceable(present, record, replace);
      // CREATE fails where somebody was faster, DELETE where it says something else by now; all of it is done, or nothing.
      const gone = present.map((set) => changeOf('DELETE', set));
      await ask(
        'POST',
        `${path}/`,
        batchOf([...gone, changeOf('CREATE', { ...record, values: [record.value] })]),
      );
    },
  };
}

function says({ values, type, isSpecial }: RecordSet, record: DnsRecord): boolean {
  return !isSpecial && type === record.type && values.length === 1 && values[0] === record.value;
}

/** Throws `names.record-differs`: nothing is overwritten unasked, and what is more than addresses never. */
function requireReplaceable(present: readonly RecordSet[], { name }: DnsRecord, replace: boolean): void {
  const special = present.find(({ isSpecial }) => isSpecial);
  if (special !== undefined) throw recordStays(provider, name, special.type, contentsOf(special).join(', '));
  const [other] = present;
  if (other !== undefined && !replace)
    throw recordDiffers(provider, name, other.type, contentsOf(other).join(', '));
}

async function findZone(
  ask: (method: 'GET', path: string) => Promise<string>,
  zone: string,
  zoneId: string | undefined,
): Promise<string> {
  if (zoneId) return zoneId.trim();
  const query = new URLSearchParams({ dnsname: zone, maxitems: '100' });
  const xml = await ask('GET', `/hostedzonesbyname?${query.toString()}`);
  const found = elementsOf(xml, 'HostedZone').find(
    (one) => sameName(decode(textOf(one, 'Name') ?? ''), zone) && textOf(one, 'PrivateZone') !== 'true',
  );
  const id = found === undefined ? null : textOf(found, 'Id');
  if (id === null) throw noSuchZone(provider, zone);
  return id.replace(/^\/hostedzone\//, '');
}

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html */
function recordSets(xml: string): readonly RecordSet[] {
  return elementsOf(xml, 'ResourceRecordSet').map((one) => {
    const ttl = textOf(one, 'TTL');
    const alias = elementsOf(one, 'AliasTarget')[0];
    return {
      alias: alias === undefined ? null : plainName(textOf(alias, 'DNSName') ?? ''),
      name: plainName(decode(textOf(one, 'Name') ?? '')),
      type: textOf(one, 'Type') ?? '',
      ttl: ttl === null ? null : Number(ttl),
      values: elementsOf(one, 'ResourceRecord').map((record) => textOf(record, 'Value') ?? ''),
      isSpecial: one.includes('<AliasTarget>') || one.includes('<SetIdentifier>'),
    };
  });
}

/** What is no plain address says so in its value, and so differs from every address that is wanted. */
function recordsOf(set: RecordSet): readonly DnsRecord[] {
  const { name, type, ttl } = set;
  const all = contentsOf(set).map((value) => ({ name, value, ttl: ttl ?? 0 }));
  if (type === 'A' || type === 'AAAA') return all.map((one) => ({ ...one, type }));
  // It stands in the place of both: beside a CNAME there can be no other record.
  if (type !== 'CNAME') return [];
  return (['A', 'AAAA'] as const).flatMap((one) =>
    all.map((record) => ({ ...record, type: one, value: `CNAME ${record.value}` })),
  );
}

function contentsOf({ values, alias, isSpecial }: RecordSet): readonly string[] {
  if (alias !== null) return [`an alias of ${alias}`];
  return isSpecial ? values.map((value) => `${value}, one of several answers`) : values;
}

/** `\\052.example.com.` is a wildcard: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html */
function decode(name: string): string {
  return name.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

function nextPage(xml: string): string | null {
  if (textOf(xml, 'IsTruncated') !== 'true') return null;
  const name = textOf(xml, 'NextRecordName');
  const type = textOf(xml, 'NextRecordType');
  if (name === null || type === null) return null;
  const identifier = textOf(xml, 'NextRecordIdentifier');
  return new URLSearchParams({ name, type, ...(identifier === null ? {} : { identifier }) }).toString();
}

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html */
function changeOf(
  action: 'CREATE' | 'DELETE',
  { name, type, values, ttl }: Pick<RecordSet, 'name' | 'type' | 'values' | 'ttl'>,
): string {
  const records = values
    .map((value) => `<ResourceRecord><Value>${escapeXml(value)}</Value></ResourceRecord>`)
    .join('');
  const seconds = Math.max(0, Math.round(ttl ?? 0));
  const set = `<Name>${escapeXml(name)}</Name><Type>${type}</Type><TTL>${seconds}</TTL><ResourceRecords>${records}</ResourceRecords>`;
  return `<Change><Action>${action}</Action><ResourceRecordSet>${set}</ResourceRecordSet></Change>`;
}

function batchOf(changes: readonly string[]): string {
  const batch = `<ChangeBatch><Comment>AutoGit</Comment><Changes>${changes.join('')}</Changes></ChangeBatch>`;
  return `<?xml version="1.0" encoding="UTF-8"?><ChangeResourceRecordSetsRequest xmlns="${namespace}">${batch}</ChangeResourceRecordSetsRequest>`;
}

function refusal(status: number, text: string, zone: string): Error {
  const code = textOf(text, 'Code');
  const words = [textOf(text, 'Message') ?? '', code === null ? '' : `(${code})`].join(' ').trim();
  if (code === 'NoSuchHostedZone') return noSuchZone(provider, zone);
  if (code === 'Throttling' || code === 'PriorRequestNotComplete')
    return providerUnreachable(provider, words);
  return providerRefused(provider, status, words || 'without a reason');
}

function strange(): Error {
  return providerUnreachable(provider, 'its answer is not what Route 53 says');
}
