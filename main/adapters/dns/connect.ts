// Connects to a provider of names by the credentials that Traefik's ACME client would use, too.
import type { ConnectDnsProvider } from '../../stack-ports.ts';
import { connectCloudflare } from './cloudflare.ts';
import { connectRoute53 } from './route53.ts';

export interface ProviderAddresses {
  readonly cloudflare: string;
  readonly route53: string;
}

const real: ProviderAddresses = {
  cloudflare: 'https://api.cloudflare.com/client/v4',
  route53: 'https://route53.amazonaws.com',
};

/** Credentials by lego's names of them: https://go-acme.github.io/lego/dns/cloudflare/ and https://go-acme.github.io/lego/dns/route53/ */
export function createConnectDnsProvider(addresses: ProviderAddresses = real): ConnectDnsProvider {
  return (provider, zone, credentials) => {
    switch (provider) {
      case 'cloudflare': {
        const { CF_DNS_API_TOKEN, CLOUDFLARE_DNS_API_TOKEN } = credentials;
        return connectCloudflare(addresses.cloudflare, zone, CF_DNS_API_TOKEN ?? CLOUDFLARE_DNS_API_TOKEN);
      }
      case 'route53':
        return connectRoute53(addresses.route53, zone, {
          accessKeyId: credentials['AWS_ACCESS_KEY_ID'],
          secretAccessKey: credentials['AWS_SECRET_ACCESS_KEY'],
          sessionToken: credentials['AWS_SESSION_TOKEN'],
          zoneId: credentials['AWS_HOSTED_ZONE_ID'],
        });
    }
  };
}

/** The real ones. Connects only when it is asked. */
export const connectDnsProvider: ConnectDnsProvider = createConnectDnsProvider();
