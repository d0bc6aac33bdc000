import type { Service } from './service.js';

/**
 * Where the requests of a scenario go to: its path is put behind this.
 * @param url of the running service, without a slash at the end
 */
export function askedUrl(url: string, { basePath = '' }: Pick<Service, 'basePath'>): string {
  return url + basePath;
}
