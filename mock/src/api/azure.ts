import { JsonObject } from '../wire/json.js';
import { ApiFailure, type ApiRequest, type Endpoint } from './endpoint.js';
import { OPENAI_OVERLOADED, openAiError } from './openai-error.js';

const DEPLOYMENTS = '/openai/deployments/';

/** What Azure answers to a path or a version that it does not have. */
const NOT_FOUND = { status: 404, message: 'Resource not found', code: '404' };

const NO_DEPLOYMENT = {
  status: 404,
  message:
    'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
  code: 'DeploymentNotFound',
};

/**
 * The same endpoints where Azure has them: `/openai/deployments/NAME/chat/completions?api-version=…`, with each model deployed under
 * its own name, and `/openai/v1/chat/completions`.
 * @param openAi the endpoints under `/v1/`
 * @param models those that are deployed
 */
export function azureEndpoints(openAi: readonly Endpoint[], models: readonly string[]): Endpoint[] {
  const operations = openAi.filter(({ method }) => method === 'POST');
  const deployed = models.flatMap((model) => operations.map((endpoint) => deployment(endpoint, model)));
  return [
    ...openAi.map((endpoint) => ({ ...endpoint, path: `/openai${endpoint.path}` })),
    ...deployed,
    missing(models),
  ];
}

/** All that no deployment takes. */
function missing(models: readonly string[]): Endpoint {
  return {
    method: 'POST',
    path: DEPLOYMENTS,
    takes: 'nothing',
    played: false,
    errors: openAiError,
    overloaded: OPENAI_OVERLOADED,
    answer({ path }) {
      const [name = ''] = path.slice(DEPLOYMENTS.length).split('/');
      return openAiError(models.includes(name) ? NOT_FOUND : NO_DEPLOYMENT);
    },
  };
}

function deployment(endpoint: Endpoint, model: string): Endpoint {
  const path = `${DEPLOYMENTS}${model}/${endpoint.path.slice('/v1/'.length)}`;
  const answer = (request: ApiRequest) => {
    if (!new URLSearchParams(request.query).has('api-version')) throw new ApiFailure(NOT_FOUND);
    return endpoint.answer(withModel(request, model));
  };
  return { ...endpoint, path, answer };
}

/** The path says which model is meant; what the body says of it does not count. */
function withModel(request: ApiRequest, model: string): ApiRequest {
  if (request.json.string('model') === model) return request;
  const members = JSON.parse(request.body.toString()) as object;
  const body = Buffer.from(JSON.stringify({ ...members, model }));
  const json = new JsonObject();
  json.read(body);
  const { method, path, query, tokens, wish, lenient } = request;
  return { method, path, query, tokens, wish, lenient, body, json, header: (name) => request.header(name) };
}
