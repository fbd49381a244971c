// Carries out what AutoGit itself can do about findings. Nothing of it loses data; each is safe to do again.
import { leftoversOf } from '../../checks/stack/leftovers.ts';
import type { Finding } from '../../checks/hardware/check.ts';
import { AutoGitError, problemOf } from '../../errors.ts';
import { assertNever } from '../../model/assert.ts';
import type { Fix } from '../../model/issue.ts';
import type { StackLookContext, StackLookParts } from './look-parts.ts';
import { neighboursOf } from './look-around.ts';
import { noEngine, stackEngine } from './stack-facts.ts';

/** What has become of one fix. */
export interface FixOutcome {
  readonly key: string;
  readonly subject: string;
  readonly summary: string;
  readonly done: boolean;
  /** Why not. */
  readonly problem: string | null;
}

export interface PlannedFix {
  readonly fix: Fix;
  /** The findings that it is for. */
  readonly findings: readonly Pick<Finding, 'key' | 'subject'>[];
}

/** Each fix once: to bring a stack up mends all that it mends. */
export function planFixes(findings: readonly Finding[]): readonly PlannedFix[] {
  const withFix = findings.flatMap(({ fix, key, subject }) =>
    fix === undefined ? [] : [{ fix, key, subject }],
  );
  const groups = Map.groupBy(withFix, ({ fix }) => `${fix.deed} ${fix.target}`);
  // Folders come before what starts services in them.
  const order: readonly Fix['deed'][] = ['make-folder', 'remove-leftovers', 'apply-stack', 'restart-service'];
  return [...groups.values()]
    .flatMap((all) =>
      all[0] === undefined
        ? []
        : [{ fix: all[0].fix, findings: all.map(({ key, subject }) => ({ key, subject })) }],
    )
    .toSorted((a, b) => order.indexOf(a.fix.deed) - order.indexOf(b.fix.deed));
}

function requireParts({ stackLook }: StackLookContext): StackLookParts {
  if (stackLook !== undefined) return stackLook;
  throw new AutoGitError({
    key: 'stack.none',
    message: 'This home has no stack.',
    next: 'Make one: autogit stack plan',
  });
}

/** Ended containers of a project that is not this home's. One that runs again by now stays, and so do all. */
async function removeLeftovers(context: StackLookContext, project: string): Promise<void> {
  const asked = await stackEngine(context);
  if (asked === null) throw noEngine();
  const current = requireParts(context).journal.current();
  const own = current === null ? null : `autogit-${current.lab}`;
  const left = leftoversOf(await neighboursOf(asked.engine), own).get(project) ?? [];
  if (left.some(({ isRunning }) => isRunning))
    throw new AutoGitError({
      key: 'stack.leftovers-run',
      message: `Containers of ${project} run again: they may belong to another home of AutoGit.`,
      next: `If nobody uses them: docker compose -p ${project} down`,
    });
  for (const { id } of left) await asked.engine.removeContainer(id, { force: false });
}

/** What is done at one time. */
type Together = readonly [PlannedFix, ...PlannedFix[]];

const byRuns: readonly Fix['deed'][] = ['apply-stack', 'restart-service'];

/** A run waits until every service is well: what is gone and what is ill have to be mended by one and the same. */
function timesOf(planned: readonly PlannedFix[]): readonly Together[] {
  const [first, ...rest] = planned.filter(({ fix }) => byRuns.includes(fix.deed));
  const alone = planned.filter(({ fix }) => !byRuns.includes(fix.deed)).map((one): Together => [one]);
  return first === undefined ? alone : [...alone, [first, ...rest]];
}

async function carryOut(together: Together, context: StackLookContext): Promise<void> {
  const [{ fix }] = together;
  const { deed, target } = fix;
  const ill = together.flatMap(({ fix: one }) => (one.deed === 'restart-service' ? [one.target] : []));
  switch (deed) {
    case 'restart-service':
      return requireParts(context).restart(ill);
    case 'apply-stack':
      return requireParts(context).up(ill);
    case 'make-folder':
      await requireParts(context).folder.makeData(target, { mode: 0o755 });
      return;
    case 'remove-leftovers':
      return removeLeftovers(context, target);
    default:
      return assertNever(deed);
  }
}

/** One after the other; one that fails does not keep the others from being done. Never rejects. */
export async function applyFixes(
  planned: readonly PlannedFix[],
  context: StackLookContext,
): Promise<readonly FixOutcome[]> {
  const outcomes: FixOutcome[] = [];
  for (const together of timesOf(planned)) {
    const problem = await carryOut(together, context).then(
      () => null,
      (error: unknown) => problemOf(error).message,
    );
    for (const { fix, findings } of together) {
      const end = { summary: fix.summary, done: problem === null, problem };
      outcomes.push(...findings.map((finding) => ({ ...finding, ...end })));
    }
  }
  return outcomes;
}
