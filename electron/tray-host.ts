// Whether this desktop shows tray icons at all: Electron cannot tell, and an icon that nobody shows is no door.
import { hasOwner, joinSessionBus } from './session-bus.ts';

/** https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/StatusNotifierWatcher/ */
const watcher = 'org.kde.StatusNotifierWatcher';

/** Other systems than Linux always have a tray. Where nobody can be asked, there is none to rely on. */
export async function hasTrayHost(
  address: string | undefined = process.env['DBUS_SESSION_BUS_ADDRESS'],
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  if (platform !== 'linux') return true;
  try {
    const bus = await joinSessionBus(address);
    try {
      return await hasOwner(bus, watcher);
    } finally {
      bus.close();
    }
  } catch {
    return false;
  }
}
