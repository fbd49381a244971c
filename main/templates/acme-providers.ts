// Who has a domain's records, and what each asks for so that Traefik can make those that Let's Encrypt looks at.
// Names are those of lego 5.4.1, which is in the pinned Traefik: https://github.com/go-acme/lego/tree/v5.4.1/providers/dns

/** What a provider asks a person for. */
export interface AcmeField {
  /** lego's name: `CF_DNS_API_TOKEN`. */
  readonly name: string;
  readonly label: string;
  /** Name of the stack's secret; `null`: an option, which stands in compose.yaml. */
  readonly secret: string | null;
  readonly required: boolean;
  readonly placeholder: string | null;
  /** What an option may be. */
  readonly form?: RegExp;
}

export interface AcmeProvider {
  readonly title: string;
  /** Where its token is made, and with which rights. */
  readonly help: string;
  readonly url: string;
  /** Whether AutoGit can try the token before it is used. */
  readonly checked: boolean;
  readonly fields: readonly AcmeField[];
  /** How names of its other settings begin: `CLOUDFLARE`. */
  readonly prefix: string;
}

/** A variable of lego, and the secret that it reads. */
export interface AcmeVariable {
  readonly name: string;
  readonly secret: string;
  readonly label: string;
}

function secret(name: string, label: string, placeholder: string | null = null): AcmeField {
  const kept = `acme-${name.toLowerCase().replaceAll('_', '-')}`;
  return { ...{ name, label, placeholder }, secret: kept, required: true };
}

function option(
  name: string,
  label: string,
  { placeholder, form, required = true }: Pick<AcmeField, 'placeholder' | 'form'> & { required?: boolean },
): AcmeField {
  return { ...{ name, label, placeholder, required }, secret: null, ...(form === undefined ? {} : { form }) };
}

const domainName = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\.?$/;

/** By lego's name for the provider. */
export const acmeProviders: Readonly<Record<string, AcmeProvider>> = {
  cloudflare: {
    ...{ title: 'Cloudflare', prefix: 'CLOUDFLARE', checked: true },
    url: 'https://dash.cloudflare.com/profile/api-tokens',
    help: 'Create Token, template "Edit zone DNS", and for the domain alone: Zone:DNS:Edit and Zone:Zone:Read. Not the global key, which may do everything.',
    fields: [secret('CF_DNS_API_TOKEN', 'Cloudflare API token with Zone:DNS:Edit and Zone:Zone:Read')],
  },
  desec: {
    ...{ title: 'deSEC', prefix: 'DESEC', checked: true },
    url: 'https://desec.io/tokens',
    help: 'Create a token; with a policy that allows writing for the domain, the subname _acme-challenge below it and the type TXT alone, it can do nothing else.',
    fields: [secret('DESEC_TOKEN', 'deSEC token')],
  },
  digitalocean: {
    ...{ title: 'DigitalOcean', prefix: 'DO', checked: true },
    url: 'https://cloud.digitalocean.com/account/api/tokens',
    help: 'Generate New Token with custom scopes: domain, create, read and delete; nothing else.',
    fields: [secret('DO_AUTH_TOKEN', 'DigitalOcean token')],
  },
  duckdns: {
    ...{ title: 'DuckDNS', prefix: 'DUCKDNS', checked: true },
    url: 'https://www.duckdns.org/',
    help: 'The token at the top of the page once you are signed in. It is for all names of the account.',
    fields: [secret('DUCKDNS_TOKEN', 'DuckDNS token')],
  },
  gandiv5: {
    ...{ title: 'Gandi', prefix: 'GANDIV5', checked: false },
    url: 'https://account.gandi.net/',
    help: 'A personal access token for the domain alone, with the right to manage its technical configuration.',
    fields: [secret('GANDIV5_PERSONAL_ACCESS_TOKEN', 'Gandi personal access token')],
  },
  hetzner: {
    ...{ title: 'Hetzner', prefix: 'HETZNER', checked: true },
    url: 'https://console.hetzner.com/',
    help: 'In the project that has the zone: Security, API tokens, Read & Write. The token is for everything in that project: a project for the zone alone keeps it small. Tokens of the old DNS console do not work.',
    fields: [secret('HETZNER_API_TOKEN', 'Hetzner Cloud token')],
  },
  ionos: {
    ...{ title: 'IONOS', prefix: 'IONOS', checked: false },
    url: 'https://developer.hosting.ionos.com/docs/getstarted',
    help: 'An API key is for all domains of the account.',
    fields: [
      secret('IONOS_API_KEY', 'IONOS API key, prefix and secret with a dot between', '<prefix>.<secret>'),
    ],
  },
  namecheap: {
    ...{ title: 'Namecheap', prefix: 'NAMECHEAP', checked: false },
    url: 'https://www.namecheap.com/support/api/intro/',
    help: 'Profile, Tools, API access. The public address of this network has to be on its list.',
    fields: [
      secret('NAMECHEAP_API_USER', 'Namecheap API user'),
      secret('NAMECHEAP_API_KEY', 'Namecheap API key'),
    ],
  },
  netcup: {
    ...{ title: 'netcup', prefix: 'NETCUP', checked: false },
    url: 'https://www.customercontrolpanel.de/',
    help: 'Master data, API: a key and a password for it. They are for all domains of the customer.',
    fields: [
      secret('NETCUP_CUSTOMER_NUMBER', 'netcup customer number'),
      secret('NETCUP_API_KEY', 'netcup API key'),
      secret('NETCUP_API_PASSWORD', 'netcup API password'),
    ],
  },
  ovh: {
    ...{ title: 'OVHcloud', prefix: 'OVH', checked: true },
    url: 'https://api.ovh.com/createToken/',
    help: 'Rights for GET, POST and DELETE on /domain/zone/<domain>/*, and GET on /auth/currentCredential, unlimited in time.',
    fields: [
      option('OVH_ENDPOINT', 'Part of OVHcloud', {
        placeholder: 'ovh-eu',
        form: /^ovh-(?:eu|ca|us)$/,
      }),
      secret('OVH_APPLICATION_KEY', 'OVHcloud application key'),
      secret('OVH_APPLICATION_SECRET', 'OVHcloud application secret'),
      secret('OVH_CONSUMER_KEY', 'OVHcloud consumer key'),
    ],
  },
  porkbun: {
    ...{ title: 'Porkbun', prefix: 'PORKBUN', checked: false },
    url: 'https://porkbun.com/account/api',
    help: 'Create an API key, and switch on "API access" for the domain itself.',
    fields: [
      secret('PORKBUN_API_KEY', 'Porkbun API key'),
      secret('PORKBUN_SECRET_API_KEY', 'Porkbun secret API key'),
    ],
  },
  rfc2136: {
    ...{ title: 'Own name server (RFC 2136)', prefix: 'DNSUPDATE', checked: true },
    url: 'https://go-acme.github.io/lego/dns/dnsupdate/',
    help: "For BIND, Knot, PowerDNS and others: tsig-keygen makes a key, and in BIND `update-policy { grant <key> name _acme-challenge.<domain>. TXT; };` lets it do this alone. Let's Encrypt must be able to ask the zone from outside.",
    fields: [
      option('DNSUPDATE_NAMESERVER', 'Name server that takes updates', {
        placeholder: '192.168.1.53:53',
        form: /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?$/,
      }),
      option('DNSUPDATE_TSIG_KEY', 'Name of the TSIG key', { placeholder: 'autogit', form: domainName }),
      option('DNSUPDATE_TSIG_ALGORITHM', 'Algorithm of the key', {
        placeholder: 'hmac-sha256',
        form: /^hmac-sha(?:1|224|256|384|512)\.?$/,
      }),
      option('DNSUPDATE_ZONES', 'Zone, where the name server tells no SOA', {
        ...{ placeholder: 'example.net', form: domainName, required: false },
      }),
      secret('DNSUPDATE_TSIG_SECRET', 'Secret of the TSIG key, in base 64'),
    ],
  },
  route53: {
    ...{ title: 'Amazon Route 53', prefix: 'AWS', checked: true },
    url: 'https://console.aws.amazon.com/iam/',
    help: 'A user whose policy allows route53:ListHostedZonesByName and route53:GetChange, and for the zone alone route53:ListResourceRecordSets and route53:ChangeResourceRecordSets.',
    fields: [
      option('AWS_HOSTED_ZONE_ID', 'Id of the zone, where the key may not list zones', {
        ...{ placeholder: 'Z0123456789ABCDEF', form: /^[A-Z0-9]{1,32}$/, required: false },
      }),
      {
        ...{ name: 'AWS_SHARED_CREDENTIALS_FILE', secret: 'acme-aws-credentials', required: true },
        label: 'AWS credentials file: [default], aws_access_key_id, aws_secret_access_key, region',
        placeholder: '[default]\naws_access_key_id = …\naws_secret_access_key = …\nregion = us-east-1',
      },
    ],
  },
};

