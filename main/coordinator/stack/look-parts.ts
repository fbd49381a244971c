// What looking at a stack and at its machine needs of the core.
import type { RenderedStack, StackFacts, StackPresent } from '../../model/stack/stack.ts';
import type { StackSurroundings } from '../../model/stack/surroundings.ts';
import type { Compose, LookAtDoor, Resolver, StackFolder, StackJournal } from '../../stack-ports.ts';
import type { Finding } from '../../checks/hardware/check.ts';
import type { RequestContext } from '../requests.ts';

/** The stack that is or was up here. */
export interface PresentStack {
  /** As its answers make it on this machine; `null`: they are no longer accepted. */
  readonly stack: RenderedStack | null;
  readonly present: StackPresent;
}

export interface StackLookParts {
  readonly journal: Pick<StackJournal, 'current' | 'standing'>;
  readonly compose: Pick<Compose, 'version'>;
  readonly folder: Pick<StackFolder, 'pathOf' | 'look' | 'makeData' | 'read'>;
  readonly resolver: Resolver;
  readonly lookAtDoor: LookAtDoor;
  /** The ways to Let's Encrypt's certificates that have worked for a lab; missing: none. */
  readonly provenWays?: (lab: string) => readonly string[];
  /** What a service of a stack has printed, newest last. Rejects like Compose. */
  readonly logOf?: (lab: string, service: string) => Promise<string>;
  /** What around Authelia decides whether it starts; missing: nobody looks. Never rejects. */
  readonly lookAtAuthelia?: (
    stack: RenderedStack,
    hasRun: boolean,
  ) => Promise<Pick<StackSurroundings, 'people' | 'unreached'>>;
  /** `null`: there is none. */
  present(facts: StackFacts): Promise<PresentStack | null>;
  /** What there is of a stack that is about to come up. */
  presentOf(stack: RenderedStack): Promise<StackPresent>;
  /** What is wrong with a certificate that the person has; missing: nobody looks. Never rejects. */
  ownFindings?(stack: RenderedStack): Promise<readonly Finding[]>;
  /** Restarts these services and resolves when they are healthy. Rejects like a run. */
  restart(services: readonly string[]): Promise<void>;
  /**
   * Brings the stack up once more with its last answers, and restarts those of these services that this does not start
   * anew. Rejects like a run.
   */
  up(services: readonly string[]): Promise<void>;
}

/** Of a request's context, what a look at a stack needs. */
export type StackLookContext = Pick<
  RequestContext,
  'engines' | 'settings' | 'coordinator' | 'probe' | 'clock' | 'stackLook' | 'restartLooks'
>;
