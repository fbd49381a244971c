// What Authelia asks elsewhere: the directory, without which it does not start, and the mail server.
import { placeOfDirectory } from '../../model/stack/directory.ts';
import { withStack } from './check.ts';

export const checkAutheliaReach = withStack(({ answers }, { around: { unreached } }) => {
  const { directory, templates } = answers;
  const findings = [];
  if (directory.kind === 'ldap' && typeof unreached?.directory === 'string') {
    const { host, port } = placeOfDirectory(directory);
    findings.push({
      ...{ key: 'stack.directory-away', severity: 'error' as const, subject: directory.address },
      message: `The directory cannot be reached: ${unreached.directory}. Authelia does not start without it.`,
      next: 'See what is wrong with it: autogit directory test',
      evidence: [`${host}, port ${port}: ${unreached.directory}`],
    });
  }
  if (typeof unreached?.mail === 'string') {
    const host = String(templates['mail']?.['host'] ?? '');
    findings.push({
      ...{ key: 'stack.mail-away', severity: 'warning' as const, subject: host },
      message: `The mail server ${host} cannot be reached: ${unreached.mail}. Links and codes that Authelia sends do not arrive; signing in works.`,
      next: 'Check host and port of the answer mail, and whether a firewall or the provider blocks that port.',
      evidence: [`${host}: ${unreached.mail}`],
    });
  }
  return findings;
});
