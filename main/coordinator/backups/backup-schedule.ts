// Which rules in time the settings have, what is remembered of each, and what of them is due.
import type { BackupRun } from '../../model/backup/backup.ts';
import type { BackupSettings } from '../../model/backup/settings.ts';
import { pulledBack, startOf } from '../../plan/backups/due.ts';
import type { DueRule, DueVerb, RuleMemory } from '../../plan/backups/due.ts';
import { newestTime, nextTime, readWhen } from '../../plan/backups/when.ts';
import type { When } from '../../plan/backups/when.ts';
import { zoneOf } from './backup-ground.ts';
import type { BackupGround } from './backup-ground.ts';
import type { MemoryKeeper } from './backup-memory.ts';

interface WantedRule {
  readonly key: string;
  readonly verb: DueVerb;
  readonly schedule: string | null;
  readonly text: string;
  readonly targets: readonly string[];
}

/** The rules that are on, as they are written. */
function wantedRules({ schedules, targets, verify, drill, prune }: BackupSettings): readonly WantedRule[] {
  const all = targets.map(({ name }) => name);
  if (all.length === 0) return [];
  const creating = schedules
    .filter(({ on }) => on)
    .map(({ name, when, targets: named }): WantedRule => {
      const meant = named.length === 0 ? all : named.filter((one) => all.includes(one));
      return { key: keyOf('create', name), verb: 'create', schedule: name, text: when, targets: meant };
    });
  const others = Object.entries({ verify, drill, prune } as const).map(([verb, text]): WantedRule => ({
    key: verb,
    verb: verb === 'verify' || verb === 'drill' ? verb : 'prune',
    ...{ schedule: null, text, targets: all },
  }));
  return [...creating, ...others];
}

/** By what a rule is remembered. */
export function keyOf(verb: BackupRun['verb'], schedule: string | null): string {
  return schedule === null ? verb : `${verb} ${schedule}`;
}

export interface RulesNow {
  readonly rules: readonly DueRule[];
  readonly bad: readonly { readonly name: string; readonly problem: string }[];
}

/** The rules with what is remembered of them; one that is new counts from now on, and is remembered so. */
export function rulesNow(
  { wanted, clock }: Pick<BackupGround, 'wanted' | 'clock'>,
  memory: MemoryKeeper,
  isThere: (target: string) => boolean = () => true,
): RulesNow {
  const now = clock.now();
  const read = wantedRules(wanted()).map((rule) => ({ rule, when: readWhen(rule.text) }));
  const good = read.flatMap(({ rule, when }) => (when.ok ? [{ rule, when: when.when }] : []));
  remember(good, memory, now);
  return {
    rules: good.map(({ rule: { key, verb, schedule, targets }, when }) => ({
      ...{ key, verb, schedule, when, targets: targets.filter(isThere) },
      memory: memoryOf(memory, key, when, now),
    })),
    bad: read.flatMap(({ rule, when }) =>
      when.ok ? [] : [{ name: rule.schedule ?? rule.verb, problem: when.problem }],
    ),
  };
}

function memoryOf(memory: MemoryKeeper, key: string, { cron }: When, now: number): RuleMemory {
  const known = memory.read().rules[key];
  return known?.cron === cron
    ? pulledBack(known, now)
    : { settledAt: now, failures: 0, failedAt: null, failedTargets: [] };
}

/** New and changed rules begin now; of those that are gone nothing stays. */
function remember(
  rules: readonly { readonly rule: WantedRule; readonly when: When }[],
  memory: MemoryKeeper,
  now: number,
): void {
  memory.change((before) => {
    const next = Object.fromEntries(
      rules.map(({ rule: { key }, when }) => {
        const known = before.rules[key];
        const own = memoryOf(memory, key, when, now);
        const isSame =
          known?.cron === when.cron && known.settledAt === own.settledAt && known.failedAt === own.failedAt;
        return [key, isSame ? known : { ...own, failedTargets: [...own.failedTargets], cron: when.cron }];
      }),
    );
    const keys = Object.keys(next);
    const isSame =
      keys.length === Object.keys(before.rules).length &&
      keys.every((key) => before.rules[key] === next[key]);
    return isSame ? before : { ...before, rules: next };
  });
}

/** Changes what is remembered of a rule; one that is gone stays gone. */
export function changeRule(
  key: string,
  change: (rule: RuleMemory) => RuleMemory,
  memory: MemoryKeeper,
): void {
  memory.change((before) => {
    const known = before.rules[key];
    if (known === undefined) return before;
    const next = change(known);
    return {
      ...before,
      rules: {
        ...before.rules,
        [key]: { ...next, failedTargets: [...next.failedTargets], cron: known.cron },
      },
    };
  });
}

export interface NextRun {
  readonly verb: DueVerb;
  readonly schedule: string | null;
  readonly words: string;
  readonly at: number;
}

/** When each rule comes next, soonest first. */
export function nextRuns(
  rules: readonly DueRule[],
  { wanted, clock, store }: Pick<BackupGround, 'wanted' | 'clock' | 'store'>,
): readonly NextRun[] {
  const settings = wanted();
  const zone = zoneOf(settings);
  const ground = { zone, instance: store.instance, jitterMinutes: settings.jitterMinutes };
  return rules
    .flatMap((rule) => {
      const due = nextTime(rule.when, zone, Math.max(rule.memory.settledAt, clock.now()));
      if (due === null) return [];
      const { verb, schedule, when } = rule;
      return [{ verb, schedule, words: when.words, at: startOf(due, rule, ground) }];
    })
    .toSorted((a, b) => a.at - b.at);
}

/** The newest due time of any backup, settled or not, since `since`; `null`: none has come yet. */
export function lastDueOf(
  rules: readonly DueRule[],
  { wanted, clock }: Pick<BackupGround, 'wanted' | 'clock'>,
  since: number | null,
): { readonly at: number; readonly words: string } | null {
  const zone = zoneOf(wanted());
  const now = clock.now();
  const found = rules.flatMap(({ verb, when }) => {
    const at = verb === 'create' && since !== null ? newestTime(when, zone, since, now) : null;
    return at === null ? [] : [{ at, words: when.words }];
  });
  return found.toSorted((a, b) => b.at - a.at)[0] ?? null;
}
