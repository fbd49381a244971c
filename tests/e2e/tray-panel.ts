// A desktop's panel for tests: it takes tray icons, and can read and click what they show.
import { z } from 'zod';
import type { BusValue } from '../../electron/bus-values.ts';
import { onBus } from '../../electron/session-bus.ts';
import { joinBus } from './session-bus.ts';
import type { BusAnswer } from './session-bus.ts';

export interface TrayEntry {
  readonly id: number;
  readonly label: string;
  readonly isEnabled: boolean;
  /** Entries of its own menu. */
  readonly entries: readonly TrayEntry[];
}

export interface ShownIcon {
  readonly tooltip: string;
  /** Width, height and pixels (ARGB) of each size. */
  readonly pixels: readonly {
    readonly width: number;
    readonly height: number;
    readonly data: readonly number[];
  }[];
}

export interface Panel {
  /** Whether an icon was put into it. */
  hasIcon(): boolean;
  icon(): Promise<ShownIcon>;
  menu(): Promise<readonly TrayEntry[]>;
  click(label: string): Promise<void>;
  /** A click on the icon itself. */
  activate(): Promise<void>;
  close(): void;
}

const watcher = 'org.kde.StatusNotifierWatcher';
const item = 'org.kde.StatusNotifierItem';
const dbusMenu = 'com.canonical.dbusmenu';

const properties = z.array(z.tuple([z.string(), z.unknown()]));
const layout = z.tuple([z.number(), properties, z.array(z.unknown())]);
const pixmaps = z.array(z.tuple([z.number(), z.number(), z.array(z.number())]));
const tooltip = z.tuple([z.string(), z.unknown(), z.string(), z.string()]);

function entryOf(value: unknown): TrayEntry {
  const [id, pairs, entries] = layout.parse(value);
  const all = new Map(pairs);
  const label = z.string().catch('').parse(all.get('label'));
  return { id, label, isEnabled: all.get('enabled') !== false, entries: entries.map(entryOf) };
}

/** Stands where a desktop's panel would: owns its name on the bus at `address`. */
export async function openPanel(address: string): Promise<Panel> {
  const bus = await joinBus(address);
  let owner: { readonly name: string; readonly path: string } | null = null;
  bus.serve((member, body, sender): BusAnswer | null => {
    if (member === 'Get') return { signature: 'v', body: [{ signature: 'b', value: true }] };
    if (member !== 'RegisterStatusNotifierItem') return null;
    const given = z.string().parse(body[0]);
    owner = given.startsWith('/')
      ? { name: sender, path: given }
      : { name: given, path: '/StatusNotifierItem' };
    return { signature: '', body: [] };
  });
  await bus.call(onBus('RequestName', 'su', [watcher, 0]));

  const ask = (to: string, path: string, member: string, signature = '', body: readonly BusValue[] = []) => {
    if (owner === null) throw new Error('there is no icon');
    return bus.call({ destination: owner.name, path, interface: to, member, signature, body });
  };
  const read = async (name: string): Promise<unknown> => {
    const given = await ask('org.freedesktop.DBus.Properties', owner?.path ?? '', 'Get', 'ss', [item, name]);
    return given[0];
  };
  const menu = async (): Promise<readonly TrayEntry[]> => {
    const given = await ask(dbusMenu, z.string().parse(await read('Menu')), 'GetLayout', 'iias', [0, -1, []]);
    return layout.parse(given[1])[2].map(entryOf);
  };
  return {
    hasIcon: () => owner !== null,
    icon: async () => ({
      tooltip: tooltip.parse(await read('ToolTip'))[2],
      pixels: pixmaps
        .parse(await read('IconPixmap'))
        .map(([width, height, data]) => ({ width, height, data })),
    }),
    menu,
    click: async (label) => {
      const entry = (await menu()).flatMap((one) => [one, ...one.entries]).find((one) => one.label === label);
      if (entry === undefined) throw new Error(`the menu has no "${label}"`);
      const path = z.string().parse(await read('Menu'));
      await ask(dbusMenu, path, 'Event', 'isvu', [entry.id, 'clicked', { signature: 'i', value: 0 }, 0]);
    },
    activate: async () => {
      await ask(item, owner?.path ?? '', 'Activate', 'ii', [0, 0]);
    },
    close: () => bus.close(),
  };
}
