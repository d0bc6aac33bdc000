import { ANSWER_SLOT } from '../wire/answer-id.js';

// Every id ends with the digits of its answer, so that no two answers have one in common, those to a retry included, and each can be
// found in the ledger. What stands before them fills an id up to the length of the provider's own.

/** The id of a response as its head has it. */
export const REQUEST_ID: string = `req_${ANSWER_SLOT}`;

/** The id of a chat completion. */
export const CHAT_ID: string = `chatcmpl-bench${ANSWER_SLOT}`;

/** The id of a legacy completion. */
export const COMPLETION_ID: string = `cmpl-bench${ANSWER_SLOT}`;

/** The id of a message of the Messages API. */
export const MESSAGE_ID: string = `msg_${ANSWER_SLOT}`;

/** The id of a response of the Responses API. */
export const RESPONSE_ID: string = `resp_${'bench'.padEnd(24, '0')}${ANSWER_SLOT}`;

/**
 * The id of an output item of the Responses API.
 * @param prefix that of its kind, such as `fc`
 * @param place among the items of its answer, from 0
 */
export function itemId(prefix: string, place: number): string {
  return `${prefix}_${'bench'.padEnd(22, '0')}${twoDigits(place)}${ANSWER_SLOT}`;
}

/**
 * The id of a tool call.
 * @param prefix the provider's, such as `call_`
 * @param place among the calls of its answer, from 0
 */
export function callId(prefix: string, place: number): string {
  return `${prefix}${twoDigits(place + 1)}${ANSWER_SLOT}`;
}

function twoDigits(place: number): string {
  return place.toString(16).padStart(2, '0');
}
