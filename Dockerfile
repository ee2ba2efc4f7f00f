# One image for every process of Bucket Ferry: the worker, the AWS Batch job (`ferry job`) and the command line.

FROM node:24-bookworm-slim AS build
WORKDIR /app
# Dependencies first: this layer stays as long as the lock file does. Scripts wait until the sources are there,
# as `prepare` builds them; no dependency needs one of its own.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
COPY dev ./dev
# What remains is what runs: no development dependencies, and Temporal's native library for this platform only.
RUN npm run build \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
  ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +

FROM node:24-bookworm-slim
# The slim image has no certificate authorities, and Temporal's client trusts only those of the system.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# A job definition's command is `ferry job`, here as on every other machine.
RUN ln -s /app/dist/src/cli/main.js /usr/local/bin/ferry
USER node
# The exec form makes node process 1, so that SIGTERM from Docker, ECS and Batch reaches it.
CMD ["ferry", "worker"]
