# The bot as an image:  docker build --tag kvalitetsbot .
# Run it with a read-only root file system; it writes in /app/data and /tmp alone (compose.yaml).
#
# To build exactly the same base every time, give its digest, which this prints:
#   docker buildx imagetools inspect python:3.11-slim-bookworm
#   docker build --build-arg PYTHON=python:3.11-slim-bookworm@sha256:… --tag kvalitetsbot .
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
# Before the code: packages are installed again only when they have changed. Wheels alone: nothing
# is built here, and no package runs a script of its own.
COPY requirements.txt ./
RUN python -m venv --without-pip /venv
RUN python -m pip --python /venv/bin/python install --require-hashes --only-binary :all: --requirement requirements.txt
COPY . ./
# Nothing can be compiled when the file system is read-only. The hash says that it is up to date:
# times of files change on the way into an image.
RUN /venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /app

FROM ${PYTHON}
ARG VERSION=0
LABEL org.opencontainers.image.title="Kvalitetsbot" \
      org.opencontainers.image.description="Svarer på spørsmål om Kvalitetsplanen, i Microsoft Teams" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
# The bot installs nothing.
RUN python -m pip uninstall --yes pip setuptools wheel
COPY --from=builder /venv /venv
COPY --from=builder /app /app
# A number, so that the platform can see that it isn't root. The folder is for SQLite and backups.
RUN install --directory --owner=10001 --group=10001 --mode=0700 /app/data
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib
USER 10001:10001
VOLUME ["/app/data"]
EXPOSE 3978
# The bot lets turns and sends end; give it 75 seconds (`docker stop --timeout 75`).
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "deploy/probe.py", "/health"]
ENTRYPOINT ["python", "app.py"]
CMD ["serve"]
