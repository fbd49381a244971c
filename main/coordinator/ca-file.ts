// The root certificate that the settings name, as it is in its file now.
import { problemOf } from '../errors.ts';
import type { Issue } from '../model/issue.ts';
import type { GitlabSettings } from '../model/settings.ts';
import type { Problem } from '../model/world.ts';
import type { Clock } from '../ports.ts';

/** PEM of the certificates in a file. Rejects with `gitlab.ca-unreadable`. */
export type ReadCertificate = (file: string) => Promise<string>;

export interface CaFile {
  /** `null`: the settings name none, or it could not be read yet. A file that is gone keeps what was read last. */
  of(gitlab: GitlabSettings): string | null;
  /** Why it cannot be read; `null`: it can, or there is none. */
  issue(): Issue | null;
}

export interface CaFileOptions {
  readonly read: ReadCertificate;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** What is in it, or why it cannot be read, is another than before. */
  readonly onChange: () => void;
}

/** Milliseconds between two looks at the file. */
const lookMs = 5_000;

interface Known {
  readonly file: string | null;
  readonly pem: string | null;
  readonly problem: Problem | null;
}

const nothing: Known = { file: null, pem: null, problem: null };

/** Looks whenever it is asked and has not looked lately. */
export function createCaFile({ read, clock, onChange }: CaFileOptions): CaFile {
  let known = nothing;
  let lookedAt = -Infinity;
  const look = async (file: string): Promise<void> => {
    const before = known;
    const seen = await read(file).then(
      (pem): Known => ({ file, pem, problem: null }),
      (error: unknown): Known => ({ file, pem: before.pem, problem: problemOf(error) }),
    );
    if (known !== before) return;
    known = seen;
    if (seen.pem !== before.pem || seen.problem?.message !== before.problem?.message) onChange();
  };
  return {
    of: (gitlab) => {
      const file = gitlab.kind === 'server' ? gitlab.ca : null;
      if (file !== known.file) {
        known = { ...nothing, file };
        lookedAt = -Infinity;
      }
      if (file !== null && clock.monotonic() - lookedAt >= lookMs) {
        lookedAt = clock.monotonic();
        void look(file);
      }
      return known.pem;
    },
    issue: () => {
      const { file, pem, problem } = known;
      if (file === null || problem === null) return null;
      return { ...problem, severity: pem === null ? 'error' : 'warning', subject: `file ${file}` };
    },
  };
}
