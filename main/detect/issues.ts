// What is wrong or unknown about the machine's cards, with what to do about it.
import type { Issue } from '../model/issue.ts';
import type { DetectedGpu } from './host-gpus.ts';
import { driverHangs } from './pci.ts';

/** Output that is not understood, or only in part: what it would have said is unknown. */
export function unclearOutput(tool: string, detail: string): Issue {
  return {
    key: 'gpu.output-unclear',
    severity: 'warning',
    subject: tool,
    message: `Some of what ${tool} says is not understood: ${detail}. It counts as unknown.`,
    next: 'Run the tool by hand. If its answer is in order, report it with its whole text.',
  };
}

/** A card without a driver that can hand it to containers. */
export function noDriver(card: string, why: string, next: string): Issue {
  return {
    key: 'gpu.driver-missing',
    severity: 'warning',
    subject: card,
    message: `${card} cannot be used: ${why}.`,
    next,
  };
}

/** A card whose driver's files do not come back. */
function hangingCard(card: string): Issue {
  return {
    key: 'gpu.tool-hangs',
    severity: 'error',
    subject: card,
    message: `${card} cannot be used: ${driverHangs.why}.`,
    next: `${driverHangs.fix}.`,
  };
}

/** A card that the bus lists and its driver's tool does not. */
export function lostCard(card: string): Issue {
  return {
    key: 'gpu.lost',
    severity: 'error',
    subject: card,
    message: `${card} is in the machine, and its driver does not list it: it has fallen off the bus, or failed to start.`,
    next: 'Look for "Xid" in the kernel log. Mostly a restart of the machine brings it back.',
  };
}

/** A card whose memory nobody tells: a pool that asks for an amount of it does not get this card. */
export function noMemory(card: string, isIntel: boolean): Issue {
  return {
    key: 'gpu.memory-unknown',
    severity: 'info',
    subject: card,
    message: `${card} does not say how much memory it has.`,
    next: isIntel
      ? 'Nothing is wrong: the driver of Intel does not tell. Pools that ask for no amount of memory get it.'
      : 'Update the kernel. Pools that ask for no amount of memory get it.',
  };
}

/** A WSL2 whose Windows has a card of another maker, or no driver for WSL. */
export function otherWslCard(): Issue {
  return {
    key: 'gpu.wsl-other',
    severity: 'info',
    subject: 'WSL2',
    message: 'Windows shows this WSL a graphics device (/dev/dxg), and there is no NVIDIA driver behind it.',
    next: "A card of NVIDIA needs NVIDIA's driver on Windows. Cards of AMD and Intel cannot be handed to containers here.",
  };
}

/** What is wrong or unknown with a card that only the kernel tells of. */
export function cardIssues(gpu: DetectedGpu): readonly Issue[] {
  const card = `${gpu.model} at ${gpu.id}`;
  if (gpu.trouble === driverHangs) return [hangingCard(card)];
  if (gpu.trouble !== null) return [noDriver(card, gpu.trouble.why, `${gpu.trouble.fix}.`)];
  return gpu.memoryMiB === null && !gpu.integrated ? [noMemory(card, gpu.vendor === 'intel')] : [];
}
