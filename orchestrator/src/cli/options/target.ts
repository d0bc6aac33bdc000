import { split } from 'shlex';
import { BASE_PATH } from '../../catalogue/addressing.js';
import { InterpolationFault, interpolate } from '../../catalogue/interpolate.js';
import { SERVED } from '../../catalogue/served.js';
import { DEVIATIONS } from '../../catalogue/service.js';
import { messageOf, usageError } from '../../errors.js';
import { nearest } from '../../nearest.js';
import type { ExternalTarget } from '../../measure/request.js';
import { type RawOptions, valuesOf } from './command.js';

/** Keys behind a target's URL: those of x-bench in a compose file, and they mean the same. */
const KEYS = ['base-path', 'health', 'model', 'model-prefix', 'header', 'serves', 'accept'] as const;
type Key = (typeof KEYS)[number];

/** In place of a header's value in everything that is kept or told. */
const KEPT_SECRET = '(set)';
/** A variable alone, or behind the word of a scheme: what it stands for is kept nowhere. */
const ONLY_A_VARIABLE = /^(?:[A-Za-z]+ +)?\$(?:\w+|\{\w+\})$/;

const EXAMPLE =
  "Give NAME=URL, or a URL alone, and behind it KEY=VALUE, for example --target 'mygw=http://127.0.0.1:8080 " +
  'base-path=/openai header="authorization: Bearer $MYGW_KEY"\'.';

type Fault = (what: string) => Error;

/**
 * `NAME=URL`, or a URL, which is then named after where it leads: `127.0.0.1-8080`. Behind it, each behind a space and quoted as a shell
 * has it, any of {@link KEYS} with a value, in which `$VAR` and `${VAR}` are put in.
 * @throws BenchError `bad-value`
 */
export function parseTarget(text: string, environment: NodeJS.ProcessEnv = process.env): ExternalTarget {
  // What is told holds no header: an error is pasted anywhere.
  const fault: Fault = (what) =>
    usageError('bad-value', `--target ${JSON.stringify(recordedTarget(text))}: ${what}.`, EXAMPLE);
  const [first = '', ...words] = wordsOf(text, fault);
  const target = whereOf(first, fault);
  const pairs = words.map((word) => pairOf(word, environment, fault));
  const [twice] = pairs.filter(({ key }, at) => key !== 'header' && pairs.findIndex((one) => one.key === key) < at);
  if (twice !== undefined) throw fault(`${twice.key} is given twice`);
  const valueOf = (key: Key): string | undefined => pairs.find((pair) => pair.key === key)?.value;
  const headers = pairs.flatMap(({ key, value }) => (key === 'header' ? [headerOf(value, fault)] : []));
  const [basePath, health] = [valueOf('base-path'), valueOf('health')];
  const [model, modelPrefix] = [valueOf('model'), valueOf('model-prefix')];
  const [serves, accept] = [valueOf('serves'), valueOf('accept')];
  if (basePath !== undefined && !BASE_PATH.test(basePath))
    throw fault(`base-path ${JSON.stringify(basePath)} is none: it stands before /v1, such as /openai`);
  if (health !== undefined && !health.startsWith('/'))
    throw fault(`health ${JSON.stringify(health)} is no path: it starts with /`);
  return {
    ...target,
    ...(basePath === undefined ? {} : { basePath }),
    ...(health === undefined ? {} : { healthPath: health }),
    ...(model === undefined ? {} : { model }),
    ...(modelPrefix === undefined ? {} : { modelPrefix }),
    ...(serves === undefined ? {} : { serves: listOf('serves', serves, SERVED, fault) }),
    ...(accept === undefined ? {} : { accept: listOf('accept', accept, DEVIATIONS, fault) }),
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
  };
}

/** Options as they are kept and told: of a header of a target its name, unless its value is a variable, which tells nothing. */
export function recordableOptions(options: RawOptions): RawOptions {
  const { target } = options;
  if (target === undefined) return options;
  const kept = valuesOf(options, 'target').map(recordedTarget);
  return { ...options, target: Array.isArray(target) ? kept : kept[0] };
}

/** Whether what was kept of an option is not enough to do the same again. */
export function lacksHeader(options: RawOptions): boolean {
  return valuesOf(options, 'target').some((text) => text.includes(KEPT_SECRET));
}

