/** The value of a variable, or undefined when nobody set it. */
export type Lookup = (name: string) => string | undefined;

/** A text whose variables cannot be put in. */
export class InterpolationFault extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

const VARIABLE =
  /\$(?:(?<escaped>\$)|(?<bare>[_a-z][_a-z0-9]*)|\{(?:(?<name>[_a-z][_a-z0-9]*)(?:(?<operator>:?[-+?])(?<rest>[^\n]*))?\}|(?<invalid>)))/gi;

/**
 * Compose's variable interpolation: `$VAR`, `${VAR}`, `${VAR:-default}` and `${VAR-default}`, `${VAR:+other}` and `${VAR+other}`,
 * `${VAR:?message}` and `${VAR?message}`, one in the other, and `$$` for a dollar sign. With a colon an empty value counts as none.
 *
 * What looks odd here is Compose's own: a default reaches to the brace that closes it on the same line, where each `{` hides the
 * character behind it from being counted; a dollar sign that begins no variable stays. No other package reads templates like this.
 * Source: https://docs.docker.com/reference/compose-file/interpolation/, held against the cases in `test/fixtures/compose`.
 * @throws InterpolationFault for a form that Compose refuses, and for a variable that is not set: Compose warns and measures with
 *   an empty text in its place
 */
export function interpolate(text: string, lookup: Lookup): string {
  return text.replaceAll(VARIABLE, (...match) => {
    const [whole] = match as [string];
    const { escaped, bare, name } = match.at(-1) as Record<string, string | undefined>;
    if (escaped !== undefined) return '$';
    if (bare !== undefined) return lookup(bare) ?? unset(bare);
    if (name === undefined) throw noTemplate(text);
    return braced(whole, lookup);
  });
}

/** A match that begins with `${NAME`: it may hold more than this one variable, because it reaches to the last brace of the line. */
function braced(match: string, lookup: Lookup): string {
  const end = closingBrace(match);
  if (end === null && match.indexOf('${', 2) > 0) throw noTemplate(match);
  const variable = end === null ? match : match.slice(0, end + 1);
  const after = end === null ? '' : match.slice(end + 1);
  const {
    name = '',
    operator = '',
    body = '',
  } = /^\$\{(?<name>\w+)(?:(?<operator>:?[-+?])(?<body>[^]*))?\}$/.exec(variable)?.groups ?? {};
  return valueOf(name, operator, body, lookup) + interpolate(after, lookup);
}

function valueOf(name: string, operator: string, body: string, lookup: Lookup): string {
  const value = lookup(name);
  const present = value !== undefined && !(operator.startsWith(':') && value === '');
  switch (operator.at(-1) ?? '') {
    case '-':
      return present ? value : interpolate(body, lookup);
    case '+':
      return present ? interpolate(body, lookup) : '';
    case '?': {
      if (present) return value;
      const message = interpolate(body, lookup);
      throw new InterpolationFault(
        `the variable ${name} is required${message === '' ? '' : `: ${message}`}`,
        'Set it in the shell, or in .env beside the file.',
      );
    }
    default:
      return value ?? unset(name);
  }
}

function closingBrace(match: string): number | null {
  let open = 0;
  for (let i = 0; i < match.length; i += 1) {
    if (match[i] === '}') {
      open -= 1;
      if (open === 0) return i;
    }
    if (match[i] === '{') {
      open += 1;
      i += 1;
    }
  }
  return null;
}

function unset(name: string): never {
  throw new InterpolationFault(
    `the variable ${name} is not set`,
    `Set it in the shell, or in .env beside the file; write \${${name}:-} if it may be empty.`,
  );
}

function noTemplate(text: string): InterpolationFault {
  return new InterpolationFault(
    `Compose cannot put the variables into ${JSON.stringify(text)}`,
    'It knows ${VAR}, ${VAR:-default}, ${VAR-default}, ${VAR:+other}, ${VAR:?message}, and $$ for a dollar sign.',
  );
}
