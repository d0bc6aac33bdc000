import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { analyseCapacity } from '#src/analyse/capacity.js';
import { BenchError } from '#src/errors.js';
import type { Progress } from '#src/measure/progress.js';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { makePlan } from '#src/plan/plan.js';
import { capacityPageModel } from '#src/report/capacity-page-model.js';
import { sendPage, startPageServer } from '#src/serve/page-server.js';
import { LiveView } from '#src/serve/live-view.js';
import { OBJECTIVES, searchedRun } from '../analyse/searched-run.js';
import { syntheticRun } from '../analyse/synthetic-run.js';
import { TRIAL } from '../support/stored-run.js';
import { ask } from './ask.js';
import { look } from './look.js';

const scenario = SCENARIOS[0] ?? assert.fail();
const PLAN = makePlan({
  seed: 1,
  targets: [{ name: 'direct', kind: 'direct', identity: 'mock', startMs: 0 }],
  scenarios: [{ scenario, levels: [{ kind: 'rps', value: 100 }] }],
  driver: 'native',
  blocks: 2,
  durationMs: 2000,
  warmupMs: 0,
});

describe('a run that is seen while it goes on', () => {
  let view: LiveView;
  let told: string[];
  let stop: AbortController;

  beforeEach(async () => {
    told = [];
    stop = new AbortController();
    const nothing = (): void => {};
    const progress: Progress = {
      tell: (line) => void told.push(line),
      doing: nothing,
      begin: nothing,
      trialDone: nothing,
      secondChances: nothing,
      blockDone: nothing,
      standing: nothing,
      answer: nothing,
      rested: (ms) => void told.push(`rested ${ms > 0}`),
      end: nothing,
    };
    const interrupt = {
      signal: stop.signal,
      stop: (message: string) => stop.abort(new BenchError({ code: 'interrupted', message })),
      onSecond: nothing,
      release: nothing,
    };
    view = await LiveView.open(0, { progress, interrupt }, { runId: 'run-1', rests: 'block' });
  });
  afterEach(() => view.close());

  const post = (path: string) => ask(view.address, { method: 'POST', path });

  test('says where, and what happens: plan, trials, the answer behind a block', async () => {
    assert.match(told[0] ?? '', /^watch it at http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/$/);
    const viewer = await look(view.address);
    view.begin(PLAN, 0);
    view.doing('direct: starting');
    view.trialDone({ ...TRIAL, reason: { code: 'x', message: 'why not' } });
    const { manifest, trials } = syntheticRun();
    view.standing(analyse(manifest, trials), { manifest, trials });
    const text = await viewer.until(/event: model/);
    assert.match(text, /"progress":"block 1 of 2 · trial 1\/4, about/);
    assert.match(text, /"kind":"trial","text":"direct chat-minimal 100 rps: why not","bad":true/);
    const late = await look(view.address);
    assert.match(await late.until(/"model":\{/), /^retry: \d+\n\nevent: state\n.*why not/s);
  });

  test('has an answer of another kind made once, when somebody looks', async () => {
    const { manifest, trials } = searchedRun();
    let made = 0;
    view.answer(() => {
      made += 1;
      return capacityPageModel(analyseCapacity(manifest, trials, [], OBJECTIVES), [], manifest);
    });
    assert.equal(made, 0);
    const viewer = await look(view.address);
    await viewer.until(/"model":\{"kind":"capacity"/);
    const other = await look(view.address);
    await other.until(/"model":\{"kind":"capacity"/);
    assert.equal(made, 1);
  });

  test('within a window nothing is sent or answered; what was asked then is answered behind it', async () => {
    view.begin(PLAN, 0);
    const viewer = await look(view.address);
    await viewer.until(/event: state/);
    view.windowBegins(1000);
    const before = viewer.names.length;
    view.doing('in the window');
    view.tell('a line in the window');
    let answered = false;
    const page = ask(view.address).then((got) => {
      answered = true;
      return got;
    });
    // Another server of the same process answers in the meantime, so that this one could have.
    const other = await startPageServer(0, ({ response }) => sendPage(response, ''));
    for (let i = 0; i < 3; i += 1) await ask(other.address);
    await other.close();
    assert.equal(answered, false);
    assert.equal(viewer.names.length, before);
    view.windowEnds();
    assert.equal((await page).status, 200);
    await viewer.until(/a line in the window/);
  });

  test('a pause begins behind a block and ends when it is asked to; its time is nobody’s', async () => {
    view.begin(PLAN, 0);
    assert.equal(await view.rest(stop.signal), 0);
    assert.equal((await post('pause')).text, 'pausing\n');
    const resting = view.rest(stop.signal);
    const viewer = await look(view.address);
    await viewer.until(/"state":"paused"/);
    assert.equal((await post('resume')).text, 'measuring\n');
    assert.ok((await resting) > 0);
    assert.ok(told.includes('rested true'));
    assert.equal(await view.rest(stop.signal), 0);
  });

  test('a stop within a window ends the run as Ctrl-C does, also while it is paused', async () => {
    view.begin(PLAN, 0);
    await post('pause');
    const resting = view.rest(stop.signal);
    view.windowBegins(1000);
    void post('stop');
    await assert.rejects(
      resting,
      (thrown) => thrown instanceof BenchError && thrown.message === 'Stopped from the page.',
    );
    view.windowEnds();
  });

  test('ends as the report, waits until who looked on has it, and says what serving cost', async () => {
    view.begin(PLAN, 0);
    const viewer = await look(view.address);
    await viewer.until(/event: state/);
    view.windowBegins(1000);
    view.windowEnds();
    const ended = view.conclude('<p>the report</p>', 'The run has ended.', 0.0123);
    await viewer.until(/event: end\nid: \d+\ndata: \{"hasReport":true/);
    assert.equal((await ask(view.address)).text, '<p>the report</p>');
    await ended;
    assert.match(
      told.at(-1) ?? '',
      /^1 looked on at most; serving took \d+\.\d ms of 0 s of trials; all of this program 1\.23 % of a core in them$/,
    );
    const late = await look(view.address);
    await late.until(/event: end/);
  });

  test('the page is the report’s own components, and runs one script', async () => {
    const { text } = await ask(view.address);
    assert.match(text, /id="answer" data-live="events"/);
    assert.match(text, /connect-src 'self'/);
    assert.match(text, /<script type="application\/json" id="model">null<\/script>/);
    assert.equal((await ask(view.address, { path: 'run.json' })).status, 404);
    assert.equal((await post('shutdown')).status, 404);
  });
});
