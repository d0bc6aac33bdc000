import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerIdIn, judgeLocality, type Surroundings } from '#src/runtime/docker/locality.js';
import { withCode } from './support.js';

const PLAIN: Surroundings = {
  sameKernelAndName: true,
  ownContainer: null,
};
const ID = 'c0'.repeat(32);

test('a plain host shares files and ports with its engine', () => {
  assert.deepEqual(judgeLocality(PLAIN), {
    sharesFiles: true,
    sharesPorts: true,
    ownContainer: null,
  });
});

test('a virtual machine behind the socket shares nothing for certain', () => {
  const { sharesFiles, sharesPorts } = judgeLocality({ ...PLAIN, sameKernelAndName: false });
  assert.deepEqual({ sharesFiles, sharesPorts }, { sharesFiles: false, sharesPorts: false });
});

test('a container on the host network shares ports, not files; on another network it is told what to do', () => {
  const inside = { ...PLAIN, ownContainer: { id: ID, networkMode: 'host' } };
  assert.deepEqual(judgeLocality(inside), {
    sharesFiles: false,
    sharesPorts: true,
    ownContainer: ID,
  });
  assert.throws(
    () => judgeLocality({ ...inside, ownContainer: { id: ID, networkMode: 'bridge' } }),
    withCode('host-network-needed'),
  );
});

test('the own container is read from where /etc/hostname is mounted, and from nowhere else', () => {
  const own = `715 704 254:1 /var/lib/docker/containers/${ID}/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw`;
  const others = `36 25 0:40 / /var/lib/docker/containers/${'ff'.repeat(32)}/mounts/shm rw - tmpfs shm rw`;
  assert.equal(containerIdIn(`${others}\n${own}\n`), ID);
  assert.equal(containerIdIn(others), null);
});
