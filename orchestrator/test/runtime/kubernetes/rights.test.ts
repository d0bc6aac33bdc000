import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { installed } from '#src/installation.js';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** The rules of all roles in the files that people apply, by file. */
function rules(): readonly (Rule & { readonly file: string })[] {
  const directory = installed('deploy/kubernetes');
  return readdirSync(directory).flatMap((file) =>
    parseAllDocuments(readFileSync(`${directory}/${file}`, 'utf8')).flatMap((document) => {
      const { rules: of = [] } = document.toJS() as { readonly rules?: readonly Rule[] };
      return of.map((rule) => ({ ...rule, file }));
    }),
  );
}

describe('the rights of a run', () => {
  it('forward no port and proxy to no Pod or Service, so no load and no rows can take the way through the API server', () => {
    const through = rules().flatMap(({ file, resources }) =>
      resources.filter((one) => /portforward|proxy|attach/.test(one)).map((one) => `${file}: ${one}`),
    );
    // It reads the configuration of a kubelet, and is not needed.
    assert.deepEqual(through, ['kubelet-reader.yaml: nodes/proxy']);
  });

  it('watch nothing: a watch that dies says nothing, and what is polled is seen again', () => {
    assert.deepEqual(
      rules().filter(({ verbs }) => verbs.includes('watch')),
      [],
    );
  });

  it('name what they are of: none is of everything', () => {
    const all = rules();
    assert.ok(all.length > 5);
    for (const { file, apiGroups, resources, verbs } of all)
      assert.ok(![...apiGroups, ...resources, ...verbs].includes('*'), file);
  });

  it('let the orchestrator read no Secret', () => {
    const secrets = rules().filter(({ resources }) => resources.includes('secrets'));
    assert.ok(secrets.length > 0);
    for (const { verbs } of secrets) assert.ok(!verbs.includes('get') && !verbs.includes('list'));
  });
});
