// What a pretended core answers about names, a GitLab that is there already, and to somebody who helps.
import type { RecordChange } from '../../main/plan/names.ts';
import type { Calls } from './fake-pool-calls.ts';
import { outcome } from './fake-pool-calls.ts';

const name = 'gitlab.lab.home.arpa';
const address = '192.168.1.10';
const made: RecordChange = { change: 'create', name, type: 'A', from: '', to: address };

type ReachCall = 'names.show' | 'names.verify' | 'names.publish' | 'gitlab.connect' | 'diagnose.collect';

export const reachCalls: Pick<Calls, ReachCall> = {
  'names.show': ({ form }) => ({
    domain: 'lab.home.arpa',
    rows: [{ name, type: 'A', value: address, what: 'GitLab' }],
    snippets: [
      { form: form ?? 'hosts', title: 'For a device', goes: '/etc/hosts', text: `${address} ${name}\n` },
    ],
    server: { address, port: 53 },
  }),
  'names.verify': () => ({
    ...{ healthy: true, domain: 'lab.home.arpa', sentence: 'Devices of this network find lab.home.arpa.' },
    views: [{ from: 'machine', who: '', names: [{ name, verdict: 'right', got: [address] }] }],
    findings: [],
    ssh: { url: `ssh://git@${name}:2222`, banner: 'SSH-2.0-OpenSSH_9.6', why: null, keys: [] },
  }),
  'names.publish': ({ dryRun }) => ({
    ...outcome(dryRun, 'Made or changed 1 of 1 records at cloudflare.'),
    records: [{ ...made }],
  }),
  'gitlab.connect': ({ url, dryRun }) => ({
    ...outcome(dryRun, `This home serves the GitLab at ${url} now.`),
    ...{ changes: [], findings: [], valid: true },
    found: {
      ...{ version: '19.3.0', username: 'root', admin: true, scopes: ['api'], expiresAt: null },
      runnerUrl: url,
    },
  }),
  'diagnose.collect': () => ({
    at: Date.parse('2026-01-02T03:04:05Z'),
    files: [{ path: 'README.txt', text: 'What is in it\n' }],
  }),
};
