// In which order the parts of a backup are gathered, how, and what that costs: data, for the code and for people alike.
import type { BackupPart } from '../../model/backup/manifest.ts';
import type { ServedGitlab } from './context.ts';

/** One step of gathering. */
export interface BackupOrderStep {
  readonly part: BackupPart;
  /** What is done, in a sentence. */
  readonly how: string;
  /** For how long something is away, in seconds; 0: nothing is. */
  readonly awaySeconds: number;
}

const how: Readonly<Record<BackupPart, string>> = {
  home: "Settings, state, secrets, the stack's files and templates are copied first, the database by SQLite's own online copy.",
  sandbox:
    'The sandbox copies its database at one moment, then what each repository named and its objects, then artifacts and logs; pushes and jobs go on.',
  gitlab:
    'GitLab makes its own backup while it serves: database first, then repositories, then uploads, LFS objects, artifacts, packages and images; its secrets and host keys come last.',
  services:
    "The data of Authelia, Traefik and the others is copied last, each SQLite database until two copies in a row are the same; logs and Authelia's sessions are left out.",
};

/** Parts in order. Nothing is stopped: what is named by what was gathered first is there when the rest is gathered. */
export function partsOf(served: ServedGitlab, hasStack: boolean): readonly BackupPart[] {
  switch (served) {
    case 'sandbox':
      return ['home', 'sandbox'];
    case 'stack':
      return ['home', 'gitlab', 'services'];
    case 'elsewhere':
    case 'none':
      return hasStack ? ['home', 'services'] : ['home'];
  }
}

/** The same for people. */
export function backupOrder(served: ServedGitlab, hasStack: boolean): readonly BackupOrderStep[] {
  return partsOf(served, hasStack).map((part) => ({ part, how: how[part], awaySeconds: 0 }));
}
