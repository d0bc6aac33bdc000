import { questionUrl } from '../catalogue/addressing.js';
import { ask } from '../attest/ask.js';
import { scenarioBody } from '../catalogue/scenarios.js';
import { messageOf } from '../errors.js';
import type { AnswerBehind } from '../record/answer-size.js';
import type { Cast, TrialId } from './observe.js';

const TIMEOUT_MS = 30_000;

/**
 * Asks a target once more when the load is over, for drivers that do not look into answers: a target that began to answer otherwise under
 * load is found out, and so is what an answer's length has to be.
 */
export async function askBehind(
  { tenant, attested }: Cast,
  { scenario }: TrialId,
  signal: AbortSignal,
): Promise<AnswerBehind> {
  const [expected] = attested.expected;
  try {
    const { body, said } = await ask(
      {
        url: questionUrl(tenant, scenario),
        headers: { ...scenario.headers, ...tenant.headers },
        body: scenarioBody(scenario, tenant),
        streaming: scenario.streaming,
        timeoutMs: TIMEOUT_MS,
        mayLackEnd: tenant.accept?.includes('no-done') ?? false,
      },
      signal,
    );
    const differs =
      expected !== undefined &&
      (said.text !== expected.text || JSON.stringify(said.tools) !== JSON.stringify(expected.tools));
    return {
      bytes: body.length,
      fault: differs ? `it says ${excerpt(said.text)}, not ${excerpt(expected.text ?? '')}` : null,
    };
  } catch (thrown) {
    signal.throwIfAborted();
    return { bytes: null, fault: messageOf(thrown) };
  }
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
