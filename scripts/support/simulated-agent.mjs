// An agent by the protocol alone: its client is another than the product's, so that the protocol is tried by a second one. It sends no
// load, and delivers a file that was made before.
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Agent, request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { PROTOCOL } from '../../orchestrator/build/agent/wire.js';
import { monotonicUs } from '../../orchestrator/build/clock/clock.js';
import { VERSION } from '../../orchestrator/build/version.js';

/**
 * Lives until it is told that there is no more to do. `skewUs`: how far its clock is ahead; `startsLateUs`: how far it starts from
 * the moment that all have in common; `path`: the rows that it delivers; `record`: its report of them; `fault`: `none`, or what it
 * does wrong (`lost`, `late`, `spoilt`).
 */
export async function simulatedAgent(room, { nth, skewUs, startsLateUs, path, record, fault }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const held = new Agent({ keepAlive: true, maxSockets: 1 });
  const nowUs = () => monotonicUs() + skewUs;
  const session = randomBytes(8).toString('hex');
  const headers = { authorization: `Bearer ${room.token}`, 'x-bench-agent': `load/${nth}`, 'x-bench-session': session };
  const ask = async (method, where, body, more = {}) => {
    // What is held open is a request for orders, and it must not stand before what is delivered.
    const by = method === 'GET' ? held : agent;
    for (;;) {
      const about = { port: room.port, method, path: where, agent: by, headers: { ...headers, ...more } };
      const said = await once(about, body);
      if (said.status === 202) continue;
      if (said.status >= 400) throw new Error(`${where}: ${said.status} ${said.text}`);
      return said.text === '' ? null : JSON.parse(said.text);
    }
  };
  const trips = async () => {
    const all = [];
    while (all.length < 32) {
      const askedUs = nowUs();
      const about = { port: room.port, method: 'GET', path: '/v1/time', agent, headers };
      const { text, returnedUs } = await once(about, undefined, nowUs);
      all.push({ askedUs, returnedUs, ...JSON.parse(text) });
    }
    return all;
  };
  const leave = () => {
    for (const each of [agent, held]) each.destroy();
  };
  const who = { duty: 'load', index: nth, session, clockDomain: { bootId: `${nth}`, timeNamespace: 'none' } };
  const hello = { protocol: PROTOCOL, version: VERSION, ...who, host: { name: `n${nth}`, cpus: 1 } };
  try {
    await ask('POST', '/v1/hello', JSON.stringify(hello));
    for (let after = 0; ; ) {
      const order = await ask('GET', `/v1/orders?after=${after}`);
      if (order === null) continue;
      after = order.number;
      if (order.kind === 'end') return;
      if (order.kind === 'load') void makeTrial(order.trial).catch(() => {});
    }
  } finally {
    leave();
  }

  async function makeTrial(trial) {
    const at = (what) => `/v1/trials/${trial}/${what}`;
    if (fault === 'late') return;
    const { startAtUs } = await ask('POST', at('ready'), JSON.stringify({ trips: await trips() }));
    if (fault === 'lost') {
      leave();
      throw new Error('lost');
    }
    await ask('POST', at('finished'), '{}');
    // By its own clock, which is ahead of the orchestrator's by its skew.
    const startedAtUs = startAtUs + skewUs + startsLateUs;
    const report = { trips: await trips(), record, raw: { startedAtUs }, host: null };
    await ask('POST', at('report'), JSON.stringify(report));
    const sha256 = await digestOf(path);
    const promised = fault === 'spoilt' ? sha256.replace(/./g, '0') : sha256;
    const deliver = () => ask('PUT', at('rows'), () => readingOf(path), { 'x-bench-sha256': promised });
    if (fault === 'spoilt') for (let times = 1; times < 3; times++) await deliver().catch(() => {});
    await deliver();
  }
}

function once(about, body, clock) {
  return new Promise((resolve, reject) => {
    const asked = request(about, (answer) => {
      const returnedUs = clock?.() ?? 0;
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece) => (text += piece));
      answer.on('end', () => resolve({ status: answer.statusCode, text, returnedUs }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    if (typeof body === 'function') pipeline(body(), asked).catch(reject);
    else asked.end(body);
  });
}

async function digestOf(path) {
  const hash = createHash('sha256');
  for await (const piece of readingOf(path)) hash.update(piece);
  return hash.digest('hex');
}

function readingOf(path) {
  return createReadStream(path, { highWaterMark: 1 << 18 });
}
