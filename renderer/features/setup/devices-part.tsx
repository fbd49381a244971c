// How the other devices learn to trust the lab, where they have to be told.
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useAfterDeeds } from '../../state/use-deed.ts';
import { OtherDevices } from '../../ui/access/other-devices.tsx';
import { ErrorNote } from '../../ui/notes.tsx';

type Certificates = Output<'certificate.list'>;

function askCertificates(client: CoreClient): Promise<Certificates> {
  return client.call('certificate.list', {});
}

export function DevicesPart() {
  const { value, error, again } = useAnswer(askCertificates);
  useAfterDeeds(again);
  if (error !== null) return <ErrorNote problem={error} />;
  if (value === null || value.mode === null) return null;
  return <OtherDevices sharing={value.sharing} />;
}
