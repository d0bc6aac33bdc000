// The command line of a script.
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * Options by their names and what they are otherwise. Where that is a number the option takes a number above 0; where it is false, it is
 * given or not; where it is undefined, it takes a text that may be left out. What cannot be used ends the script, see {@link refuse}.
 */
export function scriptOptions(defaults) {
  const options = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [
      name,
      { type: value === false ? /** @type {const} */ ('boolean') : /** @type {const} */ ('string') },
    ]),
  );
  const known = Object.entries(defaults).map(([name, value]) =>
    value === false ? `--${name}` : `--${name} ${value ?? '…'}`,
  );
  let given;
  try {
    ({ values: given } = parseArgs({ options }));
  } catch (error) {
    refuse(`${error.message.replaceAll('\n', ' ')}; there are (with what they are otherwise): ${known.join(', ')}`);
  }
  return Object.fromEntries(
    Object.entries(defaults).map(([name, otherwise]) => [name, valueOf(name, given[name], otherwise)]),
  );
}

/** One of several names, or all of them when the option was left out. */
export function someOf(name, text, known) {
  const chosen = text?.split(',') ?? known;
  const unknown = chosen.filter((each) => !known.includes(each));
  if (unknown.length > 0) refuse(`--${name} ${unknown.join(',')}: there are ${known.join(', ')}`);
  return chosen;
}

/**
 * Says in one line why the script cannot do what it was asked for, and ends it with 2.
 * @returns {never}
 */
export function refuse(reason) {
  console.error(`${basename(process.argv[1])}: ${reason}`);
  process.exit(2);
}

function valueOf(name, text, otherwise) {
  if (text === undefined || typeof otherwise !== 'number') return text ?? otherwise;
  const number = Number(text);
  if (!(number > 0 && number < Infinity)) refuse(`--${name} ${JSON.stringify(text)} is not a number above 0`);
  return number;
}
