// The fake provider of names and the real ones under one suite: what tests believe of it is true.
import { createConnectDnsProvider } from '../../../../main/adapters/dns/connect.ts';
import { FakeDnsProvider } from '../../../fakes/fake-stack-names.ts';
import { addressSet, fakeCloudflare, fakeRoute53 } from './fake-providers.ts';
import { describeDnsProvider } from './provider-suite.ts';

const zone = 'example.com';

describeDnsProvider('the fake provider', async (records) => new FakeDnsProvider(records));

describeDnsProvider('Cloudflare', async (records) => {
  const kept = records.map(({ name, type, value, ttl }, index) => ({
    ...{ id: `other${index}`, name, type, content: value, ttl, proxied: false, comment: null },
  }));
  const { base } = await fakeCloudflare(zone, kept);
  const connect = createConnectDnsProvider({ cloudflare: base, route53: '' });
  return connect('cloudflare', zone, { CF_DNS_API_TOKEN: 'a token' });
});

describeDnsProvider('Route 53', async (records) => {
  const sets = Map.groupBy(records, ({ name, type }) => `${name} ${type}`);
  const { base } = await fakeRoute53(
    `<HostedZone><Id>/hostedzone/Z1</Id><Name>${zone}.</Name></HostedZone>`,
    [...sets.values()].flatMap((set) => {
      const [first] = set;
      if (first === undefined) return [];
      const values = set.map(({ value }) => value);
      const { name, type, inside } = addressSet(first.name, first.type, ...values);
      return [{ name, type, inside: inside.replace('<TTL>300<', `<TTL>${first.ttl}<`) }];
    }),
  );
  const connect = createConnectDnsProvider({ cloudflare: '', route53: base });
  return connect('route53', zone, { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' });
});
