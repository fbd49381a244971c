// What systemd-logind says to desktops, for tests: the machine sleeps, wakes, and shuts down. https://www.freedesktop.org/software/systemd/man/org.freedesktop.login1.html
import { z } from 'zod';
import { onBus } from '../../electron/session-bus.ts';
import { joinBus } from './session-bus.ts';

export interface LoginManager {
  /** What the desktop wants to be waited for: `sleep`, `shutdown`. */
  readonly delays: readonly string[];
  /** The machine is about to sleep, or to shut down; `false`: it was, and goes on. */
  prepare(forWhat: 'Sleep' | 'Shutdown', isComing: boolean): void;
  close(): void;
}

const service = 'org.freedesktop.login1';
const manager = { path: '/org/freedesktop/login1', interface: 'org.freedesktop.login1.Manager' } as const;

/**
 * Stands on the bus at `address` where logind would, for a desktop that takes it for the system's. Who asks for a delay
 * is refused: its lock is a descriptor, which Node cannot hand on; a desktop has to follow the signals all the same.
 */
export async function openLoginManager(address: string): Promise<LoginManager> {
  const bus = await joinBus(address);
  const delays: string[] = [];
  bus.serve((member, body) => {
    if (member === 'Inhibit') delays.push(z.string().parse(body[0]));
    return null;
  });
  await bus.call(onBus('RequestName', 'su', [service, 0]));
  return {
    delays,
    prepare: (forWhat, isComing) => bus.emit({ ...manager, member: `PrepareFor${forWhat}` }, isComing),
    close: () => bus.close(),
  };
}
