// Credentials for providers of names, out of the stack's secrets.
import { describe, expect, it } from 'vitest';
import { credentialsIn } from '../../../main/plan/dns-credentials.ts';

describe('credentials', () => {
  it('of Cloudflare are one token', () => {
    expect(credentialsIn('cloudflare', ' token\n')).toEqual({ CF_DNS_API_TOKEN: 'token' });
  });

  it('of AWS are those of the section default, whatever else is in the file', () => {
    const file = [
      '# mine',
      '[other]',
      'aws_access_key_id=WRONG',
      '[default]',
      'aws_access_key_id = AKIA',
      'aws_secret_access_key=se+cr/et==',
      'region = eu-central-1',
    ].join('\n');
    expect(credentialsIn('route53', file)).toEqual({
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 'se+cr/et==',
    });
  });
});
