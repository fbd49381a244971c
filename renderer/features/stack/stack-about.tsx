// What the stack has: its addresses, its certificate, where its files are, its secrets, and how it is taken away.
import { KeyRound, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { modeWords } from '../../state/certificates.ts';
import { formatRoute } from '../../state/route.ts';
import { destroyDeed, downDeed, stackTabHref } from '../../state/stack.ts';
import type { StackStatus } from '../../state/stack.ts';
import { planSentence } from '../../state/stack-plan.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useLab, useSeenNow } from '../../state/use-live.ts';
import type { PlannedStack } from '../../state/stack-plan.ts';
import { useTry } from '../../state/use-try.ts';
import { Button } from '../../ui/button.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Facts, Section } from '../../ui/page.tsx';
import { Rich } from '../../ui/rich.tsx';
import { imageSize } from '../../ui/stack/sizes.ts';
import { Day, Time } from '../../ui/time.tsx';
import { StackSecrets } from './stack-secrets.tsx';
import styles from './stack.module.css';
import { t } from '../../language/strings.ts';

function askPlan(client: CoreClient): Promise<PlannedStack> {
  return client.call('stack.plan', {});
}

/** Names and ports, and whether the stack is as its answers say. */
function Addresses({ status }: { readonly status: StackStatus }) {
  const { value, error, again } = useAnswer(askPlan);
  const plan = value?.plan ?? null;
  // That of GitLab stands above, as the address that it is.
  const others = (plan?.names ?? []).filter(({ name }) => !(status.gitlabUrl ?? '').includes(`//${name}`));
  return (
    <Section title={t('Addresses')}>
      <div className={styles.narrow}>
        {status.gitlabUrl !== null && (
          <Facts isRoomy rows={[['GitLab', <Link key="g" url={status.gitlabUrl} />]]} />
        )}
        {error !== null && (
          <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />
        )}
        {value === null && error === null && <Skeleton what={t('addresses')} rows={3} />}
        {plan !== null && (
          <>
            <Facts
              isRoomy
              rows={[
                ...others.map(
                  ({ name, what, addresses }) =>
                    [
                      what,
                      <span key={name}>
                        <Copyable text={name} what={t('the name')} />{' '}
                        <span className={styles.quiet}>
                          {addresses.length === 0
                            ? t('leads nowhere yet')
                            : t('leads to {{addresses}}', { addresses: addresses.join(', ') })}
                        </span>
                      </span>,
                    ] as const,
                ),
                ...plan.ports.map(
                  ({ port, protocol, address, what }) =>
                    [
                      what,
                      address === '0.0.0.0'
                        ? t('port {{port}} ({{protocol}}) of every address', { port, protocol })
                        : t('port {{port}} ({{protocol}}) of {{address}}', { port, protocol, address }),
                    ] as const,
                ),
              ]}
            />
            <p className={`${styles.quiet} ${styles.inline}`}>
              {plan.isNothing
                ? t('Files and services are as the answers say.')
                : t('Applied again as it is: {{whatItDoes}}', {
                    whatItDoes: planSentence(plan, imageSize),
                  })}{' '}
              {!plan.isNothing && <a href={stackTabHref('change')}>{t('Look at it')}</a>}
            </p>
          </>
        )}
      </div>
    </Section>
  );
}

function Link({ url }: { readonly url: string }) {
  return (
    <span>
      <a href={url} target="_blank" rel="noreferrer">
        {url}
      </a>{' '}
      <Copyable text={url} shown="" what={t('the address of GitLab')} />
    </span>
  );
}

interface CertificateProps {
  readonly certificate: NonNullable<StackStatus['certificate']>;
}

function CertificateWords({ certificate: { mode, until } }: CertificateProps) {
  const now = useSeenNow();
  const kind = modeWords[mode].word;
  return (
    <span className={styles.inline}>
      <Rich
        text={
          until === null
            ? t('{{kind}}, nobody can tell until when. <who>Who trusts it</who>', { kind })
            : t('{{kind}}, until <day/>. <who>Who trusts it</who>', { kind })
        }
        parts={{
          day: until !== null && <Day at={until} now={now} />,
          who: (text) => <a href={formatRoute({ page: 'certificates' })}>{text}</a>,
        }}
      />
    </span>
  );
}

function Place({ status }: { readonly status: StackStatus }) {
  const now = useSeenNow();
  const { certificate, folder, data, project, last } = status;
  return (
    <Section title={t('Certificate and files')}>
      <Facts
        isRoomy
        rows={[
          ...(certificate === null
            ? []
            : [[t('Certificate'), <CertificateWords key="c" certificate={certificate} />] as const]),
          ...(certificate === null || certificate.root === null
            ? []
            : [
                [
                  t('Root'),
                  <Copyable key="r" text={certificate.root} what={t('the path of the root')} />,
                ] as const,
              ]),
          [
            t('Folder'),
            folder === null ? t('none') : <Copyable key="f" text={folder} what={t('the folder')} />,
          ],
          [
            t('Data'),
            data === null ? t('none') : <Copyable key="d" text={data} what={t('the folder of the data')} />,
          ],
          [t('Compose project'), project ?? t('none')],
          ...(last === null
            ? []
            : [
                [
                  t('Last run'),
                  <span key="l" className={styles.inline}>
                    <Rich
                      text={t('<ago/>. <run>How it went</run>')}
                      parts={{
                        ago: <Time at={last.endedAt} now={now} />,
                        run: (text) => <a href={stackTabHref('run')}>{text}</a>,
                      }}
                    />
                  </span>,
                ] as const,
              ]),
        ]}
      />
      {folder !== null && <Command line={`cd ${folder} && docker compose up -d`} />}
    </Section>
  );
}

/** The newest code for choosing a second factor, where no mail brings it. */
function Codes() {
  const asking = useTry<Output<'stack.code'>>();
  const now = useSeenNow();
  const { value, error, isTrying } = asking;
  return (
    <Section title={t('Code for a second factor')}>
      <div className={styles.narrow}>
        <p className={styles.quiet}>
          {t(
            'Authelia asks for a code before somebody chooses or removes a second factor. No mail brings it here, so it is read from Authelia itself; it is good for five minutes.',
          )}
        </p>
        <div className={styles.buttons}>
          <Button
            icon={KeyRound}
            blockedBy={isTrying ? t('It is being read') : null}
            onClick={() => void asking.tryIt((client) => client.call('stack.code', {}))}
          >
            {t('Show the newest code')}
          </Button>
          {value !== null && <Copyable text={value.code} what={t('the code')} look="command" />}
        </div>
        {value !== null && (
          <p className={styles.quiet}>
            <Rich
              text={value.at === null ? t('For <recipient/>') : t('For <recipient/>, <ago/>')}
              parts={{
                recipient: value.recipient,
                ago: value.at !== null && <Time at={value.at} now={now} />,
              }}
            />
          </p>
        )}
        {error !== null && <ErrorNote problem={error} />}
      </div>
    </Section>
  );
}

interface DeleteProps {
  readonly status: StackStatus;
  onClose(): void;
}

/** The first of the two times that somebody says it; the second is the plan's own button. */
function DeleteDialog({ status, onClose }: DeleteProps) {
  const { deeds } = useLab();
  const [typed, setTyped] = useState('');
  const { lab, data } = status;
  const isRight = lab !== null && typed.trim() === lab;
  const typeFirst = lab === null ? t('Type its name first') : t('Type {{lab}} first', { lab });
  const goOn = (): void => {
    if (!isRight) return;
    onClose();
    deeds.ask(destroyDeed(status, true));
  };
  return (
    <Dialog
      title={lab === null ? t('Delete all data of the lab') : t('Delete all data of {{lab}}', { lab })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('Keep everything')}</Button>
          <Button look="grave" blockedBy={isRight ? null : typeFirst} onClick={goOn}>
            {t('Show what would be deleted')}
          </Button>
        </>
      }
    >
      <p>
        <Rich
          text={t(
            'Every repository, database and upload in <folder/> would be deleted, and all secrets with them. Nobody can bring them back: copy what you want to keep first.',
          )}
          parts={{ folder: <code>{data}</code> }}
        />
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          goOn();
        }}
      >
        <TextField
          isFirst
          name="confirm"
          label={t('To go on, type the name of the lab: {{lab}}', { lab: lab ?? '' })}
          value={typed}
          onChange={setTyped}
        />
      </form>
    </Dialog>
  );
}

