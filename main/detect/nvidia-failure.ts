// Why nvidia-smi gave no cards: by its exit code first, because the words differ from driver to driver.
import type { Issue } from '../model/issue.ts';
import type { Ran } from '../probe-port.ts';
import { unclearOutput } from './issues.ts';

/** Why no card of NVIDIA's can be used, short and without a point, and what mends it. */
export interface NvidiaFailure {
  readonly why: string;
  readonly fix: string;
  readonly issue: Issue;
}

const reinstall = 'Restart the machine; if it stays, install the driver again';

/**
 * Codes are NVML's: https://nvidia.github.io/cuda-python/cuda-bindings/latest/module/nvml.html. Some versions end
 * with another code, and then their words count.
 */
const failures: readonly {
  readonly codes: readonly number[];
  readonly words: RegExp;
  readonly key: string;
  readonly why: string;
  readonly fix: string;
}[] = [
  {
    codes: [18],
    words: /version mismatch|Mismatch in versions/i,
    key: 'gpu.driver-mismatch',
    why: 'the NVIDIA driver was updated and the running kernel still has the old one',
    fix: 'Restart the machine. Jobs that run on its cards go on until then',
  },
  {
    codes: [9, 12],
    words: /couldn't communicate with the NVIDIA driver|library not found/i,
    key: 'gpu.driver-missing',
    why: 'the NVIDIA driver is not loaded',
    fix: reinstall,
  },
  {
    codes: [17],
    words: /GPU access blocked by the operating system/i,
    key: 'gpu.blocked',
    why: 'Windows does not let this WSL use its cards',
    fix: 'Update the NVIDIA driver of Windows, and run: wsl --update',
  },
  {
    codes: [15, 16],
    words: /GPU is lost|Unable to determine the device handle|reset required/i,
    key: 'gpu.lost',
    why: 'a card of NVIDIA has fallen off the bus or must be reset',
    fix: 'Look for "Xid" in the kernel log, and restart the machine',
  },
  {
    codes: [6],
    words: /No devices were found/i,
    key: 'gpu.driver-missing',
    why: 'the NVIDIA driver finds no card that it can drive',
    fix: 'Install the flavour of the driver that fits the card: the open one for the newest cards, the closed one for old ones',
  },
  {
    codes: [4],
    words: /Insufficient Permissions/i,
    key: 'gpu.no-access',
    why: 'this user may not ask the NVIDIA driver',
    fix: 'Give the user access to /dev/nvidiactl',
  },
];

/** For anything but an answer with cards. */
export function explainNvidiaFailure(ran: Ran): NvidiaFailure {
  if (ran.outcome !== 'ended') return explainOutcome(ran.outcome);
  const text = `${ran.stdout}\n${ran.stderr}`;
  const failure =
    failures.find(({ words }) => words.test(text)) ?? failures.find(({ codes }) => codes.includes(ran.code));
  if (failure !== undefined) return nvidiaProblem(failure.key, failure.why, failure.fix);
  const words = JSON.stringify(text.trim().slice(0, 120));
  const why = 'what nvidia-smi says of it is not understood';
  const fix = 'Run nvidia-smi by hand';
  return { why, fix, issue: unclearOutput('nvidia-smi', `it ended with code ${ran.code} and said ${words}`) };
}

function explainOutcome(outcome: Exclude<Ran['outcome'], 'ended'>): NvidiaFailure {
  if (outcome === 'missing')
    return nvidiaProblem(
      'gpu.tool-missing',
      'the NVIDIA driver is not installed: there is no nvidia-smi',
      'Install the NVIDIA driver with its tools',
    );
  if (outcome === 'timeout')
    return nvidiaProblem(
      'gpu.tool-hangs',
      'nvidia-smi does not answer: the driver hangs',
      'Restart the machine',
    );
  return nvidiaProblem('gpu.tool-failed', 'nvidia-smi could not be run', 'Run nvidia-smi by hand');
}

function nvidiaProblem(key: string, why: string, fix: string): NvidiaFailure {
  const message = `Cards of NVIDIA cannot be used: ${why}.`;
  return { why, fix, issue: { key, severity: 'warning', subject: 'nvidia-smi', message, next: `${fix}.` } };
}
