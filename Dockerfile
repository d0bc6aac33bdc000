# The image crabllm-bench: the mock, and the orchestrator with the compose folder it reads.
#
#   docker run --rm -p 9999:9999 crabllm-bench mock
#   docker run --rm --network host --user "$(id -u):$(id -g)" --group-add "$(stat -c %g /var/run/docker.sock)" \
#     -v /var/run/docker.sock:/var/run/docker.sock -v "$PWD/results:/results" -v "$PWD/.bench:/bench" \
#     crabllm-bench bench --output /results --quick
#
# Nothing here needs BuildKit: engines without it build this too.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY mock/package.json mock/
COPY orchestrator/package.json orchestrator/
RUN npm ci --no-audit --no-fund
COPY tsconfig.base.json ./
COPY mock mock
COPY orchestrator orchestrator
# Only what runs goes on: no sources, tests, types, maps or tools of development.
RUN npx tsc -b mock orchestrator \
 && node orchestrator/page/build.mjs \
 && npm prune --omit=dev --no-audit --no-fund \
 && rm -rf mock/src mock/test mock/tsconfig.json orchestrator/page orchestrator/src orchestrator/test orchestrator/tsconfig.json \
 && find mock orchestrator -name '*.tsbuildinfo' -delete \
 && find mock orchestrator node_modules -type f \
      \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/mock mock
COPY --from=build /app/orchestrator orchestrator
COPY package.json ./
COPY compose compose
COPY deploy deploy
COPY scripts/container-entrypoint.sh /usr/local/bin/crabllm-bench
# By number: it is the user `node` of the base image, and needs no entry in /etc/passwd.
# /bench (certificates, notes on what was started) is anybody's: a container may run as a user who owns nothing here.
RUN mkdir results && chown 1000:1000 results && mkdir -m 1777 /bench
ENV CRABLLM_BENCH_HOME=/bench
USER 1000:1000
EXPOSE 9999
STOPSIGNAL SIGTERM
HEALTHCHECK NONE
ENTRYPOINT ["crabllm-bench"]
