// The stack: GitLab and what stands around it, with logs, plan and apply, secrets, and how it is taken away.
import { Layers, RotateCw, Settings2 } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import type { CoreClient } from '../../client.ts';
import { formatRoute } from '../../state/route.ts';
import type { Route } from '../../state/route.ts';
import { changeRoute, restartDeed, stackTabHref, stackTabOf, stackTabs } from '../../state/stack.ts';
import type { StackStatus, StackTab } from '../../state/stack.ts';
import { isOver, outcomeLook, verbWords } from '../../state/stack-run.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useAfterDeeds } from '../../state/use-deed.ts';
import { useLab, useSeenNow, useSnapshot } from '../../state/use-live.ts';
import { goTo, openBeside } from '../../state/use-route.ts';
import { useStackRun } from '../../state/use-stack-run.ts';
import type { FollowedRun } from '../../state/use-stack-run.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState, ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { ListArea, Page } from '../../ui/page.tsx';
import { Rich } from '../../ui/rich.tsx';
import { ProgressView } from '../../ui/stack/progress-view.tsx';
import { Table } from '../../ui/table.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Day, Time } from '../../ui/time.tsx';
import { ChangeStack } from './change-stack.tsx';
import { narrowServiceColumns, serviceColumns, serviceRows } from './service-columns.tsx';
import { MissingService, ServicePanel } from './service-panel.tsx';
import { StackAbout } from './stack-about.tsx';
import styles from './stack.module.css';
import { count, t } from '../../language/strings.ts';

function askStatus(client: CoreClient): Promise<StackStatus> {
  return client.call('stack.status', {});
}

function closePanel(): void {
  openBeside(null);
}

/** What a person wants to know before anything else. */
function Glance({ status }: { readonly status: StackStatus }) {
  const now = useSeenNow();
  const { gitlabUrl, certificate, last, isNew } = status;
  return (
    <div className={styles.glance}>
      {gitlabUrl !== null && (
        <span>
          {'GitLab '}
          <a href={gitlabUrl} target="_blank" rel="noreferrer">
            {gitlabUrl}
          </a>
        </span>
      )}
      {certificate !== null && certificate.until !== null && (
        <span className={styles.quiet}>
          <Rich
            text={t('Certificate until <day/>')}
            parts={{ day: <Day at={certificate.until} now={now} /> }}
          />
        </span>
      )}
      {last !== null && (
        <span className={styles.quiet}>
          {verbWords[last.verb]} <Badge look={outcomeLook(last.outcome)} quiet />{' '}
          <Time at={last.endedAt} now={now} />
        </span>
      )}
      {isNew && (
        <span className={styles.inline}>
          {t("Nobody has been shown GitLab's first password yet.")}{' '}
          <a href={stackTabHref('about')}>{t('It is among the secrets')}</a>
        </span>
      )}
    </div>
  );
}

function NoServices({ status }: { readonly status: StackStatus }) {
  if (status.state === 'unknown')
    return (
      <EmptyState
        icon={Layers}
        title={t('Nobody knows which services run')}
        command="autogit engine list"
        action={<a href={formatRoute({ page: 'engines' })}>{t('Look at the engine')}</a>}
      >
        {t('The container engine does not answer. What runs goes on; nothing is changed before it answers.')}
      </EmptyState>
    );
  return (
    <EmptyState
      icon={Layers}
      title={t('No service runs')}
      command="autogit stack up"
      action={<a href={stackTabHref('change')}>{t('Bring it up')}</a>}
    >
      {t('Its files and data are here. Bringing it up makes its containers anew.')}
    </EmptyState>
  );
}

interface PartProps {
  readonly route: Route;
  readonly status: StackStatus;
  /** Why nothing can be done now; `null`: it can. */
  readonly blocked: string | null;
}

function Services({ route, status, blocked }: PartProps) {
  const rows = useMemo(() => serviceRows(status), [status]);
  const { id } = route;
  const open = rows.find((row) => row.id === id);
  return (
    <ListArea>
      <Table
        label={t('Services')}
        fresh={(number) => count(number, '{{n}} new service', '{{n}} new services')}
        list="services"
        rows={rows}
        all={rows}
        columns={serviceColumns}
        narrow={narrowServiceColumns}
        openId={id}
        onOpen={(row) => openBeside(row.id)}
        empty={<NoServices status={status} />}
      />
      {id !== null &&
        (open === undefined ? (
          <MissingService name={id} onClose={closePanel} />
        ) : (
          <ServicePanel row={open} blockedBy={blocked} onClose={closePanel} />
        ))}
    </ListArea>
  );
}

