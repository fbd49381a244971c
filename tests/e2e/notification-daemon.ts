// A real notification daemon on a test's own bus, with a hand that presses what it shows.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { onBus } from '../../electron/session-bus.ts';
import type { Screen } from './screen.ts';
import { joinBus } from './session-bus.ts';

export interface Daemon {
  /** Banners that stand now. */
  displayed(): Promise<number>;
  /** Those that wait for the end of do-not-disturb. */
  waiting(): Promise<number>;
  /** All that it was told, as it understood it. */
  said(): string;
  /** Presses the button with this label on the newest banner. */
  press(label: string): Promise<void>;
  /** A click on the newest banner itself. */
  click(): Promise<void>;
  doNotDisturb(isOn: boolean): Promise<void>;
  closeAll(): Promise<void>;
  stop(): Promise<void>;
}

const [service, dunst] = ['org.freedesktop.Notifications', 'org.dunstproject.cmd0'];
const at = { destination: service, path: '/org/freedesktop/Notifications' };

/** Starts dunst on `screen`; banners stay until somebody takes them away. */
export async function startDaemon(screen: Screen): Promise<Daemon> {
  const folder = path.join(screen.folder, 'dunst');
  const wanted = path.join(folder, 'wanted');
  const chooser = path.join(folder, 'choose');
  await mkdir(folder, { recursive: true });
  // Dunst asks a program which button is meant: a line for each, and the chosen one back.
  await writeFile(chooser, `#!/bin/sh\ngrep -F -- "$(cat '${wanted}')" | head -n 1\n`, { mode: 0o755 });
  const config = path.join(folder, 'dunstrc');
  const idle = [
    'idle_threshold = 0',
    'sticky_history = yes',
    'show_age_threshold = -1',
    `dmenu = ${chooser}`,
  ];
  const times = ['low', 'normal', 'critical'].map((one) => `[urgency_${one}]\ntimeout = 0\n`);
  await writeFile(config, `[global]\n${idle.join('\n')}\n${times.join('')}`);
  const child = spawn('dunst', ['-config', config, '-print'], {
    env: { ...screen.env, HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  const bus = await joinBus(screen.bus);
  const isThere = async (): Promise<boolean> => {
    const [owned] = await bus.call(onBus('NameHasOwner', 's', [service]));
    return owned === true;
  };
  while (!(await isThere())) {
    if (child.exitCode !== null) throw new Error(`dunst ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const order = async (member: string, signature = '', body: readonly (number | string)[] = []) => {
    await bus.call({ ...at, interface: dunst, member, signature, body });
  };
  const properties = 'org.freedesktop.DBus.Properties';
  const count = async (name: string): Promise<number> => {
    const body = [dunst, name];
    const given = await bus.call({ ...at, interface: properties, member: 'Get', signature: 'ss', body });
    return z.number().parse(given[0]);
  };
  return {
    displayed: () => count('displayedLength'),
    waiting: () => count('waitingLength'),
    said: () => text,
    press: async (label) => {
      await writeFile(wanted, label);
      await order('ContextMenuCall');
    },
    click: () => order('NotificationAction', 'u', [0]),
    doNotDisturb: async (isOn) => {
      const body = [dunst, 'paused', { signature: 'b', value: isOn }];
      await bus.call({ ...at, interface: properties, member: 'Set', signature: 'ssv', body });
    },
    closeAll: () => order('NotificationCloseAll'),
    stop: async () => {
      bus.close();
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
