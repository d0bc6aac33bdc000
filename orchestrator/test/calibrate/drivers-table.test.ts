import { test } from 'node:test';
import { renderDrivers } from '#src/calibrate/drivers-table.js';
import type { DriverAgreement } from '#src/calibrate/drivers.js';
import { assertGolden } from '../golden.js';

const AGREEMENT: DriverAgreement = {
  passes: 6,
  floorUs: { oha: 712.4, native: 98.6 },
  targetUs: { oha: 5731.2, native: 5110 },
  medianDifferenceUs: { value: 7.4, low: -31.2, high: 46 },
  rateDifference: { value: -0.0004, low: -0.0011, high: 0.0003 },
  medians: 'same',
  rates: 'same',
};

test('every column has its head, and figures stand below it', () => {
  const slower = {
    ...AGREEMENT,
    medianDifferenceUs: { value: 1207, low: 1100, high: 1314 },
    medians: 'different',
  } as const;
  assertGolden(
    'drivers-table.txt',
    renderDrivers([
      { rate: 100, agreement: AGREEMENT },
      { rate: 500, agreement: slower },
      { rate: 1000, agreement: { ...AGREEMENT, medians: 'cannot-tell' } },
    ]),
  );
});
