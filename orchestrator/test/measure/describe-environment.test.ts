import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeEnvironment } from '#src/measure/describe-environment.js';

test('what bears on a measurement is recorded, without log-in data and nothing else', () => {
  const environment = {
    NODE_OPTIONS: '--max-old-space-size=4096',
    HTTPS_PROXY: 'http://me:secret@proxy.test:3128',
    no_proxy: 'localhost',
    OPENAI_API_KEY: 'sk-1',
    GOGC: '',
    HOME: '/home/me',
  };
  assert.deepEqual(describeEnvironment(environment, ['--jitless']), {
    HTTPS_PROXY: 'http://…@proxy.test:3128',
    no_proxy: 'localhost',
    NODE_OPTIONS: '--max-old-space-size=4096',
    execArgv: '--jitless',
  });
  assert.deepEqual(describeEnvironment({}, []), {});
});
