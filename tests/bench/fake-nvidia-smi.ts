// A stand-in for nvidia-smi where there is none: the same words, a start that costs what one costs, and tables after it.
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Processor time of a start with persistence on: an assumption, with which every row of a run is made. Milliseconds. */
export const startMs = 40;
/** Processor time of one table. Milliseconds. */
export const tableMs = 2;

const run = promisify(execFile);

const uuid = (card: number): string => `GPU-0000000${card}-1111-2222-3333-444444444444`;

/** The ids of so many cards. */
export function fakeCards(count: number): readonly { readonly id: string; readonly pciAddress: string }[] {
  return Array.from({ length: count }, (_, card) => ({
    id: uuid(card),
    pciAddress: `0000:0${card + 1}:00.0`,
  }));
}

const spin = 'spin() { i=0; while [ $i -lt $1 ]; do i=$((i+1)); done; }';

/** Processor time of the children of this process that have ended. Milliseconds; a tick has 10. */
async function childrenMs(): Promise<number> {
  const fields = (await readFile('/proc/self/stat', 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** How often the shell of this machine counts in a millisecond of processor time, whoever else wants one. */
async function turnsPerMs(folder: string): Promise<number> {
  const file = path.join(folder, 'calibrate');
  const turns = 2_000_000;
  await writeFile(file, `#!/bin/sh\n${spin}\nspin ${turns}\n`);
  const before = await childrenMs();
  await run('/bin/sh', [file]);
  return turns / Math.max(10, (await childrenMs()) - before);
}

const values: Readonly<Record<string, string>> = {
  ...{
    name: 'NVIDIA GeForce RTX 4090',
    'memory.total': '24564',
    'memory.used': '512',
    'utilization.gpu': '37',
  },
  ...{ 'utilization.memory': '11', 'temperature.gpu': '61', 'power.draw': '212.50', 'power.limit': '450.00' },
  ...{ 'clocks.current.graphics': '2520', 'clocks.current.memory': '10501', 'fan.speed': '44' },
  ...{
    persistence_mode: 'Enabled',
    driver_version: '580.95.05',
    'mig.mode.current': '[N/A]',
    compute_cap: '8.9',
  },
};

function cell(field: string, card: number, count: number): string {
  if (field === 'count') return String(count);
  if (field === 'uuid') return uuid(card);
  if (field === 'pci.bus_id') return `00000000:0${card + 1}:00.0`;
  return values[field] ?? (field.includes('reasons') ? 'Not Active' : '[N/A]');
}

/** Puts it into a folder of its own, for the `PATH`; gives the folder. `fields`: what it is asked for. */
export async function makeFakeTool(
  folder: string,
  count: number,
  questions: readonly (readonly string[])[],
): Promise<string> {
  const turns = await turnsPerMs(folder);
  const bin = path.join(folder, `bin-${count}`);
  await mkdir(bin, { recursive: true });
  const tables = questions.map((fields) => {
    const rows = Array.from({ length: count }, (_, card) =>
      fields.map((field) => cell(field, card, count)).join(', '),
    );
    return `  --query-gpu=${fields.join(',')}) head='${fields.join(', ')}'; rows='${rows.join('\n')}' ;;`;
  });
  const script = [
    '#!/bin/sh',
    spin,
    `spin ${Math.round(turns * startMs)}`,
    'case "$1" in',
    ...tables,
    "  --query-compute-apps=*) echo 'gpu_uuid, pid, process_name, used_gpu_memory [MiB]'; exit 0 ;;",
    '  *) exit 2 ;;',
    'esac',
    'printf "%s\\n" "$head"',
    'wait=""',
    'for word in "$@"; do case "$word" in --loop-ms=*) wait=$(( ${word#--loop-ms=} / 1000 )) ;; esac; done',
    `while :; do spin ${Math.round(turns * tableMs)}; printf "%s\\n" "$rows"; [ -z "$wait" ] && exit 0; sleep "$wait"; done`,
    '',
  ].join('\n');
  const file = path.join(bin, 'nvidia-smi');
  await writeFile(file, script);
  await chmod(file, 0o755);
  return bin;
}