/** `null`: AutoGit does not know it. */
export function acmeProvider(id: string): AcmeProvider | null {
  return Object.hasOwn(acmeProviders, id) ? (acmeProviders[id] ?? null) : null;
}

/**
 * Variables of a provider's secrets. Every one is read from a file, which the suffix `_FILE` asks for; AWS has a file of
 * its own for both of its keys. https://go-acme.github.io/lego/dns/
 */
export function acmeVariables(id: string): readonly AcmeVariable[] {
  return (acmeProvider(id)?.fields ?? []).flatMap(({ name, secret: kept, label }) =>
    kept === null ? [] : [{ name: name.endsWith('_FILE') ? name : `${name}_FILE`, secret: kept, label }],
  );
}

/** Settings of lego that every provider has; values are whole seconds. */
const tuning = ['PROPAGATION_TIMEOUT', 'POLLING_INTERVAL', 'TTL', 'HTTP_TIMEOUT', 'SEQUENCE_INTERVAL'];

export interface WrongOption {
  readonly name: string;
  readonly why: 'missing' | 'unknown' | 'form';
  readonly field: AcmeField | null;
}

/** What is wrong with the options that are no secrets. A secret among them would be readable in compose.yaml: it is unknown. */
export function wrongOptions(
  { fields, prefix }: AcmeProvider,
  options: Readonly<Record<string, string>>,
): readonly WrongOption[] {
  const own = fields.filter((field) => field.secret === null);
  const missing = own.filter(({ name, required }) => required && !options[name]);
  const wrong = Object.entries(options).flatMap(([name, value]): readonly WrongOption[] => {
    if (tuning.some((one) => name === `${prefix}_${one}`))
      return /^[0-9]{1,5}$/.test(value) ? [] : [{ name, why: 'form', field: null }];
    const field = own.find((one) => one.name === name);
    if (field === undefined) return [{ name, why: 'unknown', field: null }];
    return value === '' || field.form?.test(value) !== false ? [] : [{ name, why: 'form', field }];
  });
  return [...missing.map((field) => ({ name: field.name, why: 'missing' as const, field })), ...wrong];
}
