// A GitLab that is there: asked whether it can be used before anything is changed, then taken.
import { Link2, Search } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import {
  connectErrors,
  connectInput,
  connectLine,
  shownErrors,
  tokenPage,
} from '../../state/setup-connect.ts';
import type { ConnectTexts, Found } from '../../state/setup-connect.ts';
import { severityLooks } from '../../state/tones.ts';
import { useSeenNow, useSnapshot } from '../../state/use-live.ts';
import { useTry } from '../../state/use-try.ts';
import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import { Command } from '../../ui/copyable.tsx';
import { FieldRows, Fields, FieldsToMend, focusField, TextField, TickField } from '../../ui/field.tsx';
import { More } from '../../ui/more.tsx';
import { NextStep } from '../../ui/next-step.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Facts, Section } from '../../ui/page.tsx';
import { Rich } from '../../ui/rich.tsx';
import { Day } from '../../ui/time.tsx';
import type { StepProps } from './setup-page.tsx';
import styles from './setup.module.css';
import { StepFrame } from './step-frame.tsx';
import { t } from '../../language/strings.ts';

type Findings = Output<'gitlab.connect'>['findings'];

function FindingList({ findings }: { readonly findings: Findings }) {
  if (findings.length === 0) return null;
  return (
    <Card>
      {findings.map(({ key, severity, message, next }) => (
        <li key={key} className={styles.finding}>
          <Badge look={severityLooks[severity]} />
          <div className={styles.words}>
            <p>{message}</p>
            <NextStep text={next} />
          </div>
        </li>
      ))}
    </Card>
  );
}