interface AboutProps {
  readonly status: StackStatus;
  /** Why nothing can be done now; `null`: it can. */
  readonly blockedBy: string | null;
}

function Remove({ status, blockedBy }: AboutProps) {
  const { deeds } = useLab();
  const [isDeleting, setDeleting] = useState(false);
  return (
    <Section title={t('Take it away')}>
      <div className={styles.narrow}>
        <p className={styles.quiet}>
          {t(
            'Down: containers go, files and data stay. Removed: its folder goes, too; data and secrets stay, and the same answers find them again.',
          )}
        </p>
        <div className={styles.buttons}>
          <Button
            blockedBy={status.state === 'down' ? t('It is down') : blockedBy}
            onClick={() => deeds.ask(downDeed)}
          >
            {t('Take it down')}
          </Button>
          <Button look="grave" blockedBy={blockedBy} onClick={() => deeds.ask(destroyDeed(status, false))}>
            {t('Remove it, keep its data')}
          </Button>
          <Button look="grave" icon={Trash2} blockedBy={blockedBy} onClick={() => setDeleting(true)}>
            {t('Remove it with all data')}
          </Button>
        </div>
      </div>
      {isDeleting && <DeleteDialog status={status} onClose={() => setDeleting(false)} />}
    </Section>
  );
}

export function StackAbout({ status, blockedBy }: AboutProps) {
  return (
    <>
      <Addresses status={status} />
      <Place status={status} />
      {status.needsCodes === true && <Codes />}
      <StackSecrets />
      <Remove status={status} blockedBy={blockedBy} />
    </>
  );
}
