// NVIDIA's cards: one nvidia-smi that stays while somebody watches closely, one for each look otherwise.
import type { GpuMetrics, GpuProcess, Xid } from '../model/gpu-metrics.ts';
import type { Issue } from '../model/issue.ts';
import type { Clock } from '../ports.ts';
import type { LoopProgram } from '../probe-port.ts';
import type { HardwareSource, Need } from './hardware-source.ts';
import { SideQuestion } from './side-question.ts';
import type { Kept } from './side-question.ts';

/** What a look at the cards is made of; given, so that this knows no tool. */
export interface NvidiaLook {
  /** One table; `isNew`: of all that the newest drivers know. Never rejects. */
  ask(at: number, isNew: boolean): Promise<NvidiaTable>;
  /** Starts a tool that stays and prints table after table; `null`: there is none. */
  readonly follow:
    | ((isNew: boolean, everyMs: number, onTable: (metrics: readonly GpuMetrics[]) => void) => LoopProgram)
    | null;
  /** Programs by the id of their card; `null`: not told. May be slow. Never rejects. */
  programs(): Promise<ReadonlyMap<string, readonly GpuProcess[]> | null>;
  /** Errors by the id of their card, of all that the log could name; `null`: it cannot be read. May be slow. Never rejects. */
  xids(at: number): Promise<ReadonlyMap<string, readonly Xid[]> | null>;
}

export interface NvidiaTable {
  readonly metrics: readonly GpuMetrics[];
  readonly issue: Issue | null;
  /** Whether this driver knows all that is asked for. */
  readonly isNew: boolean;
}

/** Shorter than this, starting the tool again and again costs more than letting it stay. Milliseconds. */
const closeMs = 5_000;
/**
 * A start that takes longer is slow: then the tool stays also for seldom looks, of which one every 30 s is to cost less
 * than 0.2 % of a core. Milliseconds.
 */
const slowStartMs = 50;
/**
 * Without persistence, each look makes the driver take the card up and hold it awake: no oftener than this while no job
 * has it. https://github.com/pop-os/system76-power/issues/492 Milliseconds.
 */
const withoutPersistenceMs = 30_000;
/** Each question is a start of its own: no oftener than this, nor than with every fourth look. Milliseconds. */
const programsMs = 10_000;
const xidsMs = 60_000;
/** A tool that stays and prints nothing for so long, or three times what it was asked for, hangs. Milliseconds. */
const silenceMs = 10_000;
/** After so many ends in a row, it is asked look by look for a while. */
const mostFailures = 3;
const loopPauseMs = 600_000;

const notYet = 'it was asked for, and there is no answer yet';
const unlisted = 'nvidia-smi does not list them';
const closedLog = 'this user may not read the log of the kernel';
const unnamed = 'the log of the kernel here does not name this card';

interface Loop {
  readonly program: LoopProgram;
  readonly everyMs: number;
  /** When it last printed a table, or was started. */
  lastAt: number;
}

/** For the first answer to such a question. Milliseconds. */
const firstMs = 1_000;

export class NvidiaSource implements HardwareSource<readonly GpuMetrics[]> {
  readonly #look: NvidiaLook;
  readonly #clock: Clock;
  /** For cards of which nothing comes. */
  readonly #unread: (issue: Issue | null) => readonly GpuMetrics[];
  #table: Kept<NvidiaTable> | null = null;
  #startMs = 0;
  #loop: Loop | null = null;
  #failures = 0;
  #loopPausedUntil = 0;
  /** Raised when nobody asks any more: what a look of before says then is not the present. */
  #generation = 0;
  readonly #programs: SideQuestion<ReadonlyMap<string, readonly GpuProcess[]> | null>;
  readonly #xids: SideQuestion<ReadonlyMap<string, readonly Xid[]> | null>;

  constructor(look: NvidiaLook, clock: Clock, unread: (issue: Issue | null) => readonly GpuMetrics[]) {
    this.#look = look;
    this.#clock = clock;
    this.#unread = unread;
    this.#programs = new SideQuestion(() => look.programs(), clock);
    this.#xids = new SideQuestion(() => look.xids(clock.now()), clock);
  }

