// Roots of this home that programs of this machine still trust although no stack needs them any more.
import type { Finding } from '../hardware/check.ts';

/** Where one still is. */
export interface LeftRoot {
  /** Of the store: `system`, `nss:/home/ana/.pki/nssdb`. */
  readonly id: string;
  readonly label: string;
  readonly path: string;
  /** AutoGit may not take it out there: lines for a shell that do. */
  readonly commands: readonly string[];
}

/** `hasStack`: the root may be the one of the stack that is or was up here. */
export function checkLeftRoots(left: readonly LeftRoot[], hasStack: boolean): readonly Finding[] {
  if (hasStack || left.length === 0) return [];
  const where = left.length === 1 ? 'one place' : `${left.length} places`;
  return [
    {
      ...{ key: 'trust.root-left', severity: 'warning', subject: 'this machine' },
      message: `A root of this home is still trusted in ${where} of this machine, and its stack is gone: whoever has its key could pass for any site of that lab's domain.`,
      next: 'Take it out: autogit certificate untrust. A stack that comes back is trusted again by: autogit certificate trust',
      evidence: left.flatMap(({ label, path, commands }) => [
        `${label}: ${path}`,
        ...commands.map((line) => `  ${line}`),
      ]),
    },
  ];
}
