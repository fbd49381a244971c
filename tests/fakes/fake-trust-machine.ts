// A Debian machine in memory with stores of roots: its files, its programs that keep them, and the hands that change them.
import type { ChangeStore } from '../../main/access-ports.ts';
import { AutoGitError } from '../../main/errors.ts';
import { assertNever } from '../../main/model/assert.ts';
import { certificateArgument } from '../../main/model/trust.ts';
import type { StoreStep } from '../../main/model/trust.ts';
import type { Probe, ProbeSelf, Ran } from '../../main/probe-port.ts';
import { ended, fakeProbe } from './hardware.ts';

const anchors = '/usr/local/share/ca-certificates';
const bundle = '/etc/ssl/certs/ca-certificates.crt';

interface Listed {
  readonly text: string;
  readonly flags: string;
}

export class FakeTrustMachine {
  readonly files = new Map<string, string>([
    [bundle, ''],
    ['/etc/debian_version', '12.1\n'],
    ['/etc/os-release', 'ID=debian\n'],
    ['/usr/sbin/update-ca-certificates', ''],
  ]);
  /** By folder, then nickname. */
  readonly databases = new Map<string, Map<string, Listed>>();
  readonly self: Partial<ProbeSelf> = { uid: 0, user: 'root', home: '/root' };
  /** Steps that were done, and those that fail with these words. */
  readonly done: StoreStep[] = [];
  readonly failing = new Map<string, string>();
  /** Of folders that are not its user's. */
  readonly owners = new Map<string, number>();
  hasCertutil = true;
  /** Everything seems to succeed, and nothing changes. */
  isDeaf = false;

  constructor(self: Partial<ProbeSelf> = {}) {
    this.self = { ...this.self, ...self };
  }

  addDatabase(folder: string): void {
    this.files.set(`${folder}/cert9.db`, '');
    this.databases.set(folder, new Map());
  }

  /** As it is when asked: what was changed since shows. */
  readonly probe: Probe = {
    ...fakeProbe({}),
    self: () => fakeProbe({ self: this.self }).self(),
    readFile: async (path) => this.files.get(path) ?? null,
    list: (folder) => fakeProbe({ files: Object.fromEntries(this.files) }).list(folder),
    stat: async (path) =>
      [...this.files.keys()].some((file) => file === path || file.startsWith(`${path}/`))
        ? { owner: this.owners.get(path) ?? this.self.uid ?? 0, group: 0, mode: 0o644 }
        : null,
    run: async (program, args) => (program === 'certutil' ? this.#certutil(args) : { outcome: 'missing' }),
  };

  readonly changeStore: ChangeStore = async (steps) => {
    for (const step of steps) {
      if (!this.isDeaf) this.#take(step);
      this.done.push(step);
    }
  };

  #take(step: StoreStep): void {
    switch (step.do) {
      case 'write':
        this.#refuse(step.path);
        this.files.set(step.path, step.content);
        return;
      case 'remove':
        this.#refuse(step.path);
        this.files.delete(step.path);
        return;
      case 'folder':
        return;
      case 'run':
        this.#refuse(step.program);
        this.#run(step.program, step.args, step.certificate ?? '');
        return;
      default:
        return assertNever(step);
    }
  }

  #refuse(what: string): void {
    const words = [...this.failing].find(([part]) => what.includes(part))?.[1];
    if (words !== undefined)
      throw new AutoGitError({ key: 'trust.step-failed', message: words, next: 'Mend it.' });
  }

  #run(program: string, args: readonly string[], certificate: string): void {
    if (program.endsWith('update-ca-certificates')) {
      const texts = [...this.files]
        .filter(([path]) => path.startsWith(`${anchors}/`))
        .map(([, text]) => text);
      this.files.set(bundle, texts.join(''));
      return;
    }
    const valueOf = (flag: string): string => args[args.indexOf(flag) + 1] ?? '';
    const folder = valueOf('-d').replace('sql:', '');
    if (args.includes('-N')) this.addDatabase(folder);
    const database = this.databases.get(folder);
    if (args.includes('-A') && args.includes(certificateArgument))
      database?.set(valueOf('-n'), { text: certificate, flags: valueOf('-t') });
    if (args.includes('-D')) database?.delete(valueOf('-n'));
  }

  #certutil(args: readonly string[]): Ran {
    if (!this.hasCertutil) return { outcome: 'missing' };
    const valueOf = (flag: string): string => args[args.indexOf(flag) + 1] ?? '';
    const database = this.databases.get(valueOf('-d').replace('sql:', ''));
    if (!args.includes('-L') || database === undefined) return ended('', 255);
    if (args.includes('-n')) return ended(database.get(valueOf('-n'))?.text ?? '');
    const rows = [...database].map(([nickname, { flags }]) => `${nickname.padEnd(60)} ${flags}`);
    return ended(
      ['', 'Certificate Nickname          Trust Attributes', 'SSL,S/MIME,JAR/XPI', '', ...rows, ''].join(
        '\n',
      ),
    );
  }
}

/** PEM of something that stands for a certificate: the same for the same text. */
export function somePem(text: string): string {
  const body = Buffer.from(`a certificate: ${text}`).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
}
