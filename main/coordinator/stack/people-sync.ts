// Brings GitLab's people into step with the lab's: what is done is remembered before and after it.
import { z } from 'zod';
import type { GitlabPeople } from '../../access-ports.ts';
import { assertNever } from '../../model/assert.ts';
import { AutoGitError, toAutoGitError } from '../../errors.ts';
import { isAdmin, memoryOf, nothingAsked, withMemory } from '../../model/person.ts';
import type { Asked, PeopleMemory, Person } from '../../model/person.ts';
import { groupsToSee, planPeople, remember, settleMemory } from '../../plan/people/plan-people.ts';
import type { PeopleAction, PeoplePlan, PeopleWorld } from '../../plan/people/plan-people.ts';
import type { Secrets } from '../../ports.ts';
import type { AutheliaProgram } from '../../apply/stack/authelia-program.ts';
import { heedStop, stackSecret } from '../../apply/stack/context.ts';

/** Somebody who was made in one round gets into groups in the next. */
const rounds = 3;

/** Its container may be starting. */
export const autheliaFailed = 'user.authelia-failed';

export interface PeopleTools {
  readonly gitlab: GitlabPeople;
  readonly authelia: Pick<AutheliaProgram, 'subjects' | 'addSubject'>;
  readonly secrets: Pick<Secrets, 'get' | 'set'>;
  readonly lab: string;
  readonly signal: AbortSignal;
  readonly asked: Asked;
}

export interface SyncedPeople {
  /** What was done or, of a look, what would be. */
  readonly actions: readonly PeopleAction[];
  /** How things stand after it. */
  readonly plan: PeoplePlan;
  /** What GitLab or Authelia refused, by name. */
  readonly refused: ReadonlyMap<string, AutoGitError>;
}

const memorySchema = z.record(
  z.string(),
  z.object({
    subject: z.string().nullable(),
    sure: z.boolean().default(false),
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

/** What AutoGit has done for people at GitLab so far. Throws `user.memory-invalid`. */
export function readMemory({
  secrets,
  lab,
}: Pick<Remembering, 'lab'> & { readonly secrets: Pick<Secrets, 'get'> }): PeopleMemory {
  const text = secrets.get(stackSecret(lab, memoryName));
  if (text === null) return {};
  try {
    return memorySchema.parse(JSON.parse(text));
  } catch (cause) {
    // Taken for nothing it would be written over, and with it who was taken out.
    throw new AutoGitError({
      key: 'user.memory-invalid',
      message:
        'What AutoGit has done for the people of the lab so far cannot be read. GitLab was not changed.',
      next: "A newer AutoGit may have written it: use that one; otherwise put AutoGit's home back from a backup.",
      cause,
    });
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
  { memory, asked = nothingAsked }: { readonly memory: PeopleMemory; readonly asked?: Asked },
): Promise<{ readonly world: PeopleWorld; readonly plan: PeoplePlan }> {
  const [self, known, groups] = [
    await gitlab.self(),
    await gitlab.people(),
    await gitlab.groups(groupsToSee(people, memory)),
  ];
  const world = { people, gitlab: known, groups, self, memory, asked };
  return { world, plan: planPeople(world) };
}

/**
 * Safe to do again after a kill at any instant. What GitLab or Authelia refuses about one person does not keep the others.
 * Rejects with the errors of GitLab when it does not answer, with those of Compose, and with the signal's reason.
 */
export async function syncPeople(people: readonly Person[], tools: PeopleTools): Promise<SyncedPeople> {
  const done: PeopleAction[] = [];
  const unknown = await learnSubjects(people, tools);
  const refused = new Map(unknown);
  for (let round = 1; ; round += 1) {
    heedStop(tools.signal);
    const { world, plan } = await lookAtPeople(people, tools.gitlab, {
      ...{ memory: readMemory(tools), asked: tools.asked },
    });
    const open = plan.actions.filter((action) => !refused.has(nameOf(action)));
    if (open.length === 0 || round > rounds) {
      // Read again: what was noted since the look stays.
      const present = { ...world, memory: readMemory(tools) };
      await keepMemory(settled(present, plan, new Set(unknown.keys())), tools);
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

/** Of whom Authelia does not say whom it means, nobody knows for sure which account is theirs: they stay as they are. */
function settled(
  world: PeopleWorld,
  { accounts }: Pick<PeoplePlan, 'accounts'>,
  unknown: ReadonlySet<string>,
): PeopleMemory {
  const known = Object.entries(settleMemory(world, accounts)).filter(([name]) => !unknown.has(name));
  const kept = Object.entries(world.memory).filter(([name]) => unknown.has(name));
  return Object.fromEntries([...known, ...kept]);
}

/** By it GitLab's accounts are found, whatever address they have. Resolves with those whom Authelia could not be asked about. */
async function learnSubjects(
  people: readonly Person[],
  tools: PeopleTools,
): Promise<ReadonlyMap<string, AutoGitError>> {
  const memory = readMemory(tools);
  const unknown = people.map(({ name }) => name).filter((name) => memoryOf(memory, name).subject === null);
  if (unknown.length === 0) return new Map();
  try {
    const subjects = await tools.authelia.subjects();
    const learned = people.flatMap(({ name }) => {
      const subject = subjects.get(name);
      return subject === undefined ? [] : [[name, { ...memoryOf(memory, name), subject }] as const];
    });
    await keepMemory({ ...memory, ...Object.fromEntries(learned) }, tools);
    return new Map();
  } catch (error) {
    const problem = toAutoGitError(error);
    if (problem.key !== autheliaFailed) throw error;
    return new Map(unknown.map((name) => [name, problem]));
  }
}

/** `null`: done. What GitLab or Authelia refuses is told; that GitLab does not answer is thrown. */
async function carryOut(
  action: PeopleAction,
  people: readonly Person[],
  tools: PeopleTools,
): Promise<AutoGitError | null> {
  const name = nameOf(action);
  const person = people.find((one) => one.name === name) ?? null;
  const needsSubject = action.kind === 'create' || action.kind === 'link';
  try {
    const subject = needsSubject ? await subjectOf(name, tools) : null;
    // What AutoGit may undo is known before it is done: a kill in between leaves nothing that nobody undoes.
    if (givesSomething(action)) await note(action, { person, subject }, tools);
    await deed(action, subject ?? '', tools.gitlab);
    await note(action, { person, subject }, tools);
    return null;
  } catch (error) {
    const problem = toAutoGitError(error);
    if (problem.key === 'gitlab.refused' || problem.key === autheliaFailed) return problem;
    throw error;
  }
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
  await keepMemory(withMemory(memory, name, remember(memoryOf(memory, name), action, about)), tools);
}

async function subjectOf(name: string, tools: PeopleTools): Promise<string> {
  return memoryOf(readMemory(tools), name).subject ?? tools.authelia.addSubject(name);
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
