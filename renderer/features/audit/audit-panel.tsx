// One request of the audit log, with the way to what it was about.
import { commandOf, doorWords, outcomeLook, placeOf, requestWords } from '../../state/audit.ts';
import type { AuditRow } from '../../state/audit.ts';
import { formatRoute } from '../../state/route.ts';
import { useSeenNow } from '../../state/use-live.ts';
import { Badge } from '../../ui/badge.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { Facts, Panel, PanelBody } from '../../ui/page.tsx';
import { exactTime, Time } from '../../ui/time.tsx';
import { t } from '../../language/strings.ts';

interface PanelProps {
  /** `null`: it is not there any more. */
  readonly row: AuditRow | null;
  onClose(): void;
}

export function AuditPanel({ row, onClose }: PanelProps) {
  const now = useSeenNow();
  if (row === null) {
    return (
      <Panel title={t('No such request')} label={t('Request')} onClose={onClose}>
        <PanelBody isAll>
          <p>{t('There is no such request among the newest. What was asked is kept for a year.')}</p>
        </PanelBody>
      </Panel>
    );
  }
  const { record } = row;
  const place = placeOf(record);
  const command = commandOf(record);
  return (
    <Panel
      title={record.request}
      label={t('Request {{request}}', { request: record.request })}
      onClose={onClose}
    >
      <PanelBody isAll>
        <p>{requestWords(record.request)}.</p>
        <Facts
          rows={[
            [t('Outcome'), <Badge key="look" look={outcomeLook(record)} />],
            ...(record.outcome === 'done'
              ? []
              : [
                  [
                    t('Error'),
                    <Copyable key="key" text={record.outcome} what={t('the key of the error')} />,
                  ] as const,
                ]),
            ...(record.subject === undefined
              ? []
              : [
                  [
                    t('About'),
                    <Copyable key="subject" text={record.subject} what={t('what it was about')} />,
                  ] as const,
                ]),
            [t('Door'), doorWords[record.door]],
            [
              t('When'),
              <>
                {exactTime(record.at)}, <Time at={record.at} now={now} />
              </>,
            ],
          ]}
        />
        {place !== null && (
          <p>
            <a href={formatRoute({ page: place.page, id: place.id })}>{t('Open what it was about')}</a>
          </p>
        )}
        {command !== null && <Command line={command} />}
      </PanelBody>
    </Panel>
  );
}
