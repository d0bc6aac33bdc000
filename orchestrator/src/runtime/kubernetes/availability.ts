import type { Service } from '../../catalogue/service.js';
import type { Availability } from '../runtime.js';
import { imageName, isHomeMade, isListed } from './image-names.js';
import type { PodManner } from './manner.js';

/**
 * Whether a service can be had on a cluster, as far as that is known before its Pod is there.
 * @param images that the node of the gateways says it has; null: nobody may ask
 */
export function availabilityOf(service: Service, manner: PodManner, images: readonly string[] | null): Availability {
  if (service.image === null)
    return absent('image-missing', 'its service names no image, so no Pod can be made of it: --runtime process');
  if (service.program !== undefined)
    return absent(
      'not-supported',
      `${service.program} is a file of another machine: put it into an image of your own (--compose FILE)`,
    );
  const image = imageName(service.image, manner);
  if (
    isHomeMade(service.image) &&
    manner.imageRegistry === null &&
    images !== null &&
    service.role === 'gateway' &&
    !isListed(images, image)
  )
    return absent(
      'image-missing',
      `${image} is in no registry, and its node does not have it: push it to one and give --image-registry, or load it onto the nodes (docs/kubernetes.md)`,
    );
  const leftOut = manner.cpuLimit || service.cpus === null ? [] : [{ limit: 'cpus' as const, said: '--no-cpu-limit' }];
  return {
    state: 'available',
    version: tagOf(image),
    digest: images?.find((name) => name.startsWith(`${repositoryOf(image)}@sha256:`))?.split('@')[1] ?? null,
    limitsEnforced: leftOut.length === 0,
    ...(leftOut.length === 0 ? {} : { limitsLeftOut: leftOut }),
  };
}

function absent(code: string, message: string): Availability {
  return { state: 'absent', reason: { code, message } };
}

function repositoryOf(image: string): string {
  return image.replace(/:[^/:]+$/, '');
}

/** The version that an image is tagged with; null for `latest`, which is none. */
function tagOf(image: string): string | null {
  const tag = /:([^/:]+)$/.exec(image)?.[1] ?? 'latest';
  return tag === 'latest' ? null : tag.replace(/^v(?=\d)/, '');
}
