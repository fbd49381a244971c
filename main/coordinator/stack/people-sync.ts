// Brings GitLab's people into step with the lab's: what is done is remembered before and after it.
import { z } from 'zod';
import type { GitlabPeople } from '../../access-ports.ts';
import { assertNever } from '../../model/assert.ts';
import { toAutoGitError } from '../../errors.ts';
import type { AutoGitError } from '../../errors.ts';
import { isAdmin, noMemory } from '../../model/person.ts';
import type { PeopleMemory, Person } from '../../model/person.ts';
import { groupsToSee, planPeople, remember, settleMemory } from '../../plan/people/plan-people.ts';
import type { PeopleAction, PeoplePlan, PeopleWorld } from '../../plan/people/plan-people.ts';
import type { Secrets } from '../../ports.ts';
import type { AutheliaProgram } from '../../apply/stack/authelia-program.ts';
import { heedStop, stackSecret } from '../../apply/stack/context.ts';

/** Somebody who was made in one round gets into groups in the next. */
const rounds = 3;

export interface PeopleTools {
  readonly gitlab: GitlabPeople;
  readonly authelia: Pick<AutheliaProgram, 'subjects' | 'addSubject'>;
  readonly secrets: Pick<Secrets, 'get' | 'set'>;
  readonly lab: string;
  readonly signal: AbortSignal;
}

export interface SyncedPeople {
  /** What was done or, of a look, what would be. */
  readonly actions: readonly PeopleAction[];
  /** How things stand after it. */
  readonly plan: PeoplePlan;
  /** What GitLab refused, by name. */
  readonly refused: ReadonlyMap<string, AutoGitError>;
}

const memorySchema = z.record(
  z.string(),
  z.object({
    subject: z.string().nullable(),
    blocked: z.boolean(),
    admin: z.boolean(),
    groups: z.array(z.int()),
    told: z.object({ name: z.string(), email: z.string() }).nullable(),
    removed: z.boolean(),
  }),
);

type Remembering = Pick<PeopleTools, 'secrets' | 'lab'>;

/** It goes with the lab's data: of another GitLab nothing in it would be true. */
const memoryName = 'people';

/** What AutoGit has done for people at GitLab so far. */
export function readMemory({
  secrets,
  lab,
}: Pick<Remembering, 'lab'> & { readonly secrets: Pick<Secrets, 'get'> }): PeopleMemory {
  const text = secrets.get(stackSecret(lab, memoryName));
  if (text === null) return {};
  try {
    return memorySchema.parse(JSON.parse(text));
  } catch {
    // Nothing is AutoGit's then, and nothing is undone by itself.
    return {};
  }
}

export async function keepMemory(memory: PeopleMemory, { secrets, lab }: Remembering): Promise<void> {
  const [name, text] = [stackSecret(lab, memoryName), JSON.stringify(memory)];
  if (secrets.get(name) !== text) await secrets.set(name, text);
}

/** How GitLab's people stand, and what would be done. Changes nothing. Rejects with the errors of GitLab. */
export async function lookAtPeople(
  people: readonly Person[],
  gitlab: GitlabPeople,
  memory: PeopleMemory,
): Promise<{ readonly world: PeopleWorld; readonly plan: PeoplePlan }> {
  const [self, known, groups] = [
    await gitlab.self(),
    await gitlab.people(),
    await gitlab.groups(groupsToSee(people, memory)),
  ];
  const world = { people, gitlab: known, groups, self, memory };
  return { world, plan: planPeople(world) };
}

/**
 * Safe to do again after a kill at any instant. What GitLab refuses about one person does not keep the others. Rejects with
 * the errors of GitLab when it does not answer, with `user.authelia-failed`, and with the signal's reason.
 */
