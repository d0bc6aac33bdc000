import type { Service } from './service.js';

/** What stands in the place of a secret. */
const HIDDEN = '(set)';

/** Names of variables, headers and settings whose value is nobody's business: run directories are sent around. */
const SECRET_NAME = /key|secret|token|passw|passphrase|pwd|credential|authorization|cookie|private/i;

/** The same as a word of a text: `api_key`, `"x-api-key"`, `masterKey`. */
const WORD = String.raw`["']?[\w.-]*(?:key|secret|token|password|passwd|passphrase|pwd|credential|authorization|cookie)s?["']?`;

/** Shapes that are secrets whatever they are called: keys of providers and forges, JSON Web Tokens, bearers. */
const SECRET_SHAPE =
  /\b(?:sk|pk|rk)[-_][\w-]{8,}|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}|\b(?:AKIA|ASIA)[0-9A-Z]{16}|\bAIza[\w-]{30,}|\bxox[abeprs]-[\w-]{10,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|(?<=\b(?:Bearer|Basic) )[\w.~+/=-]{6,}/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** Log-in data of a URL, and parameters of it that are named as secrets. */
const USER_INFO = /(?<=\/\/)[^/@\s"']+@/g;
const PARAMETER = new RegExp(String.raw`(?<=[?&]${WORD}=)[^&\s"']+`, 'gi');

/** A setting that begins a line and has the rest of it: `api_key: value`, `- token = value`. */
const LINE = new RegExp(String.raw`^(?<before>\s*(?:-\s+)?(?:export\s+)?${WORD}\s*[:=]\s*)(?<value>\S.*)?$`, 'i');
/** One within a line: `{"api_key": "value", …}`, `--api-key=value`, `--api-key value`. */
const WITHIN = new RegExp(
  String.raw`(?<before>(?:--${WORD}(?:=|\s+)|${WORD}\s*[:=]\s*))(?<value>"[^"]*"|'[^']*'|[^\s,}\]"']+)`,
  'gi',
);

/** Shorter ones are words that stand elsewhere for other reasons. */
const LEAST_SECRET = 6;

/** A variable's or header's value as it may be kept; null: unset. */
export function shownValue(name: string, value: string | null): string | null {
  if (value === null) return null;
  return isSecretName(name) && !isHarmless(name, value) ? HIDDEN : withoutShapes(value);
}

/** A text (a command, a configuration file, a log) without anything that is named, or looks, like a secret, nor any of these. */
export function withoutSecrets(text: string, known: readonly string[] = []): string {
  const open = known.reduce((left, secret) => left.replaceAll(secret, HIDDEN), text.replaceAll(PRIVATE_KEY, HIDDEN));
  return withoutBlocks(open.split('\n'))
    .map((line) => withoutShapes(hideNamed(line)))
    .join('\n');
}

/** Words of a command as they may be kept; the word behind an option that is named as a secret is one. */
export function shownWords(words: readonly string[], known: readonly string[] = []): string[] {
  return words.map((word, i) => {
    const before = words[i - 1] ?? '';
    return /^--?[\w.-]+$/.test(before) && isSecretName(before) && !word.startsWith('-')
      ? HIDDEN
      : withoutSecrets(word, known);
  });
}

/** The values that a service is given as secrets, to be found wherever it prints them or another place repeats them. */
export function secretsOf({ environment, headers, process, helpers = [] }: Service): string[] {
  const named = [
    ...Object.entries(environment),
    ...Object.entries(headers),
    ...Object.entries(process?.environment ?? {}),
  ];
  const own = named.flatMap(([name, value]) => {
    if (value === null) return [];
    // What stands behind `Bearer ` is the secret.
    const bare = value.replace(/^(?:Bearer|Basic) /i, '');
    return isSecretName(name) && !isHarmless(name, bare) && bare.length >= LEAST_SECRET ? [bare] : [];
  });
  return [...new Set([...own, ...helpers.flatMap(secretsOf)])].sort((a, b) => b.length - a.length);
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Nobody's password: `MASTER_KEY_REQUIRED=true`, `max_tokens: 4096`. */
function isHarmless(name: string, value: string): boolean {
  return /^(?:true|false|yes|no|on|off|)$/i.test(value) || (/tokens/i.test(name) && /^\d+$/.test(value));
}

function hideNamed(line: string): string {
  const whole = LINE.exec(line);
  if (whole?.groups !== undefined) {
    const { before = '', value } = whole.groups;
    return value === undefined || isHarmless(before, value) ? line : `${before}${HIDDEN}`;
  }
  return line.replaceAll(WITHIN, (found, before: string, value: string) =>
    isHarmless(before, value) ? found : `${before}${HIDDEN}`,
  );
}

/** Lines that belong to a setting named as a secret, because it has nothing, `|` or `>` in its own line, are one. */
function withoutBlocks(lines: readonly string[]): string[] {
  const kept: string[] = [];
  let deeperThan: number | null = null;
  for (const line of lines) {
    const depth = line.search(/\S/);
    if (deeperThan !== null && (depth === -1 || depth > deeperThan || (depth === deeperThan && /^\s*-\s/.test(line))))
      continue;
    deeperThan = null;
    const block = LINE.exec(line);
    const opens = block !== null && /:\s*[|>]?[+-]?\d*\s*$/.test(line);
    kept.push(opens ? `${line.replace(/[|>][+-]?\d*\s*$/, '').trimEnd()} ${HIDDEN}` : line);
    if (opens) deeperThan = depth;
  }
  return kept;
}

function withoutShapes(text: string): string {
  return text.replaceAll(USER_INFO, '…@').replaceAll(PARAMETER, HIDDEN).replaceAll(SECRET_SHAPE, HIDDEN);
}
