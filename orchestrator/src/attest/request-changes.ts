import { AnswerFault } from '../answers/answer-fault.js';
import { type WireFormat, wireFormatOf } from '../answers/frame.js';
import type { Scenario } from '../catalogue/scenario.js';
import type { Reason } from '../record/reason.js';
import { objectionTo, receivedBy } from '../resources/mock-received.js';
import type { Asker } from './asker.js';
import { differences, type Differences } from './differences.js';
import { formatOf } from '../catalogue/format-of.js';
import { NoAnswer } from './no-answer.js';

/** The marker's word that makes the mock keep a request as it arrived. */
const KEEP = 'keep=yes';
/** Members that a gateway has to write anew: the model loses the prefix by which the gateway routes it. */
const EXPECTED = ['model'];
/** Ours come with a length: a provider that reads by it can take the body at once. */
const CHUNKED: Reason = {
  code: 'request-chunked',
  message:
    'it sends requests to the provider in chunked coding, without a length: a provider, or a proxy before it, may refuse that (411) ' +
    'or read it more slowly',
};
/** Places that are named of each kind; of further ones the number is. */
const MOST_NAMED = 5;

/**
 * What became of a request on its way through the target: the mock is asked how it arrived, and whether a provider would refuse it.
 * The mock itself answers such a request, so it makes nobody unmeasurable; it stands beside the figures.
 * @returns nothing where nothing was changed, or where the mock keeps no requests (an older one)
 */
export async function requestChanges(asker: Asker, scenario: Scenario): Promise<Reason[]> {
  if (asker.isDirect) return [];
  let sent;
  try {
    sent = await asker.target(scenario, KEEP);
  } catch (thrown) {
    // It answers without the word and not with it: a mock that does not know it.
    if (thrown instanceof AnswerFault || thrown instanceof NoAnswer) return [];
    throw thrown;
  }
  const arrived = await receivedBy(asker.behind, sent.id);
  if (arrived === null) return [];
  const coding = arrived.chunked === true ? [CHUNKED] : [];
  const [asked, passedOn] = [formatOf(scenario), wireFormatOf(asker.behind.url + arrived.path)];
  if (asked !== passedOn) return [translated(asked, passedOn, await objectionTo(asker.behind.url, arrived)), ...coding];
  const detour = arrived.path === scenario.path ? '' : `asks the mock ${arrived.method} ${arrived.path} instead`;
  const none: Differences = { added: [], dropped: [], changed: [] };
  // At another address it may be of another version, in which members have other names.
  const changes = detour === '' ? differences(parsed(sent.sent), parsed(arrived.body), EXPECTED) : none;
  const said = [detour, ...phrases(changes)].filter((text) => text !== '');
  if (said.length === 0) return coding;
  const objection = await objectionTo(asker.behind.url, arrived);
  const refused = objection === null ? '' : `; a provider would refuse that: ${objection}`;
  const message = `of each ${scenario.name} request it ${said.join(', ')}${refused}`;
  const evidence = { added: changes.added.length, dropped: changes.dropped.length, changed: changes.changed.length };
  return [{ code: 'request-changed', message, evidence }, ...coding];
}

/** In another API every member has another name: what is lost on the way is told by the answer, and by comparing meanings. */
function translated(asked: WireFormat, passedOn: WireFormat, objection: string | null): Reason {
  const refused = objection === null ? '' : `; a provider would refuse that: ${objection}`;
  const message = `${asked} → ${passedOn}: it asks the provider in another format, and translates the answer back${refused}`;
  return { code: 'translated', message };
}

function phrases({ added, dropped, changed }: Differences): string[] {
  return [named('adds', added), named('drops', dropped), named('changes', changed)];
}

function named(verb: string, places: readonly string[]): string {
  if (places.length === 0) return '';
  const more = places.length > MOST_NAMED ? ` and ${places.length - MOST_NAMED} more` : '';
  const list = places.slice(0, MOST_NAMED).map((place) => `\`${place}\``);
  return `${verb} ${list.join(', ')}${more}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
