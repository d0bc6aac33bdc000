import { at, textAt } from './frame.js';

/** The model that a plain answer or a frame names, in any of the dialects; `''` where it names none. */
export function modelOf(data: string): string {
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    return '';
  }
  // Messages and Responses name it inside what their first frame wraps.
  return textAt(json, 'model') || textAt(at(json, 'message'), 'model') || textAt(at(json, 'response'), 'model');
}
