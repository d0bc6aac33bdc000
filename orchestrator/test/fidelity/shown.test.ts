import { test } from 'node:test';
import { fidelityMarkdown } from '#src/fidelity/markdown.js';
import type { CaseFidelity, Fidelity, Passage } from '#src/fidelity/result.js';
import { renderFidelity } from '#src/fidelity/terminal.js';
import { assertGolden } from '../golden.js';

const NOTHING: Passage = { fields: [], added: [] };
const KEPT: Passage = { fields: [{ field: 'temperature', state: 'kept' }], added: [] };
const WHOLE: CaseFidelity = {
  case: 'chat',
  state: 'seen',
  asked: 'chat',
  passedOn: 'chat',
  request: KEPT,
  answer: NOTHING,
  notes: [],
};
const UNSERVED: CaseFidelity = {
  case: 'messages',
  state: 'not-offered',
  reason: { code: 'not-offered', message: 'its entry does not serve messages' },
};

const FIDELITY: Fidelity = {
  schemaVersion: 1,
  version: '1.2.3',
  takenAt: '2026-01-31T12:00:00.000Z',
  runtime: 'process',
  gateways: [
    { gateway: 'plain', version: '1.0', cases: [WHOLE, UNSERVED] },
    { gateway: 'alike', version: null, cases: [WHOLE, UNSERVED] },
    {
      gateway: 'lossy',
      version: '2.0',
      cases: [
        {
          ...WHOLE,
          request: {
            fields: [
              { field: 'temperature', state: 'changed', detail: '1' },
              { field: 'max_tokens', state: 'moved', detail: 'max_completion_tokens' },
              { field: 'verbosity', state: 'refused', detail: 'status 400: no *such* | <member>' },
              { field: 'header traceparent', state: 'lost' },
            ],
            added: ['stream', 'n'],
          },
          answer: {
            fields: [
              { field: 'DONE', state: 'lost' },
              { field: 'header :status (error 429)', state: 'kept' },
            ],
            added: [],
          },
          notes: ['one question reached the provider 2 times'],
        },
        {
          case: 'messages',
          state: 'seen',
          asked: 'messages',
          passedOn: 'chat',
          request: {
            fields: [
              { field: 'top_k', state: 'no-place' },
              { field: 'max_tokens', state: 'moved', detail: 'max_tokens' },
            ],
            added: [],
          },
          answer: NOTHING,
          notes: [],
        },
      ],
    },
    { gateway: 'gone', absent: { code: 'not-installed', message: 'gone is not on PATH' } },
    {
      gateway: 'broken',
      version: '3',
      cases: [{ case: 'chat', state: 'failed', reason: { code: 'no-answer', message: 'status 500: oh' } }],
    },
  ],
};

test('what is kept and what is not, on a terminal', () => {
  assertGolden('fidelity.txt', renderFidelity(FIDELITY, { columns: 90, colour: false }));
});

test('the same as tables', () => {
  assertGolden('fidelity.md', fidelityMarkdown(FIDELITY));
});
