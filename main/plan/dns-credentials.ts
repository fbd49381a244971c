// Which secrets open the door to a provider of names: the same that Traefik has for Let's Encrypt.

export type NameProvider = 'cloudflare' | 'route53';

/** Name of the stack's secret that holds them. */
export const providerSecrets: Readonly<Record<NameProvider, string>> = {
  cloudflare: 'acme-cf-dns-api-token',
  route53: 'acme-aws-credentials',
};

const awsNames: Readonly<Record<string, string>> = {
  aws_access_key_id: 'AWS_ACCESS_KEY_ID',
  aws_secret_access_key: 'AWS_SECRET_ACCESS_KEY',
  aws_session_token: 'AWS_SESSION_TOKEN',
};

/**
 * Credentials by the names that lego has for them. Of a file of AWS, the section `default` counts:
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
 */
export function credentialsIn(provider: NameProvider, secret: string): Readonly<Record<string, string>> {
  switch (provider) {
    case 'cloudflare':
      return { CF_DNS_API_TOKEN: secret.trim() };
    case 'route53':
      return awsCredentials(secret);
  }
}

function awsCredentials(text: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  let section = 'default';
  for (const line of text.split('\n')) {
    section = /^\s*\[\s*(?:profile\s+)?([^\]]*?)\s*\]/.exec(line)?.[1] ?? section;
    const [, name = '', value = ''] = /^\s*(\w+)\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    const known = awsNames[name.toLowerCase()];
    if (section === 'default' && known !== undefined) found[known] = value;
  }
  return found;
}
