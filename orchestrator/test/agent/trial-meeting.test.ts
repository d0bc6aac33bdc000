import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TrialMeeting } from '#src/agent/trial-meeting.js';
import type { AgentReport } from '#src/agent/report.js';

const TRIPS = [{ askedUs: 0, heardUs: 1, answeredUs: 2, returnedUs: 3 }];
const REPORT = {} as AgentReport;
/** Nobody who comes at all is late for a minute; who never comes is missed at once. */
const PATIENT = { readyMs: 60_000, leadMs: 7, finishMs: 60_000, deliverMs: 60_000 };

function meetingOf(names: readonly string[], times: Partial<typeof PATIENT> = {}): TrialMeeting {
  return new TrialMeeting('1', names, () => 1e6, { ...PATIENT, ...times });
}

describe('the agents of a trial', () => {
  test('start together behind the last that is ready, and bring what they have in any order', async () => {
    const meeting = meetingOf(['load/0', 'load/1']);
    const told: number[] = [];
    const held = meeting.hold(1000, (atUs) => told.push(atUs));
    meeting.ready(1, TRIPS);
    assert.equal(meeting.startAtUs, null);
    meeting.ready(0, TRIPS);
    assert.ok(await meeting.until(() => meeting.startAtUs !== null, 60_000));
    assert.deepEqual([meeting.startAtUs, ...told], [1e6 + 7000, 1e6 + 7000]);
    meeting.rows(1, 'one');
    for (const nth of [1, 0]) meeting.finished(nth);
    meeting.report(0, REPORT);
    meeting.rows(0, 'zero');
    meeting.report(1, REPORT);
    assert.deepEqual(
      (await held).map(({ rows, before }) => [rows, before]),
      [
        ['zero', TRIPS],
        ['one', TRIPS],
      ],
    );
  });

  test('one that is not ready in time is named, and what is held for the others is refused', async () => {
    const meeting = meetingOf(['load/0', 'load/1', 'load/2'], { readyMs: 20 });
    meeting.ready(1, TRIPS);
    const waiting = assert.rejects(
      meeting.until(() => meeting.startAtUs !== null, 60_000),
      { code: 'agent-late' },
    );
    await assert.rejects(
      meeting.hold(0, () => assert.fail()),
      {
        code: 'agent-late',
        message: 'agent load/0, load/2 of 3: not ready within 0.02 s',
        exitCode: 4,
      },
    );
    await waiting;
  });

  test('one that does not finish, and one that does not bring its rows, are named', async () => {
    const silent = meetingOf(['load/0', 'load/1'], { leadMs: 0, finishMs: 20 });
    for (const nth of [0, 1]) silent.ready(nth, TRIPS);
    silent.finished(0);
    await assert.rejects(
      silent.hold(0, () => {}),
      {
        code: 'agent-silent',
        message: 'agent load/1 of 2: not done 0.02 s behind the end',
      },
    );
    const without = meetingOf(['load/0', 'load/1'], { leadMs: 0, deliverMs: 20 });
    for (const nth of [0, 1]) {
      without.ready(nth, TRIPS);
      without.finished(nth);
    }
    without.report(0, REPORT);
    without.rows(0, 'zero');
    without.report(1, REPORT);
    await assert.rejects(
      without.hold(0, () => {}),
      {
        code: 'agent-silent',
        message: 'agent load/1 of 2: no byte of their rows for 0.02 s',
      },
    );
  });

  test('rows that come spoilt may come again, twice', async () => {
    const meeting = meetingOf(['load/0']);
    for (const time of [1, 2]) {
      meeting.corrupt(0, 'another checksum');
      assert.equal(meeting.void, null, `time ${time}`);
    }
    meeting.corrupt(0, 'another checksum');
    await assert.rejects(
      meeting.hold(0, () => assert.fail()),
      { code: 'rows-corrupt', message: 'agent load/0: its rows came spoilt 3 times: another checksum' },
    );
  });

  test('the first reason stays', async () => {
    const meeting = meetingOf(['load/0']);
    meeting.callOff({ code: 'agent-lost', message: 'first' });
    meeting.callOff({ code: 'agent-late', message: 'second' });
    await assert.rejects(
      meeting.hold(0, () => assert.fail()),
      { code: 'agent-lost', message: 'first' },
    );
    assert.equal(meeting.shareOf('load/7'), -1);
  });
});
