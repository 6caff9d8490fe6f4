# Built and pruned in one stage, run in another: no compiler, no test and no embedded server is in the image. NATS_URL,
# DATABASE_URL and MILLRACE_SECRET_KEY must be set, see docker-compose.yml.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=optional
COPY nest-cli.json tsconfig.json ./
COPY src src
COPY libs libs
COPY migrations migrations
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 MILLRACE_DATA_DIR=/var/lib/millrace
WORKDIR /app
RUN install -d -o node -g node -m 0700 "$MILLRACE_DATA_DIR"
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY scripts/doctor.mjs scripts/doctor.mjs
USER node
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "--max-semi-space-size=32", "--max-old-space-size=1024", "dist/src/main.js"]
