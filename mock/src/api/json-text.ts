import { schemaValue } from '../schema/schema-value.js';
import { Content } from './content.js';

/** A value that a JSON Schema allows, as a text of the answer. */
export function jsonText(schema: unknown): Content {
  return Content.of(JSON.stringify(schemaValue(schema)));
}
