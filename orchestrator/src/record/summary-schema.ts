import { z } from 'zod';
import { summarySchema } from './summary.js';

/** The JSON Schema (draft 2020-12) of `summary.json`, as it is published in `schema/summary.schema.json`. */
export function summaryJsonSchema(): Record<string, unknown> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'summary.json of crabllm-bench',
    description:
      'Times are microseconds, sizes bytes, rates per second, shares 0 to 1; low and high bound a 95 % interval.',
    ...z.toJSONSchema(summarySchema, { target: 'draft-2020-12' }),
  };
}
