import type { Addressing } from './addressing.js';
import { ID_PLACEHOLDER } from './marker.js';
import type { Scenario } from './scenario.js';
import { scenarioBody } from './scenarios.js';

/** The id of every request that a cache is to answer: as long as one of a driver's, which puts its own only where the placeholder stands. */
export const EQUAL_ID = 'equal'.padEnd(ID_PLACEHOLDER.length, '0');

/**
 * The body that a target is loaded with.
 * @param target `equalRequests`: whether each request is to be equal to the one before
 */
export function loadBody(scenario: Scenario, target: Addressing & { readonly equalRequests?: true }): string {
  const body = scenarioBody(scenario, target);
  return target.equalRequests === true ? body.replaceAll(ID_PLACEHOLDER, EQUAL_ID) : body;
}
