// Whether this desktop shows tray icons at all: Electron cannot tell, and an icon that nobody shows is no door.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/StatusNotifierWatcher/ */
const watcher = 'org.kde.StatusNotifierWatcher';
const bus = 'org.freedesktop.DBus';

/** The same question in two programs, of which every desktop has one. */
const questions: readonly (readonly [program: string, args: readonly string[]])[] = [
  [
    'gdbus',
    [
      ...['call', '--session', '--timeout', '2', '--dest', bus, '--object-path', '/org/freedesktop/DBus'],
      ...['--method', `${bus}.NameHasOwner`, watcher],
    ],
  ],
  [
    'dbus-send',
    [
      ...['--session', '--print-reply=literal', '--reply-timeout=2000', `--dest=${bus}`],
      ...['/org/freedesktop/DBus', `${bus}.NameHasOwner`, `string:${watcher}`],
    ],
  ],
];

/** Other systems than Linux always have a tray. Where nobody can be asked, there is none to rely on. */
export async function hasTrayHost(platform: NodeJS.Platform = process.platform): Promise<boolean> {
  if (platform !== 'linux') return true;
  for (const [program, args] of questions) {
    const said = await run(program, [...args], { timeout: 3000 }).then(
      ({ stdout }) => stdout,
      () => null,
    );
    if (said !== null) return /\btrue\b/.test(said);
  }
  return false;
}
