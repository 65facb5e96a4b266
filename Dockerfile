# The server alone. PostgreSQL and Envoy are containers of their own; see compose.yaml.

FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /venv
COPY server/requirements/ server/requirements/
# The last line: Google's client describes 600 services in 110 MB, and one is used.
RUN python -m venv /generators \
 && /generators/bin/pip install --no-cache-dir --require-hashes -r server/requirements/up.txt \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r server/requirements/serve.txt \
 && find /venv -path '*/discovery_cache/documents/*' ! -name drive.v3.json -delete
COPY proto/ proto/
COPY server/ server/
COPY README.md CHANGELOG.md ./
COPY sdk/README.md sdk/
COPY sdk/python/README.md sdk/python/
COPY sdk/typescript/README.md sdk/typescript/
COPY sdk/kotlin/README.md sdk/kotlin/
COPY sdk/go/README.md sdk/go/
COPY sdk/swift/README.md sdk/swift/
COPY sdk/dart/README.md sdk/dart/
RUN mkdir -p sdk/python/tallystick_client && /generators/bin/python proto/generate.py \
 && PYTHONPATH=server /generators/bin/python -m handbook /docs

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home tallystick
COPY --from=build /venv /venv
COPY --from=build /build/server/tallystick /app/tallystick
COPY migrations/ /app/migrations/
COPY sdk/typescript/demo/dist/ /app/site/
COPY --from=build /docs /app/docs
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    TALLYSTICK_DATA_DIR=/data \
    TALLYSTICK_MIGRATIONS=/app/migrations \
    TALLYSTICK_SITE=/app/site \
    TALLYSTICK_DOCS=/app/docs
USER tallystick
VOLUME /data
ENTRYPOINT ["python", "-m", "tallystick"]
CMD ["serve"]
