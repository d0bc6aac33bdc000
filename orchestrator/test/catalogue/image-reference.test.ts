import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isImageReference, withTag } from '#src/catalogue/image-reference.js';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

test('an image without a tag is the latest one, as for the docker command: an engine would pull every tag', () => {
  assert.equal(withTag('nginx'), 'nginx:latest');
  assert.equal(withTag('localhost:5000/gw'), 'localhost:5000/gw:latest');
  assert.equal(withTag('localhost:5000/gw:1.0'), 'localhost:5000/gw:1.0');
  assert.equal(withTag(`nginx@${DIGEST}`), `nginx@${DIGEST}`);
});

test('names that no engine takes are told', () => {
  for (const image of ['nginx', 'ghcr.io/a/b_c/d-e.f:v1.2', `nginx:1@${DIGEST}`, '[::1]:5000/gw:1']) {
    assert.equal(isImageReference(image), true, image);
  }
  for (const image of ['', 'a b', 'nginx:', 'Example/GW', 'nginx@sha256:abc', 'a//b', ':1']) {
    assert.equal(isImageReference(image), false, image);
  }
});
