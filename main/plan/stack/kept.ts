// The mark of a file that a person has changed and wants to keep: as long as neither it nor ours changes, nobody is asked again.

const prefix = 'kept';

/** What the journal has for such a file in place of its hash: hashes of what lies there, and of what would be written. */
export function keptMark(onDisk: string, wanted: string): string {
  return [prefix, onDisk, wanted].join(':');
}

/** Whether a person decided to keep exactly this file against exactly that one. */
export function isKept(written: string | undefined, onDisk: string, wanted: string): boolean {
  return written === keptMark(onDisk, wanted);
}
