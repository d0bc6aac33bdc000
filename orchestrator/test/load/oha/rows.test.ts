import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import initSqlJs from 'sql.js';
import { createRowsReader } from '#src/load/oha/rows.js';
import { fixture } from './fixtures.js';

const reader = createRowsReader();
after(() => reader.close());

describe('the rows of a database', () => {
  it('of an open loop: intended before taken up before ended, in microseconds', async () => {
    const { intendedUs, startUs, endUs, status, bytes } = await reader.read(fixture('open-loop.db'));
    assert.equal(status.length, 150);
    for (let i = 0; i < status.length; i++) {
      const [intended, start, end] = [intendedUs[i] ?? 0, startUs[i] ?? 0, endUs[i] ?? 0];
      assert.ok(0 <= intended && intended <= start && start < end && end < 4e6);
      assert.equal(status[i], 200);
      assert.equal(bytes[i], '{"ok":true}'.length);
    }
  });

  it('of a closed loop: nothing was intended', async () => {
    const { intendedUs, startUs } = await reader.read(fixture('streams.db'));
    assert.ok(intendedUs.length > 0 && intendedUs.every(Number.isNaN));
    assert.ok(startUs.every((start) => start >= 0));
  });

  it('of a run without an answer: none', async () => {
    assert.equal((await reader.read(fixture('refused.db'))).status.length, 0);
  });
});

describe('a file that is not what oha writes', () => {
  it('is refused when it is no database, or a cut one', async () => {
    const whole = fixture('open-loop.db');
    for (const file of [Buffer.from('not a database'), whole.subarray(0, 10_000)]) {
      await assert.rejects(reader.read(file), {
        code: 'driver-failed',
        message: /database of \d+ bytes cannot be read: /,
      });
    }
  });

  it('is refused when it lacks the table or a column', async () => {
    const { Database } = await initSqlJs();
    const other = new Database();
    await assert.rejects(reader.read(other.export()), { code: 'driver-failed', message: /no such table: oha/ });
    other.run('CREATE TABLE oha (start REAL, "end" REAL)');
    await assert.rejects(reader.read(other.export()), { code: 'driver-failed', message: /no such column/ });
    other.close();
  });
});
