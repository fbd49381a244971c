// Knot as a name server of a person's own, which takes updates (RFC 2136) from whoever has the key.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { Resolver } from 'node:dns/promises';
import { join } from 'node:path';
import { waitFor } from '../chaos/wait-for.ts';
import { startPeer } from './peer-process.ts';

export interface UpdateNameServer {
  /** `127.53.0.1:53`: authorities and lego ask name servers nowhere else than on port 53. */
  readonly address: string;
  readonly key: { readonly name: string; readonly algorithm: 'hmac-sha256'; readonly secret: string };
  output(): string;
  stop(): Promise<void>;
}

/** Names below the zone lead to the loopback. `records`: more lines of the zone; `owner`: the one name that the key may change. */
export async function startUpdateNameServer(
  program: string,
  {
    folder,
    zone,
    last,
    records = [],
    owner = '_acme-challenge',
  }: {
    readonly folder: string;
    readonly zone: string;
    /** Makes the address one that no other test has. */
    readonly last: number;
    readonly records?: readonly string[];
    readonly owner?: string;
  },
): Promise<UpdateNameServer> {
  const at = await mkdtemp(join(folder, 'knot-'));
  const host = `127.53.0.${last}`;
  const secret = Buffer.from('a secret of thirty-two characters').toString('base64');
  const lines = [
    `$TTL 1`,
    `@ IN SOA ns.${zone}. admin.${zone}. 1 60 60 3600 1`,
    `@ IN NS ns.${zone}.`,
    `ns IN A ${host}`,
    `@ IN A 127.0.0.1`,
    `* IN A 127.0.0.1`,
    ...records,
  ];
  await writeFile(join(at, 'zone'), `${lines.join('\n')}\n`);
  await writeFile(
    join(at, 'knot.conf'),
    `server:
  listen: ${host}@53
  rundir: ${at}
database:
  storage: ${at}
key:
  - id: autogit-key
    algorithm: hmac-sha256
    secret: ${secret}
acl:
  - id: updates
    key: autogit-key
    action: update
    update-type: [TXT]
    update-owner: name
    update-owner-match: equal
    update-owner-name: [${owner}]
zone:
  - domain: ${zone}
    storage: ${at}
    file: zone
    acl: [updates]
`,
  );
  const process = startPeer(program, ['-c', join(at, 'knot.conf')], { cwd: at });
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([host]);
  await waitFor(() => resolver.resolveSoa(zone), { timeout: 15_000, interval: 100 });
  return {
    ...{ address: `${host}:53`, key: { name: 'autogit-key', algorithm: 'hmac-sha256', secret } },
    output: process.output,
    stop: process.stop,
  };
}
