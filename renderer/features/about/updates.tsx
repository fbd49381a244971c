// Newer versions of AutoGit: what there is and what is new in it, and the way from looking to installing.
import { Download, PackageCheck, RefreshCw, RotateCw } from 'lucide-react';
import { useState } from 'react';
import type { Outcome } from '../../../main/contract/contract.ts';
import { toCoreError } from '../../client.ts';
import type { CoreError } from '../../client.ts';
import { desktop } from '../../state/desktop.ts';
import { formatRoute } from '../../state/route.ts';
import { downloadUpdateDeed, installUpdateDeed } from '../../state/update-deeds.ts';
import { useLab, useSeenNow } from '../../state/use-live.ts';
import { useTry } from '../../state/use-try.ts';
import { useUpdates } from '../../state/use-updates.ts';
import type { UpdateStatus } from '../../state/use-updates.ts';
import { bytesWords } from '../../state/words.ts';
import { Button } from '../../ui/button.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Facts } from '../../ui/page.tsx';
import { Day, Time } from '../../ui/time.tsx';
import styles from './about.module.css';
import { t } from '../../language/strings.ts';

function Changelog({ available }: { readonly available: NonNullable<UpdateStatus['available']> }) {
  return (
    <div className={styles.news}>
      {available.changelog.map(({ version, date, text }) => (
        <section key={version} aria-label={t('New in {{version}}', { version })}>
          <h3>
            {t('New in {{version}}', { version })} <span className={styles.quiet}>{date}</span>
          </h3>
          <div className={styles.words}>{text}</div>
        </section>
      ))}
    </div>
  );
}

function Progress({ received, total }: NonNullable<UpdateStatus['progress']>) {
  return (
    <div className={styles.progress}>
      <progress value={received} max={total} aria-label={t('Downloaded')} />
      <span className={styles.quiet}>
        {t('{{received}} of {{total}}', { received: bytesWords(received), total: bytesWords(total) })}
      </span>
    </div>
  );
}

/** Only a desktop can start itself again; a core that is served is started again by whoever started it. */
function Restart() {
  const [error, setError] = useState<CoreError | null>(null);
  if (desktop === null)
    return (
      <p className={styles.quiet}>{t('Start AutoGit again when it suits; jobs go on in their runners.')}</p>
    );
  const restart = (): void => {
    desktop?.restart().catch((thrown: unknown) => setError(toCoreError(thrown)));
  };
  return (
    <>
      {error !== null && <ErrorNote problem={error} />}
      <Button look="primary" icon={RotateCw} onClick={restart}>
        {t('Start AutoGit again')}
      </Button>
    </>
  );
}

function Actions({ status }: { readonly status: UpdateStatus }) {
  const { deeds } = useLab();
  const looked = useTry<Outcome>();
  const { state, available, install } = status;
  const version = available?.version ?? '';
  return (
    <>
      <div className={styles.buttons}>
        <Button
          icon={RefreshCw}
          blockedBy={looked.isTrying ? t('It is being asked') : null}
          onClick={() => void looked.tryIt((client) => client.call('update.check', {}))}
        >
          {looked.isTrying ? t('Looking…') : t('Look now')}
        </Button>
        {state === 'available' && install !== null && (
          <Button look="primary" icon={Download} onClick={() => deeds.ask(downloadUpdateDeed(version))}>
            {t('Download {{version}}', { version })}
          </Button>
        )}
        {state === 'ready' && install !== null && (
          <Button
            look="primary"
            icon={PackageCheck}
            onClick={() => deeds.ask(installUpdateDeed(version, install))}
          >
            {t('Install {{version}}', { version })}
          </Button>
        )}
        {state === 'installed' && <Restart />}
      </div>
      {looked.error !== null && <ErrorNote problem={looked.error} />}
      {state === 'ready' && install !== null && install.command !== null && (
        <>
          <p className={styles.quiet}>{t('Or in a terminal, with your password:')}</p>
          <Copyable text={install.command} what={t('the command')} look="command" />
        </>
      )}
    </>
  );
}

/** Why what there is cannot be brought here. */
function noFileWords({ kind, arch }: UpdateStatus): string {
  return kind === 'source'
    ? t('This one runs from its source, so it is updated there: git pull, then start it again.')
    : t('It has no package of the kind {{kind}} for {{arch}}: update it the way it was installed.', {
        kind,
        arch,
      });
}

function Asked({ status }: { readonly status: UpdateStatus }) {
  const now = useSeenNow();
  const { address, channel, check, checkedAt, nextCheckAt } = status;
  return (
    <Facts
      rows={[
        [
          t('From'),
          address === null ? t('nowhere') : <Copyable key="from" text={address} what={t('the address')} />,
        ],
        [t('Releases'), channel],
        [t('Looked'), checkedAt === null ? t('never') : <Time key="at" at={checkedAt} now={now} />],
        [
          t('Looks again'),
          nextCheckAt === null ? (
            check === 'never' ? (
              t('only when asked')
            ) : (
              t('not by itself')
            )
          ) : (
            <Day key="next" at={nextCheckAt} now={now} />
          ),
        ],
      ]}
    />
  );
}

function Source() {
  return (
    <>
      <p>
        {t(
          'AutoGit asks nobody by itself until you name a place. It takes only what a key of this build has signed, never goes back to an older one, and installs nothing without you.',
        )}
      </p>
      <p>
        <a href={formatRoute({ page: 'settings', id: 'updates.address' })}>{t('Set the place')}</a>
      </p>
      <Command line="autogit settings set updates.address https://ADDRESS" />
    </>
  );
}

function Standing({ status }: { readonly status: UpdateStatus }) {
  const { state, sentence, problem, available, progress, install } = status;
  return (
    <div className={styles.updates}>
      <p role="status">{sentence}</p>
      {state === 'off' ? <Source /> : <Asked status={status} />}
      {problem !== null && <ErrorNote problem={problem} />}
      {available !== null && install === null && state === 'available' && <p>{noFileWords(status)}</p>}
      {progress !== null && <Progress {...progress} />}
      {state !== 'off' && <Actions status={status} />}
      {available !== null && state !== 'installed' && <Changelog available={available} />}
    </div>
  );
}

export function Updates() {
  const { status, error } = useUpdates();
  if (status !== null) return <Standing status={status} />;
  return error === null ? <Skeleton what={t('how updates stand')} rows={2} /> : <ErrorNote problem={error} />;
}
