// Errors that NVIDIA's driver wrote to the kernel's log and that are not the fault of a program.
// https://docs.nvidia.com/deploy/xid-errors/
import type { Xid } from '../../model/gpu-metrics.ts';
import { nameOf } from './check.ts';
import type { GpuCheck } from './check.ts';

/** A program did something wrong, or was ended: the card is well. */
const byPrograms: readonly number[] = [13, 31, 43, 45, 68, 69];
const said: Readonly<Record<number, string>> = {
  48: 'an error of its memory could not be corrected',
  63: 'a bad part of its memory is left out from now on',
  64: 'a bad part of its memory could not be left out',
  74: 'its link to another card failed',
  79: 'it has fallen off the bus',
  94: 'an error of its memory hit one program',
  95: 'an error of its memory hit all programs',
  119: 'its own processor does not answer',
  120: 'its own processor failed',
};
/** Older ones are history. Milliseconds. */
const newMs = 86_400_000;

export const checkXids: GpuCheck = (subject) => {
  const { metrics, now } = subject;
  const isBad = ({ code, at }: Xid): boolean =>
    !byPrograms.includes(code) && (at === null || now - at < newMs);
  const last = (metrics.xids ?? []).findLast(isBad);
  if (last === undefined) return null;
  return {
    key: 'gpu.xid',
    severity: last.code === 63 ? 'info' : 'error',
    subject: metrics.id,
    message: `The driver of ${nameOf(subject)} reports error ${last.code}: ${said[last.code] ?? (last.text || 'see the page of NVIDIA')}.`,
    next: 'What it means is told at https://docs.nvidia.com/deploy/xid-errors/. Restart the machine if the card does not work; if the error comes again, look at its power and its seat.',
  };
};
