import { z } from 'zod';

/** What a target is that is no LLM gateway and stands among them for reference: a `proxy` knows no model, a `router` chooses among servers of one. */
export const notLlmGatewaySchema = z.enum(['proxy', 'router']);
export type NotLlmGateway = z.infer<typeof notLlmGatewaySchema>;
