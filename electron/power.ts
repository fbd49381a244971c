// What the machine does around the desktop: sleep and wake, lock and unlock, shut down.
import { powerMonitor } from 'electron';

export interface PowerEvents {
  /** The machine was asleep: what was known is old. */
  onWake(): void;
  onLock(isLocked: boolean): void;
  /** Within seconds everything ends. */
  onSessionEnd(): void;
}

/** Machines report a wake more than once. Milliseconds. */
const oneWakeMs = 5000;

/** Follows them for as long as the desktop runs. */
export function watchPower({ onWake, onLock, onSessionEnd }: PowerEvents): void {
  let wokeAt = -Infinity;
  powerMonitor.on('resume', () => {
    const now = performance.now();
    if (now - wokeAt < oneWakeMs) return;
    wokeAt = now;
    onWake();
  });
  powerMonitor.on('lock-screen', () => onLock(true));
  powerMonitor.on('unlock-screen', () => onLock(false));
  // Its event is missing in Electron's types: https://www.electronjs.org/docs/latest/api/power-monitor#event-shutdown-linux-macos
  const monitor: NodeJS.EventEmitter = powerMonitor;
  monitor.on('shutdown', (event?: { preventDefault(): void }) => {
    // The system waits for our end, for a moment; without this it ends us in the middle.
    event?.preventDefault();
    onSessionEnd();
  });
}
