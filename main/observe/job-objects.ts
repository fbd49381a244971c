// What runners have made through the gateway, and the volumes that keep caches: ours, but signed with the gateway's key.
import { createHmac } from 'node:crypto';
import type { CacheVolume } from '../model/cache.ts';
import { gatewayKeyText } from '../model/grant.ts';
import { isSigned, labelOf } from '../model/labels.ts';
import type { JobObject } from '../model/world.ts';
import type { LabelledObject, Secrets } from '../ports.ts';

type Signer = Pick<Secrets, 'sign'>;

/** Whether the gateway of this home has made it. */
export function isOfGateway({ name, labels }: LabelledObject, instance: string, secrets: Signer): boolean {
  const sign = (text: string): string =>
    createHmac('sha256', secrets.sign(gatewayKeyText)).update(text).digest('hex');
  return isSigned(name, labels, instance, sign);
}

/** Of what was listed, that which belongs to jobs. */
export function jobObjects(
  found: readonly LabelledObject[],
  instance: string,
  secrets: Signer,
): readonly JobObject[] {
  return found.flatMap((object) => {
    const runner = labelOf(object.labels, 'runner');
    const isJobs = labelOf(object.labels, 'role') === 'job' && runner !== undefined;
    return isJobs && isOfGateway(object, instance, secrets) ? [{ name: object.name, runner }] : [];
  });
}

/** Of the volumes that were listed, those that keep caches. The gateway has made them, or the home itself. */
export function cacheVolumes(
  found: readonly LabelledObject[],
  instance: string,
  secrets: Signer,
): readonly CacheVolume[] {
  return found.flatMap((object) => {
    const { name, labels, createdAt = 0 } = object;
    const isHomes = isSigned(name, labels, instance, (text) => secrets.sign(text));
    const isOurs = labelOf(labels, 'role') === 'cache' && (isHomes || isOfGateway(object, instance, secrets));
    return isOurs ? [{ name, pool: labelOf(labels, 'pool') ?? '', createdAt }] : [];
  });
}
