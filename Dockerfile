# The image of the worker, of the migrations and of the `tuntas` command: docs/operations.md, "Deployment".
# Python 3.11 because that is what the tests run on.
ARG PYTHON=python:3.11.15-slim-bookworm

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
# Every package by its hash, as a wheel: nothing is compiled, and nobody's build script runs.
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes --only-binary :all: --requirement requirements-build.lock \
    && python -m venv /opt/tuntas \
    && /opt/tuntas/bin/pip install --require-hashes --only-binary :all: --requirement requirements.lock
COPY . .
RUN /opt/build/bin/python -m hatchling build --target wheel --directory /tmp/wheel \
    && /opt/tuntas/bin/pip install --no-index --no-deps /tmp/wheel/*.whl \
    && /opt/tuntas/bin/pip check \
    && /opt/tuntas/bin/pip uninstall --yes pip setuptools

FROM ${PYTHON}
LABEL org.opencontainers.image.title="Tuntas" \
      org.opencontainers.image.description="Complaint handling as durable Temporal workflows: worker and command" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
# What PDF is laid out with, and the letters it is written in.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 10001 tuntas \
    && useradd --system --uid 10001 --gid tuntas --no-create-home --home-dir /tmp --shell /usr/sbin/nologin tuntas
COPY --from=build /opt/tuntas /opt/tuntas
# Nothing is written but to standard output and error: the root file system may be read-only.
ENV PATH=/opt/tuntas/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /opt/tuntas
USER 10001:10001
ENTRYPOINT ["tuntas"]
CMD ["worker"]
