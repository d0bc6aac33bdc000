import { protobufFields } from './protobuf-fields.js';
import { type Answer, type Counts, type Delivery, type Sink, SinkFault } from './sink.js';

/** What a signal is called in its JSON: groups by resource, in them by scope, in them the items. */
interface Signal {
  readonly groups: string;
  readonly scopes: string;
  readonly items: string;
  /** In the counts. */
  readonly counted: 'spans' | 'metrics' | 'logRecords';
}

/** By path. In protobuf the three are the same messages: field 1 by resource, in it field 2 by scope, in it field 2 the items. */
const SIGNALS: Readonly<Record<string, Signal>> = {
  '/v1/traces': { groups: 'resourceSpans', scopes: 'scopeSpans', items: 'spans', counted: 'spans' },
  '/v1/metrics': { groups: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics', counted: 'metrics' },
  '/v1/logs': { groups: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords', counted: 'logRecords' },
};

/** Fields of a span in protobuf. */
const PARENT_SPAN_ID = 4;
const SPAN_NAME = 5;

/** So many names of spans are counted one by one; a gateway that writes ids into names does not fill the memory. */
const MOST_NAMES = 100;
const OTHERS = '(others)';

/** Of a span. */
interface SeenSpan {
  readonly name: string;
  readonly isRoot: boolean;
}

/**
 * Takes what OpenTelemetry's exporters send, as OTLP over HTTP in protobuf or JSON, and counts it: spans (those without a parent apart, and
 * by name), metrics, log records.
 * Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
 */
export function otlp(): Sink {
  let seen = nothingSeen();
  return {
    take({ path, contentType, body }: Delivery): Answer | null {
      const signal = SIGNALS[path];
      if (signal === undefined) return null;
      const isJson = contentType === 'application/json';
      if (!isJson && contentType !== 'application/x-protobuf')
        throw new SinkFault(
          `content-type ${JSON.stringify(contentType)} is not OTLP's: application/x-protobuf or application/json`,
        );
      // All of it is read before any of it counts.
      const spans = isJson ? jsonItems(body, signal) : [...protobufItems(body)];
      seen[signal.counted] += spans.length;
      if (signal.counted === 'spans') for (const span of spans) countSpan(span, seen);
      // The empty message, in either writing.
      return { contentType, body: isJson ? '{}' : '' };
    },
    counts(): Counts {
      const { byName, ...figures } = seen;
      return { ...figures, byName: Object.fromEntries(byName) };
    },
    reset(): void {
      seen = nothingSeen();
    },
  };
}

function nothingSeen() {
  return { spans: 0, rootSpans: 0, metrics: 0, logRecords: 0, byName: new Map<string, number>() };
}

function countSpan({ name, isRoot }: SeenSpan, seen: ReturnType<typeof nothingSeen>): void {
  if (isRoot) seen.rootSpans += 1;
  const key = seen.byName.has(name) || seen.byName.size < MOST_NAMES ? name : OTHERS;
  seen.byName.set(key, (seen.byName.get(key) ?? 0) + 1);
}

function* protobufItems(body: Buffer): Generator<SeenSpan> {
  for (const resource of fieldsNumbered(body, 1))
    for (const scope of fieldsNumbered(resource, 2)) for (const item of fieldsNumbered(scope, 2)) yield spanOf(item);
}

function* fieldsNumbered(message: Buffer, number: number): Generator<Buffer> {
  for (const field of protobufFields(message)) if (field.number === number) yield field.bytes;
}

/** Of metrics and log records the same fields are something else, and nobody looks at what is made of them. */
function spanOf(span: Buffer): SeenSpan {
  let name = '';
  let isRoot = true;
  for (const { number, bytes } of protobufFields(span)) {
    if (number === SPAN_NAME) name = bytes.toString('utf8');
    if (number === PARENT_SPAN_ID && bytes.length > 0) isRoot = false;
  }
  return { name, isRoot };
}

function jsonItems(body: Buffer, { groups, scopes, items }: Signal): SeenSpan[] {
  let whole: unknown;
  try {
    whole = JSON.parse(body.toString('utf8'));
  } catch (thrown) {
    throw new SinkFault(`the body is no JSON: ${(thrown as Error).message}`);
  }
  return listOf(whole, groups)
    .flatMap((resource) => listOf(resource, scopes))
    .flatMap((scope) => listOf(scope, items))
    .map((item) => {
      const { name, parentSpanId } = item as { readonly name?: unknown; readonly parentSpanId?: unknown };
      return { name: typeof name === 'string' ? name : '', isRoot: (parentSpanId ?? '') === '' };
    });
}

/** A list of maps below a key; an absent one is empty, as protobuf's JSON has it. */
function listOf(value: unknown, key: string): object[] {
  if (typeof value !== 'object' || value === null) throw new SinkFault(`${key} is looked for in what is no map`);
  const list = (value as Readonly<Record<string, unknown>>)[key] ?? [];
  if (!Array.isArray(list) || list.some((item) => typeof item !== 'object' || item === null))
    throw new SinkFault(`${key} is no list of maps`);
  return list as object[];
}
