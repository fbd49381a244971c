// The journal of stacks in memory; what it keeps outlives the core.
import type { StackAnswers } from '../../main/model/stack/answers.ts';
import type { SignInRecord } from '../../main/model/stack/sign-in-test.ts';
import type { StackFailure, StackRun, StackStepRecord } from '../../main/model/stack/stack.ts';
import type { FormerLab, StackJournal, StackStanding } from '../../main/stack-ports.ts';
import { StackFaults } from './fake-stack-faults.ts';

/** The port's in-memory twin; `tests/unit/adapters/store/stack.test.ts` holds both to the same. */
export class FakeStackJournal implements StackJournal {
  readonly faults: StackFaults;
  #runs: readonly StackRun[] = [];
  readonly #written = new Map<string, Readonly<Record<string, string>>>();
  readonly #started = new Map<string, Readonly<Record<string, string>>>();
  readonly #unfinished = new Map<string, ReadonlySet<string>>();
  #current: StackAnswers | null = null;
  #former: readonly FormerLab[] = [];
  #labs: readonly FormerLab[] = [];
  #standing: StackStanding | null = null;
  #signIn: SignInRecord | null = null;

  constructor(faults: StackFaults = new StackFaults()) {
    this.faults = faults;
  }

  runs(): readonly StackRun[] {
    return this.#runs;
  }

  begin({ verb, answers, wish, at }: Parameters<StackJournal['begin']>[0]): number {
    return this.faults.at('journal.begin', () => {
      this.#runs = this.#runs.map((run) =>
        run.endedAt === null ? { ...run, endedAt: at, outcome: 'interrupted' } : run,
      );
      const id = this.#runs.length + 1;
      const restarts = this.#runs.at(-1)?.restarts ?? [];
      const begun = {
        id,
        verb,
        answers,
        wish,
        startedAt: at,
        endedAt: null,
        outcome: null,
        steps: [],
        ...(restarts.length === 0 ? {} : { restarts }),
      };
      this.#runs = [...this.#runs, begun];
      return id;
    });
  }

  open(): StackRun | null {
    return this.faults.at('journal.open', () => this.#runs.find(({ endedAt }) => endedAt === null) ?? null);
  }

  last(verb?: StackRun['verb']): StackRun | null {
    return this.faults.at(
      'journal.last',
      () => this.#runs.findLast((run) => verb === undefined || run.verb === verb) ?? null,
    );
  }

  stepBegan(run: number, step: StackStepRecord['step'], at: number): void {
    this.faults.at(`journal.stepBegan ${step}`, () =>
      this.#change(run, ({ steps }) => ({
        steps: [...steps.filter((one) => one.step !== step), { step, startedAt: at, endedAt: null }],
      })),
    );
  }

  stepEnded(run: number, step: StackStepRecord['step'], at: number): void {
    this.faults.at(`journal.stepEnded ${step}`, () =>
      this.#change(run, ({ steps }) => ({
        steps: steps.map((one) => (one.step === step ? { ...one, endedAt: at } : one)),
      })),
    );
  }

  failed(run: number, failure: StackFailure): void {
    this.faults.at('journal.failed', () =>
      this.#change(run, (before) => ({ failure: before.failure ?? failure })),
    );
  }

  setRestarts(run: number, services: readonly string[]): void {
    this.faults.at('journal.setRestarts', () => this.#change(run, () => ({ restarts: services })));
  }

  end(run: number, outcome: string, at: number): void {
    this.faults.at(`journal.end ${outcome}`, () => this.#change(run, () => ({ outcome, endedAt: at })));
  }

  written(lab: string): Readonly<Record<string, string>> {
    return this.faults.at('journal.written', () => this.#written.get(lab) ?? {});
  }

  writing(lab: string, path: string): void {
    this.faults.at(`journal.writing ${path}`, () => {
      this.#unfinished.set(lab, new Set([...(this.#unfinished.get(lab) ?? []), path]));
    });
  }

  unfinished(lab: string): readonly string[] {
    return this.faults.at('journal.unfinished', () => [...(this.#unfinished.get(lab) ?? [])]);
  }

  wrote(lab: string, path: string, hash: string | null): void {
    this.faults.at(`journal.wrote ${path}`, () => {
      this.#unfinished.set(
        lab,
        new Set([...(this.#unfinished.get(lab) ?? [])].filter((one) => one !== path)),
      );
      const others = Object.entries(this.#written.get(lab) ?? {}).filter(([one]) => one !== path);
      this.#written.set(lab, Object.fromEntries(hash === null ? others : [...others, [path, hash]]));
    });
  }

  started(lab: string): Readonly<Record<string, string>> {
    return this.faults.at('journal.started', () => this.#started.get(lab) ?? {});
  }

  setStarted(lab: string, services: Readonly<Record<string, string>>): void {
    this.faults.at('journal.setStarted', () => void this.#started.set(lab, services));
  }

  current(): StackAnswers | null {
    return this.faults.at('journal.current', () => this.#current);
  }

  setCurrent(answers: StackAnswers | null): void {
    this.faults.at('journal.setCurrent', () => {
      this.#current = answers;
    });
  }

  former(): readonly FormerLab[] {
    return this.faults.at('journal.former', () => this.#former);
  }

  setFormer(labs: readonly FormerLab[]): void {
    this.faults.at('journal.setFormer', () => {
      this.#former = labs;
    });
  }

  labs(): readonly FormerLab[] {
    return this.faults.at('journal.labs', () => this.#labs);
  }

  setLabs(labs: readonly FormerLab[]): void {
    this.faults.at('journal.setLabs', () => {
      this.#labs = labs;
    });
  }

  standing(): StackStanding | null {
    return this.faults.at('journal.standing', () => this.#standing);
  }

  setStanding(standing: StackStanding | null): void {
    this.faults.at('journal.setStanding', () => {
      this.#standing = standing;
    });
  }

  signInTests(): SignInRecord | null {
    return this.#signIn;
  }

  setSignInTests(record: SignInRecord): void {
    this.#signIn = record;
  }

  #change(id: number, change: (run: StackRun) => Partial<StackRun>): void {
    this.#runs = this.#runs.map((run) => (run.id === id ? { ...run, ...change(run) } : run));
  }
}
