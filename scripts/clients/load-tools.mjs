// What load tools of other makers say of the mock, beside what the mock counted of them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from './check.mjs';

const REQUESTS = 400;
const PATH = '/v1/chat/completions';
const BODY = '{"model":"bench-chat","messages":[{"role":"user","content":"Hello"}]}';
const STREAM = BODY.replace('{', '{"stream":true,');
const JSON_TYPE = 'Content-Type: application/json';
const LIMIT_MS = 60_000;

/** Autocannon of npm: a fixed number of requests, plain and streamed. */
export function autocannonRows(program) {
  return Object.entries({ plain: BODY, streamed: STREAM }).map(([what, body]) => ({
    client: 'autocannon',
    row: `${REQUESTS} ${what} answers`,
    async ask(url) {
      await mark(url);
      const options = [
        '--json',
        '--connections',
        '8',
        '--amount',
        String(REQUESTS),
        '--method',
        'POST',
        '--headers',
        JSON_TYPE,
      ];
      const { stdout, stderr } = ended(process.execPath, [program, ...options, '--body', body, url + PATH]);
      const told = JSON.parse(stdout || stderr);
      check(told['2xx'] === REQUESTS && told.errors === 0 && told.non2xx === 0, JSON.stringify(told.statusCodeStats));
      return `${told['2xx']} of 2xx, ${told.errors} errors, ${await counted(url)} counted by the mock`;
    },
  }));
}

/** Locust of PyPI: a fixed number of users for some seconds, without its page. */
export function locustRows(program) {
  return [
    {
      client: 'locust',
      row: 'users that wait for nothing',
      async ask(url) {
        await mark(url);
        const work = mkdtempSync(join(tmpdir(), 'locust-'));
        writeFileSync(join(work, 'locustfile.py'), LOCUSTFILE);
        const options = [
          '--headless',
          '--users',
          '4',
          '--spawn-rate',
          '4',
          '--run-time',
          '3s',
          '--json',
          '--only-summary',
        ];
        const { stdout } = ended(program, ['-f', join(work, 'locustfile.py'), '--host', url, ...options]);
        const [told] = JSON.parse(stdout);
        const seen = await counted(url);
        check(
          told.num_failures === 0 && told.num_requests > 0 && seen >= told.num_requests,
          `${JSON.stringify(told)}, mock ${seen}`,
        );
        return `${told.num_requests} requests, ${told.num_failures} failures, ${seen} counted by the mock`;
      },
    },
  ];
}

/** wrk, as Debian has it: as many requests as it can in a second. */
export function wrkRows(program) {
  return [
    {
      client: 'wrk',
      row: 'as many as it can',
      async ask(url) {
        await mark(url);
        const work = mkdtempSync(join(tmpdir(), 'wrk-'));
        const script = `wrk.method = "POST"\nwrk.body = '${BODY}'\nwrk.headers["Content-Type"] = "application/json"\n`;
        writeFileSync(join(work, 'chat.lua'), script);
        const { stdout } = ended(program, ['-c', '8', '-t', '1', '-d', '1s', '-s', join(work, 'chat.lua'), url + PATH]);
        check(!/Non-2xx|Socket errors/.test(stdout), stdout);
        return /\d+ requests in .*/.exec(stdout)?.[0] ?? stdout;
      },
    },
  ];
}

const LOCUSTFILE = `from locust import HttpUser, task


class Bench(HttpUser):
    @task
    def chat(self):
        with self.client.post("${PATH}", json=${BODY}, catch_response=True) as answer:
            if answer.json()["choices"][0]["finish_reason"] != "stop":
                answer.failure(answer.text)
`;

/** Begins a new window of the mock's counts. */
async function mark(url) {
  await fetch(`${url}/__bench/mark`, { method: 'POST' });
}

/** Requests of the window. */
async function counted(url) {
  const { window } = await (await fetch(`${url}/__bench/health`)).json();
  return window.requests;
}

function ended(program, args) {
  const { stdout, stderr, status, error } = spawnSync(program, args, { encoding: 'utf8', timeout: LIMIT_MS });
  if (error !== undefined) throw error;
  check(status === 0, `exit code ${status}: ${stderr.trim().split('\n').at(-1)}`);
  return { stdout, stderr };
}
