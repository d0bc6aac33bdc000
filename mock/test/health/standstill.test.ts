import assert from 'node:assert/strict';
import { it } from 'node:test';
import { descriptorLimit } from '#src/health/descriptors.js';
import { frozenBetween } from '#src/health/standstill.js';

const at = (atMs: number, workedMs: number, waitedMs: number | null) => ({ atMs, workedMs, waitedMs });

it('counts as standing still neither work nor waiting for a CPU', () => {
  assert.equal(frozenBetween(at(0, 0, 0), at(101, 1, 0)), 0);
  assert.equal(frozenBetween(at(0, 0, 0), at(5100, 0, 0)), 5000);
  assert.equal(frozenBetween(at(0, 50, 100), at(600, 550, 100)), 0);
  assert.equal(frozenBetween(at(0, 50, 100), at(600, 50, 600)), 0);
  assert.equal(frozenBetween(at(0, 50, 100), at(600, 150, 200)), 300);
});

it('claims nothing where the kernel does not say who waits', () => {
  assert.equal(frozenBetween(at(0, 0, null), at(5100, 0, null)), 0);
});

it('reads the soft limit of open files', () => {
  const limits = (files: string) =>
    `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             7641                 7641                 processes \nMax open files            ${files}              files     \nMax locked memory         8388608              8388608              bytes     \n`;
  assert.equal(descriptorLimit(limits('256                  1048576')), 256);
  assert.equal(descriptorLimit(limits('unlimited            unlimited')), null);
  assert.equal(descriptorLimit(''), null);
});