function recordedTarget(text: string): string {
  let words: string[];
  try {
    words = split(text);
  } catch {
    return text.replace(/\bheader=[^]*$/, `header=${KEPT_SECRET}`);
  }
  const kept = words.map((word) => {
    const [, name, value = ''] = /^header=([^:]*):\s*([^]*)$/.exec(word) ?? [];
    if (name === undefined) return word.startsWith('header=') ? `header=${KEPT_SECRET}` : word;
    return `header=${name}: ${ONLY_A_VARIABLE.test(value.trim()) ? value.trim() : KEPT_SECRET}`;
  });
  return kept.map((word) => (/[\s"']/.test(word) ? JSON.stringify(word) : word)).join(' ');
}

function wordsOf(text: string, fault: Fault): string[] {
  try {
    return split(text);
  } catch (thrown) {
    throw fault(`its quotes do not match (${messageOf(thrown)})`);
  }
}

function whereOf(text: string, fault: Fault): Pick<ExternalTarget, 'name' | 'url'> {
  const bare = /^https?:/i.test(text);
  const at = bare ? -1 : text.indexOf('=');
  const url = text.slice(at + 1);
  const name = bare ? nameOfUrl(url) : text.slice(0, Math.max(at, 0));
  if (bare && name === '') throw fault(`"${url}" is not a URL`);
  if (!/^[a-z0-9][a-z0-9_.-]*$/.test(name) || name === 'direct')
    throw fault(`"${name}" cannot be a name (lower-case letters, digits, "-", "_", "."; not "direct")`);
  if (!URL.canParse(url)) throw fault(`"${url}" is not a URL`);
  const parsed = new URL(url);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')
    throw fault(`only http and https are measured, not "${parsed.protocol.slice(0, -1)}"`);
  if (parsed.search !== '' || parsed.hash !== '') throw fault('a query or fragment cannot be part of it');
  if (parsed.username !== '' || parsed.password !== '')
    throw fault('a user and a password cannot be part of it: give header="authorization: Basic $VAR"');
  return { name, url: parsed.href.replace(/\/+$/, '') };
}

/** Host and port, in letters that a name may have; empty for what is no URL. */
function nameOfUrl(url: string): string {
  if (!URL.canParse(url)) return '';
  return new URL(url).host.replaceAll(/[^a-z0-9_.-]+/g, '-').replaceAll(/^[^a-z0-9]+|-+$/g, '');
}

function pairOf(
  word: string,
  environment: NodeJS.ProcessEnv,
  fault: Fault,
): { readonly key: Key; readonly value: string } {
  const at = word.indexOf('=');
  const name = word.slice(0, Math.max(at, 0));
  const key = KEYS.find((known) => known === name);
  if (key === undefined)
    throw fault(
      `${JSON.stringify(at === -1 ? word : name)} is none of ${KEYS.join(', ')}.${nearest(name, KEYS)}`.replace(
        /\.$/,
        '',
      ),
    );
  try {
    const value = interpolate(word.slice(at + 1), (variable) => environment[variable]);
    if (value === '' && key !== 'base-path') throw fault(`${key} is empty`);
    return { key, value };
  } catch (thrown) {
    if (!(thrown instanceof InterpolationFault)) throw thrown;
    throw fault(`${key}: ${thrown.message}`);
  }
}

/** The rule of HTTP for names and values: https://www.rfc-editor.org/rfc/rfc9110#name-field-names */
function headerOf(text: string, fault: Fault): [name: string, value: string] {
  const [, name = '', value = ''] = /^([^:]*):\s*([^]*?)\s*$/.exec(text) ?? [];
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) throw fault('a header is NAME: VALUE');
  // oxlint-disable-next-line no-control-regex -- they would end the header, and begin another
  if (value === '' || /[\u0000-\u0008\u000A-\u001F\u007F]/.test(value))
    throw fault(`the header ${name} has no value that can be sent`);
  return [name.toLowerCase(), value];
}

function listOf<T extends string>(key: Key, text: string, known: readonly T[], fault: Fault): T[] {
  return text.split(',').map((word) => {
    const one = known.find((item) => item === word.trim());
    if (one !== undefined) return one;
    throw fault(
      `${key} ${JSON.stringify(word)} is none of ${known.join(', ')}.${nearest(word, known)}`.replace(/\.$/, ''),
    );
  });
}
