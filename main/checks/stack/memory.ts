// Memory that the stack needs and the machine does not have: GitLab is ended by the kernel in the middle of its start.
import { gibibytes, isUp, withStack } from './check.ts';

const mebibyte = 1024 ** 2;
/** So much of what it needs at least may be missing at the moment and still come from swap. */
const fromSwap = 0.25;
/** So much of it may be swap for good: https://docs.gitlab.com/install/requirements/#memory */
const mostSwap = 0.4;

export const checkStackMemory = withStack((stack, subject) => {
  const { memoryBytes } = subject.facts;
  const { availableBytes, swapFreeBytes, swapTotalBytes } = subject.machine.host.memory;
  const least = stack.memory.leastMiB * mebibyte;
  const usual = stack.memory.usualMiB * mebibyte;
  const evidence = [
    `Memory: ${memoryBytes === null ? 'not known' : gibibytes(memoryBytes)} in all, ${availableBytes === null ? 'not known how much' : gibibytes(availableBytes)} free`,
    `The stack with preset ${stack.preset}: ${gibibytes(least)} at least, ${gibibytes(usual)} usually`,
  ];
  const base = { key: 'stack.memory-short', subject: stack.project, evidence };
  const swapped = Math.min(swapTotalBytes ?? 0, least * mostSwap);
  if (memoryBytes !== null && memoryBytes + swapped < least)
    return [
      {
        ...{ ...base, severity: 'error' as const },
        message: `This machine has less memory than the stack needs at least: GitLab would be ended by the kernel while it starts.`,
        next:
          stack.preset === 'minimal'
            ? 'Give the machine more memory, or add swap: 2 GiB of memory and 1 GiB of swap are the least that it starts with.'
            : 'Choose the preset minimal in the answers, leave options out, or give the machine more memory.',
      },
    ];
  // What runs already has its memory.
  const free = availableBytes === null || isUp(subject) ? null : availableBytes;
  const missing = free === null ? 0 : least - free;
  if (missing > least * fromSwap || (missing > 0 && (swapFreeBytes ?? 0) < missing))
    return [
      {
        ...{ ...base, severity: 'warning' as const },
        message: 'Less memory is free now than the stack needs at least: its start may be slow, or fail.',
        next: 'See what uses it with `ps -eo pmem,comm --sort=-pmem | head`, and end what is not needed.',
      },
    ];
  if (memoryBytes !== null && memoryBytes < usual)
    return [
      {
        ...{ ...base, severity: 'warning' as const },
        message:
          'The stack usually takes more memory than this machine has: it works, and slows down when it is used.',
        next: 'Choose a smaller preset in the answers, or leave options out.',
      },
    ];
  return [];
});