function NoStack() {
  const isSandbox = useSnapshot(({ gitlab }) => gitlab.kind === 'sandbox') ?? false;
  const isOwn = useSnapshot(({ gitlab }) => gitlab.kind === 'server') ?? false;
  const words = isSandbox
    ? t(
        'The sandbox stands in for GitLab at the moment; it is no stack. Setting one up installs GitLab behind Traefik, with certificates, names and one sign-in.',
      )
    : isOwn
      ? t(
          'AutoGit works with a GitLab of yours, which it has not installed. A stack would be another one, on this machine.',
        )
      : t(
          'A stack is GitLab behind Traefik, with certificates, names and one sign-in, in containers of this machine.',
        );
  return (
    <EmptyState
      icon={Layers}
      title={t('There is no stack')}
      command="autogit stack up"
      action={<a href={formatRoute({ page: 'setup' })}>{t('Set one up')}</a>}
    >
      {words}
    </EmptyState>
  );
}

interface ActionsProps extends Omit<PartProps, 'route'> {
  readonly tab: StackTab;
}

function Actions({ status, tab, blocked }: ActionsProps) {
  const { deeds } = useLab();
  if (status.state === 'none' || tab === 'change') return null;
  const isDown = status.services.every(({ container }) => container === null);
  return (
    <>
      <Button
        icon={RotateCw}
        blockedBy={isDown ? t('Nothing runs') : blocked}
        onClick={() => deeds.ask(restartDeed([]))}
      >
        {t('Restart all')}
      </Button>
      <Button look="primary" icon={Settings2} blockedBy={blocked} onClick={() => goTo(changeRoute())}>
        {t('Change the set-up')}
      </Button>
    </>
  );
}

function LastRun({ followed, status }: { readonly followed: FollowedRun; readonly status: StackStatus }) {
  if (followed.progress !== null) return <ProgressView followed={followed} />;
  if (status.last === null && status.run === null && followed.error === null)
    return <p className={styles.quiet}>{t('Nothing was done to the stack yet.')}</p>;
  return <ProgressView followed={followed} />;
}

/** The state, asked anew whenever the core tells that something about the stack is another. */
function useStatus() {
  const asked = useAnswer(askStatus);
  const { again } = asked;
  const summary = useSnapshot((snapshot) => snapshot.stack ?? null);
  const seen = useRef(summary);
  useEffect(() => {
    if (summary === seen.current) return;
    seen.current = summary;
    again();
  }, [summary, again]);
  useAfterDeeds(again);
  return { ...asked, isBusy: summary?.state === 'busy' };
}

function Content(props: PartProps & { readonly tab: StackTab; readonly followed: FollowedRun }) {
  const { route, status, tab, followed, blocked } = props;
  const begin = useCallback(() => goTo({ page: 'stack', query: { tab: 'run' } }), []);
  switch (tab) {
    case 'services':
      return (
        <>
          <Glance status={status} />
          <Services {...{ route, status, blocked }} />
        </>
      );
    case 'run':
      return <LastRun followed={followed} status={status} />;
    case 'about':
      return <StackAbout status={status} blockedBy={blocked} />;
    case 'change':
      return <ChangeStack {...{ status, blocked }} given={route.query['answers']} onBegun={begin} />;
  }
}

export function StackPage({ route }: { readonly route: Route }) {
  const { value: status, error, again, isBusy } = useStatus();
  const followed = useStackRun('any', isBusy);
  const { progress } = followed;
  const isGoing = isBusy || (progress !== null && !isOver(progress));
  const wasGoing = useRef(false);
  useEffect(() => {
    // The run has ended: what stands now is another.
    if (wasGoing.current && !isGoing) again();
    wasGoing.current = isGoing;
  }, [isGoing, again]);
  const hasStack = status !== null && (status.state !== 'none' || isGoing);
  const tab = route.id === null ? stackTabOf(route.query) : 'services';
  const tabs = stackTabs.map(({ name, words }) => ({
    ...{ name, href: stackTabHref(name) },
    words: name === 'run' && isGoing ? t('Progress') : words,
  }));
  const blocked = isGoing ? t('Something is being done to the stack') : null;
  const failed = status === null && error !== null ? t('How the stack stands cannot be told.') : null;
  const said = isGoing && progress !== null && progress.message !== '' ? progress.message : null;
  return (
    <Page
      name={t('Stack')}
      sentence={said ?? status?.sentence ?? failed}
      isList={tab === 'services' && hasStack}
      actions={status !== null && <Actions {...{ status, tab, blocked }} />}
    >
      {hasStack && <Tabs label={t('Parts of this page')} tabs={tabs} current={tab} />}
      {error !== null && (
        <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />
      )}
      {status === null ? (
        error === null && <Skeleton what={t('the stack')} rows={6} />
      ) : hasStack ? (
        <Content {...{ route, status, tab, followed, blocked }} />
      ) : (
        <NoStack />
      )}
    </Page>
  );
}
