// What answers of an OpenAI-compatible API mean, whatever a gateway adds around it or how it writes the JSON.

/** The meaning of a whole chat completion, from its JSON. */
export function meaningOfChat(text) {
  const { choices, usage } = JSON.parse(text);
  return {
    choices: choices.map(({ message, finish_reason: reason }) => ({
      role: message.role,
      content: message.content ?? null,
      calls: (message.tool_calls ?? []).map(meaningOfCall),
      reason,
    })),
    usage: meaningOfUsage(usage),
  };
}

/**
 * The meaning of a streamed chat completion, put together to what the whole one would say.
 * @param {string} text the body of the response
 * @param {boolean} mayLackEnd whether it may end without [DONE]
 */
export function meaningOfStream(text, mayLackEnd = false) {
  const events = text
    .split(/\r?\n\r?\n/)
    .flatMap((block) => block.split(/\r?\n/).filter((line) => line.startsWith('data:')))
    .map((line) => line.slice(5).trim());
  if (events.at(-1) === '[DONE]') events.pop();
  else if (!mayLackEnd) throw new Error(`the stream does not end with [DONE]: ${text.slice(-200)}`);
  const choices = new Map();
  let usage;
  for (const chunk of events.map((event) => JSON.parse(event))) {
    if (chunk.error !== undefined) throw new Error(`an error in the stream: ${JSON.stringify(chunk.error)}`);
    usage = chunk.usage ?? usage;
    for (const { index, delta, finish_reason: reason } of chunk.choices) {
      const choice = choices.get(index) ?? { role: null, content: null, calls: [], reason: null };
      choices.set(index, choice);
      choice.role = delta.role ?? choice.role;
      choice.reason = reason ?? choice.reason;
      if (typeof delta.content === 'string' && delta.content !== '')
        choice.content = (choice.content ?? '') + delta.content;
      for (const piece of delta.tool_calls ?? []) {
        const call = (choice.calls[piece.index] ??= { id: null, name: '', arguments: '' });
        call.id = piece.id ?? call.id;
        call.name += piece.function?.name ?? '';
        call.arguments += piece.function?.arguments ?? '';
      }
    }
  }
  return {
    choices: [...choices.values()].map(({ calls, ...rest }) => ({
      ...rest,
      calls: calls.map(({ id, name, arguments: given }) => meaningOfCall({ id, function: { name, arguments: given } })),
    })),
    usage: meaningOfUsage(usage),
  };
}

/** The meaning of embeddings, from their JSON: the same numbers, in whichever encoding they come. They have no tokens of an answer. */
export function meaningOfEmbeddings(text) {
  const { data, usage } = JSON.parse(text);
  return {
    vectors: data.map(({ embedding }) =>
      typeof embedding === 'string' ? floatsOf(embedding) : embedding.map(Math.fround),
    ),
    usage: meaningOfUsage(usage),
  };
}

function meaningOfCall({ id, function: { name, arguments: text } }) {
  return { id, name, arguments: JSON.parse(text) };
}

/** The prompt's tokens are counted from its JSON, which a gateway may write in another way: only that there are some. */
function meaningOfUsage(usage) {
  return usage === undefined || usage === null
    ? null
    : { completion: usage.completion_tokens ?? 0, prompt: usage.prompt_tokens > 0 };
}

function floatsOf(base64) {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
}
