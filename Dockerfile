# An image per role. `stir` is Airflow's four processes and every stir command, `exporter` serves the metrics, and
# `ingest` is the sink and the HTTP door, `collector` the workers that ask the platforms; these hold neither Airflow nor dbt. `sshd` is the
FROM python:3.11-slim-bookworm AS base

RUN useradd --create-home --uid 50000 stir \
    && mkdir --parents /opt/stir/.stir \
    && chown --recursive stir:stir /opt/stir \
    && python -m venv /opt/venv
WORKDIR /opt/stir
ENV STIR_VENV=/opt/venv \
    PATH=/opt/stir:/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1

FROM base AS exporter

COPY requirements/exporter.lock .
RUN /opt/venv/bin/python -m pip install --quiet --no-cache-dir --require-hashes --no-deps -r exporter.lock
COPY --chown=stir:stir stir requirements.lock ./
COPY --chown=stir:stir plugins plugins
# The freshness targets follow from the schedules and from the models' cadences, which stand there and nowhere else.
COPY --chown=stir:stir dags dags
COPY --chown=stir:stir models models
USER stir
ENTRYPOINT ["/opt/stir/stir"]
CMD ["exporter", "--host", "0.0.0.0"]

FROM base AS ingest

COPY requirements/ingest.lock .
RUN /opt/venv/bin/python -m pip install --quiet --no-cache-dir --require-hashes --no-deps -r ingest.lock
COPY --chown=stir:stir stir requirements.lock ./
COPY --chown=stir:stir plugins plugins
USER stir
ENTRYPOINT ["/opt/stir/stir"]
CMD ["sink"]

FROM base AS collector

COPY requirements/collector.lock .
RUN /opt/venv/bin/python -m pip install --quiet --no-cache-dir --require-hashes --no-deps -r collector.lock
COPY --chown=stir:stir stir requirements.lock ./
COPY --chown=stir:stir plugins plugins
USER stir
ENTRYPOINT ["/opt/stir/stir"]
CMD ["collect"]

FROM base AS stir

COPY requirements/production.lock .
RUN /opt/venv/bin/python -m pip install --quiet --no-cache-dir --require-hashes --no-deps -r production.lock
COPY --chown=stir:stir . .
USER stir
ENTRYPOINT ["/opt/stir/stir"]
CMD ["--help"]

FROM postgres:18 AS sshd

RUN apt-get update \
    && apt-get install --yes --no-install-recommends openssh-server curl ca-certificates util-linux zstd \
    && rm --recursive --force /var/lib/apt/lists/* /etc/ssh/ssh_host_*_key* \
    # A password that nothing matches: an account without any counts as locked.
    && useradd --create-home --shell /bin/sh --password '*' publisher \
    && mkdir --parents /run/sshd /etc/ssh/authorized_keys
COPY docker/sshd/sshd_config /etc/ssh/sshd_config
COPY docker/sshd/start /usr/local/bin/start-sshd
EXPOSE 2222
ENTRYPOINT ["/usr/local/bin/start-sshd"]
