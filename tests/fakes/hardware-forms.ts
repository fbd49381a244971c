// Recordings that AutoGit asks for in another form, brought into the form that its parsers read.
import { z } from 'zod';
import { parseJson } from '../../main/detect/json.ts';
import type { PciFiles } from '../../main/detect/pci.ts';
import type { FakeMachine } from './hardware.ts';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escape(text: string): string {
  return text.replaceAll(/[&<>]/g, (sign) => escapes[sign] ?? sign);
}

/** Where the text of `nvidia-smi -q` and its XML call something differently. */
const xmlNames: Readonly<Record<string, string>> = {
  gpu_uuid: 'uuid',
  bus_id: 'pci_bus_id',
  gpu_current_temp: 'gpu_temp',
  instantaneous_power_draw: 'instant_power_draw',
  shared_fb_memory_usage: 'fb_memory_usage',
  'mig_mode/current': 'current_mig',
  'driver_model/current': 'current_dm',
  'ecc_mode/current': 'current_ecc',
  'utilization/gpu': 'gpu_util',
};

/** `nvidia-smi -q` as `nvidia-smi -q -x` says the same. */
export function reportOfText(text: string): string {
  const open: string[] = [];
  const out: string[] = ['<nvidia_smi_log>'];
  const closeTo = (depth: number): void => {
    while (open.length > depth) out.push(`</${open.pop() ?? ''}>`);
  };
  for (const line of text.split('\n').filter((one) => one.trim() !== '' && !one.startsWith('='))) {
    const depth = Math.floor((line.length - line.trimStart().length) / 4);
    const [, key = '', value] = /^\s*(.+?)(?:\s+: ?(.*))?$/.exec(line) ?? [];
    closeTo(depth);
    const [, address] = /^GPU ([0-9A-F:.]{16})$/.exec(key) ?? [];
    const plain = key
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .replace(/_$/, '');
    const name = xmlNames[`${open.at(-1) ?? ''}/${plain}`] ?? xmlNames[plain] ?? plain;
    if (address !== undefined) out.push(`<gpu id="${address}">`);
    else if (name === 'mig_device') out.push('<mig_devices><mig_device>');
    else out.push(`<${name}>`);
    if (value !== undefined) out.push(`${escape(value.trim())}</${name}>`);
    else open.push(address === undefined ? name : 'gpu');
  }
  closeTo(0);
  return mergeSlices(`${out.join('')}</nvidia_smi_log>\n`);
}

/** Each slice stands for itself in the text, and all of them in one element of the XML. */
function mergeSlices(xml: string): string {
  return xml
    .replaceAll('</mig_device>', '</mig_device></mig_devices>')
    .replaceAll('</mig_devices><mig_devices>', '');
}

/** A table without its head, with the names that were asked for. */
export function withHead(fields: string, rows: string): string {
  return `${fields.trim().split(',').join(', ')}\n${rows.endsWith('\n') ? rows : `${rows}\n`}`;
}

/** `rocm-smi --csv` as `rocm-smi --json` says the same. */
export function jsonOfRocmCsv(text: string): string {
  // A line without its end was cut.
  const [head = '', ...rows] = text.split('\n').slice(0, -1);
  const [, ...names] = head.split(',');
  const cards = rows.flatMap((row) => {
    const [card = '', ...values] = row.split(',');
    const fields = names.map((name, index) => [name, values[index] ?? '']);
    return values.length === names.length ? [[card, Object.fromEntries(fields)]] : [];
  });
  return JSON.stringify(Object.fromEntries(cards));
}

export const noFiles: PciFiles = {
  ...{ class: null, vendor: null, device: null, revision: null, uevent: null, numa_node: null },
  ...{ driver: null, drm: [], isVirtual: false },
};

/** One line of `lspci -nnmm`, or of `lspci -nn`, as the files of the bus say the same. */
export function filesOfLspci(line: string): { readonly address: string; readonly files: PciFiles } | null {
  const slot = /^[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]/.exec(line)?.[0];
  const kind = /\[(0[0-9a-f]{3})\]/.exec(line)?.[1];
  const plain = /\[([0-9a-f]{4}):([0-9a-f]{4})\]/.exec(line);
  // The maker and the device are the second and the third in quotes, each with its number in the last brackets.
  const [, maker = '', device = ''] = [...line.matchAll(/"([^"]*)"/g)].map(
    ([, words = '']) => /\[([0-9a-f]{4})\]$/.exec(words)?.[1] ?? '',
  );
  const ids = plain === null ? [maker, device] : plain.slice(1);
  if (slot === undefined || kind === undefined) return null;
  const files = {
    class: `0x${kind}00\n`,
    vendor: `0x${ids[0] ?? ''}\n`,
    device: `0x${ids[1] ?? ''}\n`,
    driver: 'some',
  };
  return { address: `0000:${slot}`, files: { ...noFiles, ...files } };
}

const udevHosts = z.array(
  z.object({
    devices: z.array(
      z.object({
        slot: z.string(),
        pci_class: z.string(),
        pci_id: z.string(),
        driver: z.string().nullable(),
        drm: z.array(z.string()),
      }),
    ),
  }),
);

/** Devices of udev's dumps as the files of the bus say the same. */
export function filesOfUdev(text: string): readonly { readonly address: string; readonly files: PciFiles }[] {
  const hosts = udevHosts.safeParse(parseJson(text));
  return (hosts.data ?? []).flatMap(({ devices }) =>
    devices.map(({ slot, pci_class, pci_id, driver, drm }) => {
      const event = driver === null ? '' : `DRIVER=${driver}\n`;
      const uevent = `${event}PCI_CLASS=${pci_class}\nPCI_ID=${pci_id}\n`;
      return { address: slot, files: { ...noFiles, uevent, drm } };
    }),
  );
}

const treeSchema = z.record(z.string(), z.union([z.string(), z.object({ symlink: z.string() })]));

/** A recorded tree as a machine: cards below `/sys/class/drm` are moved to their place on the bus. */
export function machineOfTree(text: string): FakeMachine {
  const tree = treeSchema.parse(JSON.parse(text));
  const places = new Map(
    Object.entries(tree).flatMap(([path, value]) => {
      const [, folder] = /^(.*\/device)\/uevent$/.exec(path) ?? [];
      const slot = typeof value === 'string' ? /^PCI_SLOT_NAME=(.*)$/m.exec(value)?.[1] : undefined;
      return folder === undefined || slot === undefined ? [] : [[folder, `/sys/bus/pci/devices/${slot}`]];
    }),
  );
  const moved = (path: string): string => {
    for (const [folder, place] of places)
      if (path.startsWith(`${folder}/`)) return place + path.slice(folder.length);
    return path.replace(
      /^.*\/(?=[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\/[^/]+$)/,
      '/sys/bus/pci/devices/',
    );
  };
  const files: Record<string, string> = {};
  const links: Record<string, string> = {};
  for (const [path, value] of Object.entries(tree))
    if (typeof value === 'string') files[moved(path)] = value;
    else links[moved(path)] = value.symlink;
  // The recordings of one author have no class: it stands in the event.
  for (const [path, event] of Object.entries(files)) {
    const kind = /^PCI_CLASS=(\w+)$/m.exec(event)?.[1];
    const file = path.replace(/uevent$/, 'class');
    if (path.endsWith('/uevent') && kind !== undefined) files[file] ??= `0x${kind.padStart(6, '0')}\n`;
  }
  return { files, links };
}
