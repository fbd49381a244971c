// Where browsers of a user keep the roots they trust. On macOS and Windows they ask the system.
import type { Probe } from '../../probe-port.ts';
import { parseProfiles } from './firefox-profiles.ts';
import type { NssPlace } from './nss-database.ts';
import { findTool } from './tools.ts';

const chromiums = [
  ...['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'google-chrome-beta'],
  ...['brave-browser', 'microsoft-edge', 'microsoft-edge-stable', 'vivaldi', 'opera'],
];

/**
 * From Chromium 146 on the first, unless the second is there; earlier ones know the second alone. So each that is there
 * is filled, and where none is, the second is made, which all of them read.
 * https://chromium.googlesource.com/chromium/src/+/main/docs/linux/cert_management.md
 */
const ofUser = ['.local/share/pki/nssdb', '.pki/nssdb'] as const;
/** Packages of Snap see a home of their own. */
const ofSnap = 'snap/chromium/current';
/** Those of Flatpak, too: https://docs.flatpak.org/en/latest/sandbox-permissions.html */
const flatpaks = [
  ...['org.chromium.Chromium', 'com.google.Chrome', 'com.brave.Browser', 'com.microsoft.Edge'],
  'io.github.ungoogled_software.ungoogled_chromium',
];

async function isDatabase(folder: string, probe: Probe): Promise<boolean> {
  return (await probe.stat(`${folder}/cert9.db`)) !== null;
}

interface Person {
  readonly home: string;
  readonly user: string;
}

async function chromiumOfUser({ home, user }: Person, probe: Probe): Promise<readonly NssPlace[]> {
  const kind = 'nss';
  const label = `Chromium and Chrome of ${user}`;
  const there: NssPlace[] = [];
  for (const folder of ofUser) {
    const database = `${home}/${folder}`;
    if (await isDatabase(database, probe)) there.push({ kind, label, home, database, exists: true });
  }
  if (there.length > 0 || (await findTool(chromiums, probe)) === null) return there;
  return [{ kind, label, home, database: `${home}/.pki/nssdb`, exists: false }];
}

async function chromiumOfPackages({ home, user }: Person, probe: Probe): Promise<readonly NssPlace[]> {
  const there: NssPlace[] = [];
  const own = [
    {
      home: `${home}/${ofSnap}`,
      what: 'Chromium of Snap',
      folders: ['.local/share/pki/nssdb', '.pki/nssdb'],
    },
    ...flatpaks.map((app) => ({
      ...{ home: `${home}/.var/app/${app}`, what: `${app} of Flatpak` },
      folders: ['data/pki/nssdb', '.pki/nssdb'],
    })),
  ];
  for (const { home: inside, what, folders } of own) {
    if ((await probe.list(inside)) === null) continue;
    const label = `${what}, of ${user}`;
    const databases = folders.map((folder) => `${inside}/${folder}`);
    const found: NssPlace[] = [];
    for (const database of databases)
      if (await isDatabase(database, probe)) found.push({ kind: 'nss', label, home, database, exists: true });
    const made: NssPlace = { kind: 'nss', label, home, database: `${inside}/.pki/nssdb`, exists: false };
    there.push(...(found.length > 0 ? found : [made]));
  }
  return there;
}

/** Also in the homes of Snap and Flatpak; since 147 as the XDG folders say: https://bugzilla.mozilla.org/show_bug.cgi?id=259356 */
const firefoxes = ['.mozilla/firefox', '.config/mozilla/firefox'].flatMap((folder) =>
  ['', 'snap/firefox/common/', '.var/app/org.mozilla.firefox/'].map((home) => `${home}${folder}`),
);

/** Only profiles that Firefox has begun to use: until then it makes its database itself. */
async function firefoxOf({ home, user }: Person, probe: Probe): Promise<readonly NssPlace[]> {
  const found: NssPlace[] = [];
  for (const folder of firefoxes) {
    const root = `${home}/${folder}`;
    for (const { name, path, isRelative } of parseProfiles(
      (await probe.readFile(`${root}/profiles.ini`)) ?? '',
    )) {
      const database = isRelative ? `${root}/${path}` : path;
      if (await isDatabase(database, probe))
        found.push({
          ...{ kind: 'firefox', label: `Firefox of ${user}, profile ${name}` },
          ...{ home, database, exists: true },
        });
    }
  }
  return found;
}

/** Databases of the browsers of AutoGit's user, also those that are to be made. Never rejects. */
export async function detectBrowserPlaces(probe: Probe): Promise<readonly NssPlace[]> {
  const { platform, home, user, uid } = probe.self();
  if (platform !== 'linux' || home === null) return [];
  const person = { home, user: user ?? `user ${uid ?? 0}` };
  return [
    ...(await chromiumOfUser(person, probe)),
    ...(await chromiumOfPackages(person, probe)),
    ...(await firefoxOf(person, probe)),
  ];
}
