// A database of NSS, the library by which Chromium and Firefox keep roots on Linux.
import type { FoundRoot, RootStore } from '../../model/trust.ts';
import type { Probe, Ran } from '../../probe-port.ts';
import { fingerprintsOf } from './fingerprints.ts';
import { foreignFolder } from './foreign-folder.ts';
import { detectDistribution, trustPackage } from './tools.ts';

const deadlineMs = 10_000;
/** Each costs a start of certutil. */
const mostOthers = 40;

/** Where a database is, and who it is of. */
export interface NssPlace {
  readonly kind: 'nss' | 'firefox';
  readonly label: string;
  readonly database: string;
  readonly exists: boolean;
  /** Below whose home it is. */
  readonly home: string;
}

interface Listed {
  readonly nickname: string;
  /** Whether servers' certificates that it has signed are taken. */
  readonly isTrusted: boolean;
}

/** `certutil -L`: nickname, blanks, and flags for servers, mail and programs. Never throws. */
export function parseNicknames(text: string): readonly Listed[] {
  return text.split('\n').flatMap((line) => {
    const [, nickname, flags] = /^(\S.*?)\s+([a-zA-Z]*),[a-zA-Z]*,[a-zA-Z]*\s*$/.exec(line) ?? [];
    return nickname === undefined || flags === undefined
      ? []
      : [{ nickname, isTrusted: flags.includes('C') }];
  });
}

interface Content {
  readonly found: readonly FoundRoot[];
  readonly trusted: readonly string[];
}

/**
 * Roots with a nickname like ours, and those for servers of whatever name: NSS keeps a root that a person has put in
 * already under that person's nickname.
 */
async function readDatabase(database: string, probe: Probe): Promise<Content | Ran> {
  const at = ['-d', `sql:${database}`];
  const listed = await probe.run('certutil', ['-L', ...at], deadlineMs);
  if (listed.outcome !== 'ended' || listed.code !== 0) return listed;
  const found: FoundRoot[] = [];
  const trusted: string[] = [];
  const names = parseNicknames(listed.stdout);
  const isOurs = ({ nickname }: Listed): boolean => /^autogit\b/i.test(nickname);
  const others = names.filter((one) => one.isTrusted && !isOurs(one)).slice(0, mostOthers);
  for (const { nickname, isTrusted } of [...names.filter(isOurs), ...others]) {
    const shown = await probe.run('certutil', ['-L', ...at, '-a', '-n', nickname], deadlineMs);
    if (shown.outcome !== 'ended' || shown.code !== 0) return shown;
    for (const fingerprint of fingerprintsOf(shown.stdout)) {
      found.push({ name: nickname, fingerprint });
      if (isTrusted) trusted.push(fingerprint);
    }
  }
  return { found, trusted };
}

/** What is in a database. Never rejects. */
export async function detectNssStore(place: NssPlace, probe: Probe): Promise<RootStore> {
  const { kind, label, database, exists } = place;
  const store = {
    ...{ id: `${kind}:${database}`, kind, label, path: database },
    way: { kind: 'nss', database, exists },
  } as const;
  const foreign = await foreignFolder([place.home, ...(exists ? [database] : [])], probe);
  const read = exists ? await readDatabase(database, probe) : await isThere(probe);
  if ('found' in read) return { ...store, ...read, obstacle: foreign };
  if (read.outcome === 'missing') {
    const known = trustPackage(await detectDistribution(probe), 'certutil');
    const why = `The program certutil is missing${known === null ? '' : `; the package ${known.name} brings it`}.`;
    const install = known === null ? null : `sudo ${known.install}`;
    return { ...store, found: [], trusted: [], obstacle: foreign ?? { why, needsRoot: false, install } };
  }
  return { ...store, found: [], trusted: null, obstacle: foreign };
}

/** Whether a database could be made: asked for its help, certutil ends with an error of its own. */
async function isThere(probe: Probe): Promise<Content | Ran> {
  const ran = await probe.run('certutil', ['-H'], deadlineMs);
  return ran.outcome === 'ended' ? { found: [], trusted: [] } : ran;
}
