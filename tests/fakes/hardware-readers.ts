// What reads each recorded output: the parser that AutoGit uses, or why it never asks for such a thing.
import { parseDockerDetails } from '../../main/adapters/engine/details.ts';
import { parseAmdSmiMetrics, parseAmdSmiStatic } from '../../main/detect/amd-smi.ts';
import { parseKfdNode } from '../../main/detect/amd.ts';
import { parseInformation } from '../../main/detect/detect-nvidia.ts';
import { parseIntelTop } from '../../main/detect/intel-top.ts';
import { fieldsOf, parseJson } from '../../main/detect/json.ts';
import { parseNvidiaCards, parseNvidiaProcesses } from '../../main/detect/nvidia-csv.ts';
import { explainNvidiaFailure } from '../../main/detect/nvidia-failure.ts';
import { parseNvidiaSlices, parseNvidiaXml } from '../../main/detect/nvidia-slices.ts';
import { parseNvidiaVersion } from '../../main/detect/nvidia-version.ts';
import { parsePciGpu } from '../../main/detect/pci.ts';
import { parseRocmSmi } from '../../main/detect/rocm-smi.ts';
import { parseXpuSmi } from '../../main/detect/xpu-smi.ts';
import { parseBinfmtEntry } from '../../main/model/emulation.ts';
import { filesOfLspci, filesOfUdev, jsonOfRocmCsv, reportOfText, withHead } from './hardware-forms.ts';
import { ended, hasRecordings, recording } from './hardware.ts';

/** What was found, and whether something was not understood. */
export interface Read {
  readonly found: readonly unknown[];
  readonly issues: readonly unknown[];
}

export interface HardwareReader {
  readonly files: RegExp;
  /** The parser, or `null` where AutoGit never asks for such a thing. */
  readonly read: ((text: string) => Read) | null;
  /** What is read and how, or why not. */
  readonly says: string;
  /** Whether a text that was cut can look whole: at the end of a line, where nothing counts the lines. */
  readonly maySeemWhole?: boolean;
}

function one(value: object | null): Read {
  const isEmpty = value === null || Object.values(value).every((field) => field === null);
  return { found: isEmpty ? [] : [value], issues: isEmpty ? ['nothing'] : [] };
}

function many(found: readonly unknown[]): Read {
  return { found, issues: found.length === 0 ? ['nothing'] : [] };
}

const nounitsFields =
  'power.limit,power.min_limit,power.max_limit,memory.total,vbios_version,driver_version,name,gpu_uuid,power.draw,temperature.gpu,temperature.memory,clocks.current.graphics,clocks.sm,clocks.mem,utilization.gpu,utilization.memory,fan.speed,pcie.link.width.current,pstate';

const nvidia: readonly HardwareReader[] = [
  {
    files: /^nvidia\/captures\/.*\/query-gpu\..*\.csv$/,
    read: parseNvidiaCards,
    says: 'nvidia-smi --query-gpu',
  },
  {
    files: /^nvidia\/captures\/.*\/query-compute-apps\..*\.csv$/,
    ...{ read: parseNvidiaProcesses, says: 'nvidia-smi --query-compute-apps', maySeemWhole: true },
  },
  {
    files: /^nvidia\/(?:captures\/.*\/|text\/)list-L.*\.txt$/,
    ...{ read: parseNvidiaSlices, says: 'nvidia-smi -L', maySeemWhole: true },
  },
  {
    files: /^nvidia\/.*(?:\/version|[/.]table(?:\.\w+)?)\.txt$/,
    read: (text) => one(parseNvidiaVersion(text)),
    says: 'driver and CUDA of nvidia-smi --version, which the head of the table has, too',
    maySeemWhole: true,
  },
  {
    files: /^nvidia\/.*[/.]q(?:\.\w+)?\.txt$/,
    read: (text) => parseNvidiaXml(reportOfText(text)),
    says: 'nvidia-smi -q, brought into the form of -q -x, which is what AutoGit asks for',
    maySeemWhole: true,
  },
  { files: /^nvidia\/xml\/.*\.xml$/, read: parseNvidiaXml, says: 'nvidia-smi -q -x, schemas 10 to 13' },
  {
    files: /^nvidia\/derived-nounits\/.*\.csv$/,
    read: (text) => parseNvidiaCards(withHead(fieldsFile(), text)),
    says: 'nvidia-smi --query-gpu, with the head that AutoGit asks for',
    maySeemWhole: true,
  },
  { files: /^nvidia\/derived-nounits\/fields\.txt$/, read: null, says: 'the head of the others beside it' },
  {
    files: /^nvidia\/csv\/nounits-rtx2080.*\.csv$/,
    read: (text) => parseNvidiaCards(withHead(nounitsFields, text)),
    says: 'nvidia-smi --query-gpu, with the head that AutoGit asks for',
    maySeemWhole: true,
  },
  {
    files: /^nvidia\/csv\/(?!nounits-rtx2080).*\.csv$/,
    read: parseNvidiaCards,
    says: 'nvidia-smi --query-gpu with other columns; without UUIDs there are no cards, and that is said',
    maySeemWhole: true,
  },
  {
    files: /^nvidia\/text\/proc-driver-nvidia-gpu-information/,
    read: (text) => one(parseInformation(text)),
    says: '/proc/driver/nvidia/gpus/<address>/information',
    maySeemWhole: true,
  },
  {
    files: /^nvidia\/errors\//,
    read: (text) => ({ found: [], issues: [explainNvidiaFailure(ended(text, 255)).issue] }),
    says: 'why nvidia-smi gave no cards',
  },
  { files: /\/topo-m\.txt$/, read: null, says: 'which cards are close, the kernel tells (numa_node)' },
  { files: /\/help-query-gpu\.txt$/, read: null, says: 'names of columns: held against what is asked for' },
  { files: /^nvidia\/csv\/pmon/, read: null, says: 'programs are asked for with --query-compute-apps' },
];

