import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { imageName, imagesText } from '#src/runtime/kubernetes/image-names.js';

describe('images of a run on a cluster', () => {
  it('are named by a registry only where they have none of their own', () => {
    const names = { imageRegistry: 'r.example/x', ownImage: null };
    assert.equal(imageName('crabllm-bench:0.1.0', names), 'r.example/x/crabllm-bench:0.1.0');
    assert.equal(imageName('crabllm-bench-portkey:1', names), 'r.example/x/crabllm-bench-portkey:1');
    assert.equal(imageName('nginx:1.28.0', names), 'nginx:1.28.0');
    assert.equal(imageName('crabllm-bench:0.1.0', { ...names, ownImage: 'mine:2' }), 'mine:2');
  });

  it('are said to be on nodes that list them, and the others pull what they do not have', () => {
    const wanted = [
      { image: 'crabllm-bench:0.1.0', node: 'a' },
      { image: 'crabllm-bench:0.1.0', node: 'b' },
      { image: 'crabllm-bench:0.1.0', node: 'a' },
      { image: 'ghcr.io/crabtalk/crabllm:0.0.25', node: 'b' },
      { image: 'litellm:1', node: 'b' },
    ];
    const listed = {
      a: ['docker.io/library/crabllm-bench:0.1.0', 'docker.io/library/litellm:1'],
      b: ['ghcr.io/crabtalk/crabllm:0.0.25'],
    };
    assert.equal(
      imagesText(wanted, listed),
      'images: crabllm-bench:0.1.0 on a, not listed by b, which pulls what it does not have; ' +
        'ghcr.io/crabtalk/crabllm:0.0.25 on b; litellm:1 not listed by b, which pulls what it does not have',
    );
  });
});