/** What it said of itself, and what using it would change. */
function Answer({ found: { found, findings, message, changes } }: { readonly found: Found }) {
  const now = useSeenNow();
  const { version, username, admin, scopes, expiresAt, runnerUrl } = found;
  return (
    <Section title={message}>
      <div className={styles.box}>
        <Facts
          isRoomy
          rows={[
            ['GitLab', version],
            [
              t('The token is of'),
              admin
                ? t('{{username}}, an administrator', { username })
                : t('{{username}}, who is no administrator', { username }),
            ],
            [t('It may'), scopes.join(', ')],
            [t('It ends'), expiresAt === null ? t('never') : <Day key="ends" at={expiresAt} now={now} />],
            [t('Runners reach it at'), runnerUrl],
          ]}
        />
      </div>
      <FindingList findings={findings} />
      {changes.length > 0 && (
        <ul className={styles.changes} aria-label={t('What would change')}>
          {changes.map(({ path, effect }) => (
            <li key={path}>
              <code>{path}</code> <span className={styles.quiet}>{effect}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

interface FormProps {
  readonly texts: ConnectTexts;
  readonly token: string;
  readonly wrong: Readonly<Record<string, string>>;
  change(change: Partial<ConnectTexts>): void;
  onToken(token: string): void;
}

function TokenHelp({ texts }: Pick<FormProps, 'texts'>) {
  const page = tokenPage(texts);
  return (
    <>
      <Rich
        text={t('With the scopes <api/> and <adminMode/>.')}
        parts={{ api: <code>api</code>, adminMode: <code>admin_mode</code> }}
      />{' '}
      {page === null ? (
        t('Where it is made is said here as soon as there is an address.')
      ) : (
        <a href={page} target="_blank" rel="noreferrer">
          {t('Make one there')}
        </a>
      )}{' '}
      {t('It is kept encrypted in this home, and only once you use this GitLab.')}
    </>
  );
}

function Form({ texts, token, wrong, change, onToken }: FormProps) {
  const rows = {
    texts,
    wrong,
    onChange: (name: keyof ConnectTexts, text: string) => change({ [name]: text }),
  };
  const hasMore = texts.runnerUrl !== '' || texts.ca !== '';
  return (
    <>
      <Fields>
        <FieldRows
          {...rows}
          rows={[
            { name: 'url', label: t('Address'), isWide: true, placeholder: 'https://gitlab.example.org' },
          ]}
        />
        <TextField
          isWide
          name="token"
          kind="secret"
          label={t('Access token of an administrator')}
          help={<TokenHelp texts={texts} />}
          value={token}
          error={wrong['token']}
          onChange={onToken}
        />
      </Fields>
      <More
        summary={t('It has a certificate of its own authority, or runners reach it another way')}
        isOpen={hasMore}
      >
        <Fields>
          <FieldRows
            {...rows}
            rows={[
              {
                ...{ name: 'ca', label: t('File of the root of its certificate'), isWide: true },
                ...{ placeholder: t('a public one'), help: t('A PEM file on this machine.') },
              },
              {
                ...{
                  name: 'runnerUrl',
                  label: t('Address for runners'),
                  isWide: true,
                  placeholder: t('the same'),
                },
                help: t('Where containers reach it, if that is another one.'),
              },
            ]}
          />
        </Fields>
      </More>
    </>
  );
}

/** What is typed and what was found for exactly that. The token is here until it is used, and in no draft. */
function useConnect({ setup, draft, next }: Pick<StepProps, 'setup' | 'draft' | 'next'>) {
  const [token, setToken] = useState('');
  const [replace, setReplace] = useState(false);
  const [wasAsked, setWasAsked] = useState(false);
  const looking = useTry<Found>();
  const using = useTry<Found>();
  const texts = draft.connect;
  const errors = connectErrors(texts, token);
  const found = looking.value;
  const forget = (): void => {
    looking.forget();
    using.forget();
  };
  return {
    ...{ texts, token, replace, errors, wasAsked, found, looking, using },
    wrong: shownErrors({ ...texts, token }, wasAsked),
    change: (change: Partial<ConnectTexts>) => {
      forget();
      setup.change({ connect: { ...texts, ...change } });
    },
    giveToken: (text: string) => {
      forget();
      setToken(text);
    },
    giveReplace: (isOn: boolean) => {
      forget();
      setReplace(isOn);
    },
    press: (form: HTMLElement | null) => {
      setWasAsked(true);
      const [first] = Object.keys(errors);
      if (first !== undefined) {
        focusField(form, first);
        return;
      }
      const input = connectInput(texts, token, replace);
      if (found?.valid === true)
        void using.tryIt(async (client) => {
          const answer = await client.call('gitlab.connect', input);
          setToken('');
          next();
          return answer;
        });
      else if (!looking.isTrying)
        void looking.tryIt((client) => client.call('gitlab.connect', { ...input, dryRun: true }));
    },
  };
}

export function ConnectStep(props: StepProps) {
  const form = useConnect(props);
  const element = useRef<HTMLDivElement>(null);
  const kind = useSnapshot(({ gitlab }) => gitlab.kind) ?? 'none';
  const { texts, token, wrong, errors, wasAsked, found, looking, using, replace } = form;
  const isBusy = looking.isTrying || using.isTrying;
  const words = isBusy
    ? using.isTrying
      ? t('Taking it…')
      : t('Looking at it…')
    : found?.valid === true
      ? t('Use GitLab {{version}}', { version: found.found.version })
      : t('Look whether it can be used');
  return (
    <StepFrame
      isArrival={props.isArrival}
      step="connect"
      setup={props.setup}
      on={{
        words,
        icon: found?.valid === true ? Link2 : Search,
        blockedBy: isBusy ? t('It is being asked.') : null,
      }}
      onNext={() => form.press(element.current)}
    >
      <div ref={element} className={styles.stack}>
        <p className={styles.quiet}>
          {t(
            'It is asked for its version, whose token it is and what that may. Nothing there is changed by looking.',
          )}
        </p>
        <Form {...{ texts, token, wrong }} change={form.change} onToken={form.giveToken} />
        {kind !== 'none' && (
          <TickField
            name="replace"
            label={t('Take the place of the GitLab that this home serves now')}
            help={t('What is in that one stays. AutoGit forgets its jobs and runner entries.')}
            isOn={replace}
            onChange={form.giveReplace}
          />
        )}
        {wasAsked && <FieldsToMend wrong={Object.keys(errors).length} />}
        <div role="status" className={styles.status}>
          {looking.error !== null && <ErrorNote problem={looking.error} />}
          {using.error !== null && <ErrorNote problem={using.error} />}
          {found !== null && <Answer found={found} />}
        </div>
        <Command line={connectLine(texts, replace)} />
      </div>
    </StepFrame>
  );
}
