# Two images: `stir`, which is also Airflow, and `sshd`, the PostgreSQL host's side of the ssh transport.
FROM python:3.11-slim-bookworm AS stir

RUN useradd --create-home --uid 50000 stir \
    && mkdir --parents /opt/stir/.stir \
    && chown --recursive stir:stir /opt/stir
WORKDIR /opt/stir
COPY requirements/production.lock .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --quiet --no-cache-dir --require-hashes --no-deps -r production.lock
COPY --chown=stir:stir . .
ENV STIR_VENV=/opt/venv \
    PATH=/opt/stir:/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1
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