export async function syncPeople(people: readonly Person[], tools: PeopleTools): Promise<SyncedPeople> {
  const done: PeopleAction[] = [];
  const refused = new Map<string, AutoGitError>();
  await learnSubjects(people, tools);
  for (let round = 1; ; round += 1) {
    heedStop(tools.signal);
    const { world, plan } = await lookAtPeople(people, tools.gitlab, readMemory(tools));
    const open = plan.actions.filter((action) => !refused.has(nameOf(action)));
    if (open.length === 0 || round > rounds) {
      await keepMemory(settleMemory(world, plan.accounts), tools);
      return { actions: done, plan, refused };
    }
    for (const action of open) {
      heedStop(tools.signal);
      if (refused.has(nameOf(action))) continue;
      const problem = await carryOut(action, people, tools);
      if (problem === null) done.push(action);
      else refused.set(nameOf(action), problem);
    }
  }
}

export function nameOf(action: PeopleAction): string {
  return action.kind === 'create' ? action.person.name : action.name;
}

/** By it GitLab's accounts are found, whatever address they have. */
async function learnSubjects(people: readonly Person[], tools: PeopleTools): Promise<void> {
  const memory = readMemory(tools);
  if (people.every(({ name }) => (memory[name]?.subject ?? null) !== null)) return;
  const subjects = await tools.authelia.subjects();
  const learned = people.flatMap(({ name }) => {
    const subject = subjects.get(name);
    return subject === undefined ? [] : [[name, { ...(memory[name] ?? noMemory), subject }] as const];
  });
  await keepMemory({ ...memory, ...Object.fromEntries(learned) }, tools);
}

/** `null`: done. What GitLab refuses is told; that it does not answer is thrown. */
async function carryOut(
  action: PeopleAction,
  people: readonly Person[],
  tools: PeopleTools,
): Promise<AutoGitError | null> {
  const name = nameOf(action);
  const person = people.find((one) => one.name === name) ?? null;
  const needsSubject = action.kind === 'create' || action.kind === 'link';
  const subject = needsSubject ? await subjectOf(name, tools) : null;
  // What AutoGit may undo is known before it is done: a kill in between leaves nothing that nobody undoes.
  if (givesSomething(action)) await note(action, { person, subject }, tools);
  try {
    await deed(action, subject ?? '', tools.gitlab);
  } catch (error) {
    const problem = toAutoGitError(error);
    if (problem.key === 'gitlab.refused') return problem;
    throw error;
  }
  await note(action, { person, subject }, tools);
  return null;
}

function givesSomething(action: PeopleAction): boolean {
  switch (action.kind) {
    case 'create':
    case 'block':
    case 'join':
      return true;
    case 'admin':
      return action.admin;
    case 'link':
    case 'unblock':
    case 'tell':
    case 'leave':
      return false;
  }
}

async function note(
  action: PeopleAction,
  about: Parameters<typeof remember>[2],
  tools: Remembering,
): Promise<void> {
  const memory = readMemory(tools);
  const name = nameOf(action);
  await keepMemory({ ...memory, [name]: remember(memory[name] ?? noMemory, action, about) }, tools);
}

async function subjectOf(name: string, tools: PeopleTools): Promise<string> {
  return readMemory(tools)[name]?.subject ?? tools.authelia.addSubject(name);
}

function deed(action: PeopleAction, subject: string, gitlab: GitlabPeople): Promise<unknown> {
  switch (action.kind) {
    case 'create': {
      const { name, displayName, email } = action.person;
      return gitlab.create({
        username: name,
        name: displayName,
        email,
        admin: isAdmin(action.person),
        subject,
      });
    }
    case 'link':
      return gitlab.change(action.account, { subject });
    case 'block':
      return gitlab.block(action.account);
    case 'unblock':
      return gitlab.unblock(action.account);
    case 'admin':
      return gitlab.change(action.account, { admin: action.admin });
    case 'tell':
      return gitlab.change(action.account, action.change);
    case 'join':
      return gitlab.addMember(action.group, action.account);
    case 'leave':
      return gitlab.removeMember(action.group, action.account);
    default:
      return assertNever(action);
  }
}
