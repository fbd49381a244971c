// What Traefik needs of the person to make DNS records at a provider, for Let's Encrypt.

/** A variable of lego, the library in Traefik, and the secret that it reads. */
export interface AcmeVariable {
  readonly name: string;
  readonly secret: string;
  readonly label: string;
}

function variables(...names: readonly (readonly [name: string, label: string])[]): readonly AcmeVariable[] {
  return names.map(([name, label]) => ({
    name: `${name}_FILE`,
    secret: `acme-${name.toLowerCase().replaceAll('_', '-')}`,
    label,
  }));
}

/**
 * By lego's name for the provider. Every variable is read from a file, which the suffix `_FILE` asks for; AWS has a
 * file of its own for both of its keys. https://go-acme.github.io/lego/dns/
 */
export const acmeProviders: Readonly<Record<string, readonly AcmeVariable[]>> = {
  cloudflare: variables(['CF_DNS_API_TOKEN', 'Cloudflare API token with Zone:DNS:Edit and Zone:Zone:Read']),
  desec: variables(['DESEC_TOKEN', 'deSEC token']),
  digitalocean: variables(['DO_AUTH_TOKEN', 'DigitalOcean token']),
  duckdns: variables(['DUCKDNS_TOKEN', 'DuckDNS token']),
  gandiv5: variables(['GANDIV5_PERSONAL_ACCESS_TOKEN', 'Gandi personal access token']),
  hetzner: variables(['HETZNER_API_TOKEN', 'Hetzner Cloud token']),
  ionos: variables(['IONOS_API_KEY', 'IONOS API key, prefix and secret with a dot between']),
  namecheap: variables(
    ['NAMECHEAP_API_USER', 'Namecheap API user'],
    ['NAMECHEAP_API_KEY', 'Namecheap API key'],
  ),
  netcup: variables(
    ['NETCUP_CUSTOMER_NUMBER', 'netcup customer number'],
    ['NETCUP_API_KEY', 'netcup API key'],
    ['NETCUP_API_PASSWORD', 'netcup API password'],
  ),
  porkbun: variables(
    ['PORKBUN_API_KEY', 'Porkbun API key'],
    ['PORKBUN_SECRET_API_KEY', 'Porkbun secret API key'],
  ),
  route53: [
    {
      name: 'AWS_SHARED_CREDENTIALS_FILE',
      secret: 'acme-aws-credentials',
      label: 'AWS credentials file: [default], aws_access_key_id, aws_secret_access_key, region',
    },
  ],
};
