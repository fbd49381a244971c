// One service beside the list: its container, since when it runs, how to restart it, and what it prints.
import { RotateCw, Unplug } from 'lucide-react';
import { restartDeed, serviceLook } from '../../state/stack.ts';
import { useLab, useSeenNow } from '../../state/use-live.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { EmptyState } from '../../ui/notes.tsx';
import { Facts, Panel, PanelBody, PanelFoot } from '../../ui/page.tsx';
import { imageName, imageVersion } from '../../ui/stack/sizes.ts';
import { Time } from '../../ui/time.tsx';
import type { ServiceRow } from './service-columns.tsx';
import { ServiceLog } from './service-log.tsx';
import { t } from '../../language/strings.ts';

interface ServicePanelProps {
  readonly row: ServiceRow;
  /** Why nothing can be done with it now; `null`: it can. */
  readonly blockedBy: string | null;
  onClose(): void;
}

function ServiceFacts({ row: { service } }: { readonly row: ServiceRow }) {
  const now = useSeenNow();
  const { container, image, since, restarts, exitCode } = service;
  const version = image === null ? null : imageVersion(image);
  return (
    <Facts
      rows={[
        [
          t('Container'),
          container === null ? (
            t('none')
          ) : (
            <Copyable key="c" text={container} what={t('the name of the container')} />
          ),
        ],
        [t('Version'), version ?? t('not told')],
        [
          t('Image'),
          image === null ? (
            t('none')
          ) : (
            <Copyable key="i" text={image} shown={imageName(image)} what={t('the image with its digest')} />
          ),
        ],
        [t('Since'), since === null ? t('not told') : <Time key="s" at={since} now={now} />],
        [t('Restarts'), restarts === null ? t('not told') : String(restarts)],
        ...(exitCode === null || exitCode === 0
          ? []
          : [[t('Ended with'), t('code {{exitCode}}', { exitCode })] as const]),
      ]}
    />
  );
}

export function ServicePanel({ row, blockedBy, onClose }: ServicePanelProps) {
  const { deeds } = useLab();
  const { id, service, isDown } = row;
  return (
    <Panel
      label={t('Service {{name}}', { name: id })}
      title={
        <>
          {id} <Badge look={serviceLook(service, isDown)} />
        </>
      }
      onClose={onClose}
    >
      <PanelBody>
        <ServiceFacts row={row} />
        <PanelFoot>
          <Button icon={RotateCw} blockedBy={blockedBy} onClick={() => deeds.ask(restartDeed([id]))}>
            {t('Restart it')}
          </Button>
          <Command line={`autogit stack logs ${id} --follow`} />
        </PanelFoot>
      </PanelBody>
      <ServiceLog key={id} service={id} />
    </Panel>
  );
}

export function MissingService({ name, onClose }: { readonly name: string; onClose(): void }) {
  return (
    <Panel label={t('Service {{name}}', { name })} title={name} onClose={onClose}>
      <PanelBody isAll>
        <EmptyState icon={Unplug} title={t('There is no such service')} command="autogit stack status">
          {t('It may have left the stack with the last change of its set-up.')}
        </EmptyState>
      </PanelBody>
    </Panel>
  );
}
