// Providers of names and name servers in memory.
import type { DnsProvider, DnsRecord, Resolver } from '../../main/stack-ports.ts';
import { stackFailure, StackFaults } from './fake-stack-faults.ts';

/** The port's in-memory twin: a provider with one zone. */
export class FakeDnsProvider implements DnsProvider {
  readonly faults: StackFaults;
  kept: readonly DnsRecord[];

  constructor(kept: readonly DnsRecord[] = [], faults: StackFaults = new StackFaults()) {
    this.kept = kept;
    this.faults = faults;
  }

  records(): Promise<readonly DnsRecord[]> {
    return this.faults.around('names.records', () => this.kept);
  }

  put(record: DnsRecord, { replace = false }: { readonly replace?: boolean } = {}): Promise<void> {
    return this.faults.around(`names.put ${record.name}`, () => {
      const isMeant = ({ name, type }: DnsRecord): boolean => name === record.name && type === record.type;
      const [first, ...others] = this.kept.filter(isMeant);
      if (first?.value === record.value && others.length === 0) return;
      // Everything that is there counts as made by somebody else.
      if (first !== undefined && !replace)
        throw stackFailure('names.record-differs', `${first.name} leads to ${first.value}.`);
      this.kept = [...this.kept.filter((one) => !isMeant(one)), record];
    });
  }
}

/** The port's in-memory twin: what each name server answers, by `NAME TYPE`, of all servers or by `NAME TYPE @SERVER`. */
export class FakeResolver implements Resolver {
  readonly faults: StackFaults;
  readonly answers = new Map<string, readonly string[]>();
  /** Servers that do not answer. */
  readonly silent = new Set<string>();

  constructor(faults: StackFaults = new StackFaults()) {
    this.faults = faults;
  }

  resolve(name: string, type: 'A' | 'AAAA', server: string | null): Promise<readonly string[]> {
    return this.faults.around(`names.resolve ${name}`, () => {
      if (server !== null && this.silent.has(server))
        throw stackFailure('names.no-answer', `${server} does not answer.`);
      return (
        this.answers.get(`${name} ${type} @${server ?? ''}`) ?? this.answers.get(`${name} ${type}`) ?? []
      );
    });
  }
}
