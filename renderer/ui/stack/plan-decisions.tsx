// What a person has to decide or give before a plan can be carried out, each where it is said.
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { FileDecisions, PlanFile } from '../../state/stack-plan.ts';
import type { StackPlan } from '../../state/stack-plan.ts';
import { useTry } from '../../state/use-try.ts';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { Choice } from '../choice.tsx';
import { Command } from '../copyable.tsx';
import { TextField, TickField } from '../field.tsx';
import { ErrorNote } from '../notes.tsx';
import { SignIcon } from '../sign-icon.tsx';
import { DiffView } from './diff-view.tsx';
import { Fold } from './fold.tsx';
import { PlanPart } from './plan-part.tsx';
import styles from './plan.module.css';
import { t } from '../../language/strings.ts';

type Secret = StackPlan['askedSecrets'][number];

interface SecretProps {
  readonly secret: Secret;
  readonly lab: string | null;
  onSecret(): void;
}

/** What is typed is here until it is given, and nowhere after that. */
function SecretRow({ secret: { name, label }, lab, onSecret }: SecretProps) {
  const [value, setValue] = useState('');
  const giving = useTry<unknown>();
  const { isTrying, error } = giving;
  const give = (): void => {
    if (value === '' || isTrying) return;
    setValue('');
    void giving.tryIt(async (client) => {
      const answer = await client.call('stack.set-secret', { name, value, ...(lab === null ? {} : { lab }) });
      onSecret();
      return answer;
    });
  };
  return (
    <li>
      <form
        className={styles.secret}
        aria-label={t('Give: {{label}}', { label })}
        onSubmit={(event) => {
          event.preventDefault();
          give();
        }}
      >
        <TextField
          name={`secret.${name}`}
          kind="secret"
          label={label}
          help={t('{{name}}: kept encrypted, and in no answer, plan or log.', { name })}
          value={value}
          onChange={setValue}
        />
        <Button
          type="submit"
          icon={KeyRound}
          blockedBy={value === '' ? t('Type it first') : isTrying ? t('It is being kept') : null}
        >
          {isTrying ? t('Keeping it…') : t('Keep it')}
        </Button>
      </form>
      {error !== null && <ErrorNote problem={error} />}
      <Command line={`autogit stack set-secret ${name}${lab === null ? '' : ` --lab ${lab}`}`} />
    </li>
  );
}

interface AskedSecretsProps extends Omit<SecretProps, 'secret'> {
  readonly secrets: readonly Secret[];
}

export function AskedSecrets({ secrets, lab, onSecret }: AskedSecretsProps) {
  if (secrets.length === 0) return null;
  return (
    <PlanPart title={t('What only you have')}>
      <Card>
        {secrets.map((secret) => (
          <SecretRow key={secret.name} {...{ secret, lab, onSecret }} />
        ))}
      </Card>
    </PlanPart>
  );
}

interface GrantsProps {
  readonly grants: StackPlan['grants'];
  onGrant(grant: string, isGiven: boolean): void;
}

export function Grants({ grants, onGrant }: GrantsProps) {
  if (grants.length === 0) return null;
  return (
    <PlanPart title={t('More than templates may have')}>
      <Card>
        {grants.map(({ grant, why, given }) => (
          <li key={grant} className={styles.grant}>
            <SignIcon sign="warning" size={16} />
            <div className={styles.words}>
              <TickField
                name={`grant.${grant}`}
                label={t('I trust it with this: {{grant}}', { grant })}
                help={why}
                isOn={given}
                onChange={(isGiven) => onGrant(grant, isGiven)}
              />
            </div>
          </li>
        ))}
      </Card>
    </PlanPart>
  );
}

interface FilesByHandProps {
  readonly files: readonly PlanFile[];
  readonly decisions: FileDecisions;
  onDecide(path: string, decision: 'replace' | 'keep'): void;
}

const choices = [
  { value: 'keep', words: t('Keep mine') },
  { value: 'replace', words: t("Take AutoGit's") },
] as const;

export function FilesByHand({ files, decisions, onDecide }: FilesByHandProps) {
  if (files.length === 0) return null;
  return (
    <PlanPart title={t('Files that you have changed')}>
      <Card>
        {files.map(({ path, diff, change }) => (
          <li key={path} className={styles.byHand}>
            <div className={styles.byHandHead}>
              <code>{path}</code>
              <Choice<'keep' | 'replace' | ''>
                label={t('What becomes of {{path}}', { path })}
                options={choices}
                value={decisions[path] ?? ''}
                onChoose={(decision) => {
                  if (decision !== '') onDecide(path, decision);
                }}
              />
            </div>
            {decisions[path] === undefined && change !== 'same' && (
              <p className={styles.alert}>
                {t('Choose one: AutoGit never overwrites what you have changed.')}
              </p>
            )}
            {diff !== '' && (
              <Fold title={t('What would change')} isPlain isOpen={decisions[path] === undefined}>
                <DiffView diff={diff} label={t('Difference of {{path}}', { path })} />
              </Fold>
            )}
          </li>
        ))}
      </Card>
    </PlanPart>
  );
}