function fieldsFile(): string {
  return hasRecordings ? recording('nvidia/derived-nounits/fields.txt') : '';
}

const others: readonly HardwareReader[] = [
  { files: /^amd\/rocm-smi\/.*\.(?:json|txt)$/, read: parseRocmSmi, says: 'rocm-smi --json' },
  {
    files: /^amd\/rocm-smi\/.*\.csv$/,
    read: (text) => parseRocmSmi(jsonOfRocmCsv(text)),
    says: 'rocm-smi --csv, brought into the form of --json',
    maySeemWhole: true,
  },
  { files: /^amd\/amd-smi\/static/, read: parseAmdSmiStatic, says: 'amd-smi static --json' },
  { files: /^amd\/amd-smi\/(?:metric|monitor)/, read: parseAmdSmiMetrics, says: 'amd-smi metric --json' },
  {
    files: /^amd\/amd-smi\/process/,
    read: null,
    says: 'the kernel tells programs by card (KFD); amd-smi told one of every card, and none of other users',
  },
  { files: /^amd\/amd-smi\/amd-ctk/, read: null, says: 'CDI names are read in the files that amd-ctk makes' },
  {
    files: /^amd\/kfd\//,
    read: (text) =>
      many(
        [...fieldsOf(parseJson(text))].flatMap(([path, content]) => {
          const isNode = path.endsWith('/properties') && typeof content === 'string';
          return isNode ? (parseKfdNode(content) ?? []) : [];
        }),
      ),
    says: 'KFD: nodes/<n>/properties',
  },
  { files: /^amd\/gpustack/, read: null, says: 'the answer of another program' },
  { files: /^intel\/intel_gpu_top\/list-L/, read: null, says: 'the bus lists the cards' },
  { files: /^intel\/intel_gpu_top\/(?!list-L)/, read: parseIntelTop, says: 'intel_gpu_top -J' },
  { files: /^intel\/xpu-smi\/.*\.json$/, read: parseXpuSmi, says: 'xpu-smi discovery -j' },
  {
    files: /^intel\/xpu-smi\/dump.*\.csv$/,
    read: null,
    says: 'heat and power are read in the files of the driver',
  },
  {
    files: /^pci\/lspci-nn/,
    read: (text) =>
      many(
        text.split('\n').flatMap((line) => {
          const device = filesOfLspci(line);
          return device === null ? [] : (parsePciGpu(device.address, device.files) ?? []);
        }),
      ),
    says: 'lspci, brought into the form of /sys/bus/pci/devices',
    maySeemWhole: true,
  },
  { files: /^pci\/lspci-plain/, read: null, says: 'it has no numbers, by which devices are known' },
  {
    files: /^pci\/udev/,
    read: (text) =>
      many(filesOfUdev(text).flatMap(({ address, files }) => parsePciGpu(address, files) ?? [])),
    says: 'udev, brought into the form of /sys/bus/pci/devices',
  },
  { files: /^docker\/(?:info|cli-golden-info).*\.json$/, read: readDocker, says: 'GET /info of Docker' },
  { files: /^docker\/version/, read: null, says: 'read by the adapter of engines (GET /version)' },
  { files: /^docker\/error/, read: null, says: 'words of the engine, which are shown as they are' },
  {
    files: /^binfmt\/(?:qemu|bpf)/,
    read: (text) => one(parseBinfmtEntry('qemu-aarch64', text)),
    says: '/proc/sys/fs/binfmt_misc/<name>',
    maySeemWhole: true,
  },
  {
    files: /^binfmt\/(?!qemu|bpf)/,
    read: null,
    says: 'answers about emulation: a program in a container is the proof',
  },
  { files: /^nvtop\//, read: null, says: 'the answer of another program' },
];

function readDocker(text: string): Read {
  const answer = parseJson(text);
  return answer === undefined ? many([]) : one(parseDockerDetails(answer));
}

/** Trees of files are machines, and are read by the whole detection. */
export const treeFiles = /^sysfs\/.*\.json$/;

export const hardwareReaders: readonly HardwareReader[] = [...nvidia, ...others];