  async read(need: Need): Promise<readonly GpuMetrics[]> {
    const everyMs = this.#everyMs(need);
    if (this.#wantsLoop(everyMs, need)) this.#keepLoop(everyMs);
    else this.#endLoop();
    const age = this.#table === null ? Infinity : this.#clock.monotonic() - this.#table.at;
    // What stays answers by itself; a tenth is left for a clock that wakes a little early.
    if (this.#loop === null && age >= everyMs * 0.9) await this.#ask();
    return this.#compose(everyMs);
  }

  rest(): void {
    this.#endLoop();
    this.#table = null;
    this.#generation += 1;
    this.#programs.forget();
    this.#xids.forget();
  }

  #everyMs(need: Need): number {
    return this.#mayRest(need) ? Math.max(need.intervalMs, withoutPersistenceMs) : need.intervalMs;
  }

  /** Without persistence and without a job, the driver lets go of the card when nobody looks. */
  #mayRest({ hasJob }: Need): boolean {
    return !hasJob && this.#table?.value.metrics.some(({ persistence }) => persistence === false) === true;
  }

  /** Only after a look of its own has gone well, and never to keep a card awake that may rest. */
  #wantsLoop(everyMs: number, need: Need): boolean {
    const isWell = this.#table !== null && this.#table.value.issue === null;
    const isWorth = everyMs <= closeMs || this.#startMs > slowStartMs;
    const isPaused = this.#clock.monotonic() < this.#loopPausedUntil;
    return isWell && isWorth && !isPaused && !this.#mayRest(need);
  }

  async #ask(): Promise<void> {
    const [begun, generation] = [this.#clock.monotonic(), this.#generation];
    const last = this.#table?.value;
    // After trouble, the driver may be another one.
    const isNew = last === undefined || last.issue !== null || last.isNew;
    const value = await this.#look.ask(this.#clock.now(), isNew);
    if (generation !== this.#generation) return;
    this.#startMs = this.#clock.monotonic() - begun;
    this.#table = { value, at: this.#clock.monotonic() };
  }

  #keepLoop(everyMs: number): void {
    const now = this.#clock.monotonic();
    const silent =
      this.#loop !== null && now - this.#loop.lastAt > Math.max(silenceMs, this.#loop.everyMs * 3);
    if (silent) {
      this.#fail();
      return;
    }
    if (this.#loop !== null && this.#loop.everyMs !== everyMs) this.#endLoop();
    const { follow } = this.#look;
    if (this.#loop !== null || follow === null || now < this.#loopPausedUntil) return;
    const isNew = this.#table?.value.isNew ?? true;
    const program = follow(isNew, everyMs, (metrics) => this.#take(program, metrics, isNew));
    this.#loop = { program, everyMs, lastAt: now };
    void program.ended.then(() => {
      if (this.#loop?.program === program) this.#fail();
    });
  }

  #take(program: LoopProgram, metrics: readonly GpuMetrics[], isNew: boolean): void {
    if (this.#loop?.program !== program) return;
    const at = this.#clock.monotonic();
    this.#loop.lastAt = at;
    this.#failures = 0;
    this.#table = { value: { metrics, issue: null, isNew }, at };
  }

  /** It hangs, or has ended by itself. What it said last is too old to be shown; the next look is one of its own. */
  #fail(): void {
    this.#endLoop();
    this.#table = null;
    this.#failures += 1;
    if (this.#failures < mostFailures) return;
    this.#failures = 0;
    this.#loopPausedUntil = this.#clock.monotonic() + loopPauseMs;
  }

  #endLoop(): void {
    const loop = this.#loop;
    this.#loop = null;
    loop?.program.stop();
  }

  async #compose(everyMs: number): Promise<readonly GpuMetrics[]> {
    const { metrics = [], issue = null } = this.#table?.value ?? {};
    if (issue !== null || metrics.length === 0) return this.#unread(issue);
    const [programs, xids] = await Promise.all([
      this.#programs.first(Math.max(programsMs, everyMs * 4), firstMs),
      this.#xids.first(xidsMs, firstMs),
    ]);
    const seen = metrics.map((card): GpuMetrics => {
      const processes = programs?.value == null ? null : (programs.value.get(card.id) ?? []);
      const errors = xids?.value?.get(card.id) ?? null;
      const unknown = {
        ...card.unknown,
        ...(processes === null ? { processes: programs === null ? notYet : unlisted } : {}),
        ...(errors === null
          ? { xids: xids === null ? notYet : xids.value === null ? closedLog : unnamed }
          : {}),
      };
      return { ...card, processes, xids: errors, unknown };
    });
    const missing = this.#unread(null).filter(({ id }) => !seen.some((card) => card.id === id));
    return [...seen, ...missing];
  }
}
