// What `stack up` would do, before anybody agrees: what has to be decided first, then services, files, images, names.
import {
  awaySentence,
  awayWords,
  filesByHand,
  otherIssues,
  planSentence,
  serviceChangeLooks,
} from '../../state/stack-plan.ts';
import type { FileDecisions, PlanService } from '../../state/stack-plan.ts';
import type { PlannedStack, StackPlan } from '../../state/stack-plan.ts';
import { count, t } from '../../language/strings.ts';
import { Badge } from '../badge.tsx';
import { Card } from '../card.tsx';
import { IssueList } from '../issue-list.tsx';
import { Fold } from './fold.tsx';
import { AskedSecrets, FilesByHand, Grants } from './plan-decisions.tsx';
import { PlanFiles } from './plan-files.tsx';
import { PlanPart } from './plan-part.tsx';
import { PlanWorld, Pulls } from './plan-world.tsx';
import styles from './plan.module.css';
import { imageSize } from './sizes.ts';

export interface PlanViewProps {
  readonly planned: PlannedStack;
  readonly decisions: FileDecisions;
  /** What to do with a file that the person has changed. */
  onDecide(path: string, decision: 'replace' | 'keep'): void;
  /** What a template wants beyond the rules is given, or taken back. */
  onGrant(grant: string, isGiven: boolean): void;
  /** A secret was given: the plan is another now. */
  onSecret(): void;
}

function ServiceRow({ service }: { readonly service: PlanService }) {
  const away = awayWords(service);
  return (
    <li className={styles.service}>
      <Badge look={serviceChangeLooks[service.change]} />
      <div className={styles.words}>
        <strong>{service.service}</strong>
        {service.why !== '' && <span className={styles.quiet}>{service.why}</span>}
      </div>
      <span className={styles.away}>{away}</span>
    </li>
  );
}

function Services({ services }: StackPlan) {
  const changed = services.filter(({ change }) => change !== 'none');
  const others = services.filter(({ change }) => change === 'none').map(({ service }) => service);
  if (changed.length === 0 && others.length === 0) return null;
  return (
    <PlanPart title={t('Services')}>
      {changed.length > 0 && (
        <Card>
          {changed.map((one) => (
            <ServiceRow key={one.service} service={one} />
          ))}
        </Card>
      )}
      {others.length > 0 && (
        <p className={styles.quiet}>
          {t('{{services}}: {{names}}.', {
            services: count(
              others.length,
              '{{n}} service goes on untouched',
              '{{n}} services go on untouched',
            ),
            names: others.join(', '),
          })}
        </p>
      )}
    </PlanPart>
  );
}

/** More than these are folded away. */
const fewAnswers = 4;

function Answers({ answers = [] }: StackPlan) {
  if (answers.length === 0) return null;
  return (
    <Fold
      title={t('Answers')}
      heading="h3"
      about={count(answers.length, '{{n}} is another than before', '{{n}} are others than before')}
      isOpen={answers.length <= fewAnswers}
    >
      <ul className={styles.changes}>
        {answers.map(({ path, from, to }) => (
          <li key={path} className={styles.change}>
            <code>{path}</code>
            <span className={styles.words}>
              <del>{from === '' ? t('none') : from}</del>
              <ins>{to === '' ? t('none') : to}</ins>
            </span>
          </li>
        ))}
      </ul>
    </Fold>
  );
}

function Plan({ plan, ...props }: PlanViewProps & { readonly plan: StackPlan }) {
  const { planned, decisions, onDecide, onGrant, onSecret } = props;
  const away = awaySentence(plan);
  const issues = otherIssues(plan);
  return (
    <>
      <div>
        <h2 className={styles.sentence}>{planSentence(plan, imageSize)}</h2>
        <p className={styles.quiet}>
          {[
            away ?? t('Nothing that runs is interrupted.'),
            t('GitLab is at {{address}}.', { address: plan.gitlabUrl }),
          ].join(' ')}
        </p>
      </div>
      {issues.length > 0 && (
        <PlanPart title={t('What stands against it, or should be known')}>
          <IssueList issues={issues} />
        </PlanPart>
      )}
      <AskedSecrets secrets={plan.askedSecrets} lab={planned.answers?.lab ?? null} onSecret={onSecret} />
      <Grants grants={plan.grants} onGrant={onGrant} />
      <FilesByHand files={filesByHand(plan)} decisions={decisions} onDecide={onDecide} />
      <Answers {...plan} />
      <Services {...plan} />
      <Pulls pulls={plan.pulls} />
      <PlanFiles files={plan.files} folder={plan.folder} />
      <PlanWorld plan={plan} />
    </>
  );
}

/** Without a plan, because answers are wrong, what is wrong with them. */
export function PlanView(props: PlanViewProps) {
  const { plan, problems } = props.planned;
  if (plan !== null)
    return (
      <div className={styles.plan}>
        <Plan {...props} plan={plan} />
      </div>
    );
  return (
    <div className={styles.plan}>
      <h2 className={styles.sentence}>
        {count(
          problems.length,
          'There is no plan yet: {{n}} answer to mend first.',
          'There is no plan yet: {{n}} answers to mend first.',
        )}
      </h2>
      <IssueList
        issues={problems.map(({ field, key, message, next }) => ({
          ...{ key, message, next },
          ...{ severity: 'error', subject: field === '' ? t('answers') : field },
        }))}
      />
    </div>
  );
}
