// One request of the audit log, with the way to what it was about.
import { commandOf, doorWords, outcomeLook, placeOf, requestWords } from '../../state/audit.ts';
import type { AuditRow } from '../../state/audit.ts';
import { formatRoute } from '../../state/route.ts';
import { useSeenNow } from '../../state/use-live.ts';
import { Badge } from '../../ui/badge.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { Facts, Panel, PanelBody } from '../../ui/page.tsx';
import { exactTime, Time } from '../../ui/time.tsx';

interface PanelProps {
  /** `null`: it is not there any more. */
  readonly row: AuditRow | null;
  onClose(): void;
}

export function AuditPanel({ row, onClose }: PanelProps) {
  const now = useSeenNow();
  if (row === null) {
    return (
      <Panel title="No such request" label="Request" onClose={onClose}>
        <PanelBody isAll>
          <p>There is no such request among the newest. What was asked is kept for a year.</p>
        </PanelBody>
      </Panel>
    );
  }
  const { record } = row;
  const place = placeOf(record);
  const command = commandOf(record);
  return (
    <Panel title={record.request} label={`Request ${record.request}`} onClose={onClose}>
      <PanelBody isAll>
        <p>{requestWords(record.request)}.</p>
        <Facts
          rows={[
            ['Outcome', <Badge key="look" look={outcomeLook(record)} />],
            ...(record.outcome === 'done'
              ? []
              : [
                  [
                    'Error',
                    <Copyable key="key" text={record.outcome} what="the key of the error" />,
                  ] as const,
                ]),
            ...(record.subject === undefined
              ? []
              : [
                  [
                    'About',
                    <Copyable key="subject" text={record.subject} what="what it was about" />,
                  ] as const,
                ]),
            ['Door', doorWords[record.door]],
            [
              'When',
              <>
                {exactTime(record.at)}, <Time at={record.at} now={now} />
              </>,
            ],
          ]}
        />
        {place !== null && (
          <p>
            <a href={formatRoute({ page: place.page, id: place.id })}>Open what it was about</a>
          </p>
        )}
        {command !== null && <Command line={command} />}
      </PanelBody>
    </Panel>
  );
}
