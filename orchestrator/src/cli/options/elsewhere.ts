import { readFileSync } from 'node:fs';
import { TOKEN_VARIABLE } from '../../agent/wire.js';
import { messageOf, usageError } from '../../errors.js';
import { splitList } from './values.js';

/** The address of a program of this project elsewhere. @throws BenchError `bad-value` for more than scheme, host and port */
export function parseAddress(option: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && url.protocol === 'http:' && url.pathname === '/' && url.search === '') return url;
  throw usageError(
    'bad-value',
    `--${option} ${JSON.stringify(text)} is not understood.`,
    `Give scheme, host and port and nothing else, for example --${option} http://10.0.0.5:7070.`,
  );
}

/** Names with an address each, `node1=http://10.0.0.5:29001,…`. @throws BenchError `bad-value` */
export function parseNamedAddresses(option: string, text: string): { readonly name: string; readonly url: string }[] {
  const example = `for example --${option} node1=http://10.0.0.5:29001`;
  const words = splitList(text);
  if (words.length === 0) throw usageError('bad-value', `--${option} is empty.`, `Give NAME=URL, ${example}.`);
  return words.map((word) => {
    const [, name, address] = /^([^=]+)=(.+)$/.exec(word) ?? [];
    if (name === undefined || address === undefined)
      throw usageError('bad-value', `--${option} ${JSON.stringify(word)} has no name.`, `Give NAME=URL, ${example}.`);
    return { name, url: parseAddress(option, address).origin };
  });
}

/** The token never stands on a command line, where every process of the host could read it. @throws BenchError `bad-value` */
export function readToken(file: string | undefined): string {
  const text = file === undefined ? process.env[TOKEN_VARIABLE] : readTokenFile(file);
  const token = text?.trim() ?? '';
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const from = file === undefined ? `${TOKEN_VARIABLE} in the environment` : file;
  throw usageError(
    'bad-value',
    text === undefined ? `There is no token: no --token-file, and no ${from}.` : `${from} holds no token.`,
    `Give --token-file FILE, or set ${TOKEN_VARIABLE}; a token is one word.`,
  );
}

function readTokenFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw usageError(
      'bad-value',
      `--token-file ${file} cannot be read: ${messageOf(thrown)}.`,
      'Give a file with the token.',
    );
  }
}
