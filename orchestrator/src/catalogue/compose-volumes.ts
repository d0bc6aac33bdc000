import { existsSync } from 'node:fs';
import { dirname, posix, resolve } from 'node:path';
import type { ComposeFaults, Path } from './compose-faults.js';
import type { ComposeService } from './compose-schema.js';
import type { Lookup } from './interpolate.js';
import type { ConfigMount } from './service.js';

type Volumes = NonNullable<ComposeService['volumes']>;

/** What a service mounts, read-only files of the host alone; of two at one place the later counts. */
export function readVolumes(
  faults: ComposeFaults,
  at: Path,
  composePath: string,
  volumes: Volumes,
  lookup: Lookup,
): ConfigMount[] {
  const mounts = new Map<string, ConfigMount>();
  for (const [i, volume] of volumes.entries()) {
    const mount = readVolume(faults, [...at, i], composePath, volume, lookup);
    if (mount !== null) mounts.set(mount.containerPath, mount);
  }
  return [...mounts.values()];
}

function readVolume(
  faults: ComposeFaults,
  at: Path,
  composePath: string,
  volume: Volumes[number],
  lookup: Lookup,
): ConfigMount | null {
  const fault = (why: string, hint = 'Only files of the host, read-only: ./FILE:/PATH/IN/CONTAINER:ro.'): null => {
    faults.add(at, `volume ${JSON.stringify(volume)} cannot be used: ${why}`, hint);
    return null;
  };
  const parts =
    typeof volume === 'string'
      ? volume.split(':')
      : [volume.source, volume.target, /^true$/i.test(String(volume.read_only)) ? 'ro' : 'rw'];
  const [source = '', target = '', mode = 'rw'] = parts;
  if (parts.length > 3 || source === '' || target === '') return fault('it is not SOURCE:TARGET:ro');
  if (mode !== 'ro') return fault(mode === 'rw' ? 'it is writable' : `its options are "${mode}"`);
  if (typeof volume === 'string' && !/^[./~]/.test(source)) {
    return fault(`"${source}" is the name of a volume, not a path`, 'A path begins with ./, ../, / or ~/.');
  }
  const home = lookup('HOME');
  if (source.startsWith('~') && (home === undefined || !/^~(\/|$)/.test(source))) {
    return fault(home === undefined ? 'HOME is not set' : 'only ~ itself stands for a home folder');
  }
  if (!target.startsWith('/')) return fault('its place in the container is no absolute path');
  const hostPath = resolve(dirname(composePath), home === undefined ? source : source.replace(/^~/, home));
  if (!existsSync(hostPath)) {
    faults.add(at, `there is no file ${hostPath}`, 'Paths are relative to the compose file.');
    return null;
  }
  return { hostPath, containerPath: posix.normalize(target).replace(/(?<=.)\/$/, '') };
}
