import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ohaErrorKind } from '#src/load/oha/errors.js';

const cases = {
  'aborted due to deadline': null,
  timeout: 'timeout',
  'Connection refused (os error 111)': 'connect',
  'No route to host (os error 113)': 'connect',
  'Too many open files (os error 24)': 'exhausted',
  'No file descriptors available (os error 24)': 'exhausted',
  'Too many open files in system (os error 23)': 'exhausted',
  'Cannot assign requested address (os error 99)': 'exhausted',
  "Can't assign requested address (os error 49)": 'exhausted',
  'No buffer space available (os error 105)': 'exhausted',
  'Resource temporarily unavailable (os error 11)': 'exhausted',
  'Connection reset by peer (os error 104)': 'reset',
  'Broken pipe (os error 32)': 'reset',
  'connection error': 'reset',
  'connection closed before message completed': 'reset',
  'operation was canceled': 'reset',
  'error reading a body from connection': 'truncated',
  'invalid HTTP version parsed': 'malformed',
  'invalid content-length parsed': 'malformed',
  'unexpected transfer-encoding parsed': 'malformed',
  'received unexpected message from connection': 'malformed',
  'message head is too large': 'malformed',
  'No record returned from DNS': 'connect',
  'Redirection limit has reached': 'other',
  'something that no version has said yet': 'other',
} as const;

for (const [message, kind] of Object.entries(cases)) {
  it(`takes "${message}" for ${kind ?? 'no error'}`, () => assert.equal(ohaErrorKind(message), kind));
}
