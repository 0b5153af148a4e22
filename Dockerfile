# Any Debian with Python 3.11 or newer as `python3` will do as the base.
ARG BASE_IMAGE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /tmp/requirements.txt
RUN python3 -m venv /opt/venv && \
    /opt/venv/bin/pip install --quiet -r /tmp/requirements.txt

FROM ${BASE_IMAGE}
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=site_settings.settings.production \
    DATA_DIR=/data \
    STATIC_ROOT=/app/static \
    GRANIAN_HOST=0.0.0.0 \
    GRANIAN_PORT=8000 \
    GRANIAN_INTERFACE=wsgi \
    GRANIAN_WORKERS=2 \
    GRANIAN_BLOCKING_THREADS=4 \
    GRANIAN_RESPAWN_FAILED_WORKERS=true \
    GRANIAN_WORKERS_KILL_TIMEOUT=20
RUN groupadd --gid 10001 countersign && \
    useradd --uid 10001 --gid 10001 --home-dir /app --no-create-home \
        --shell /usr/sbin/nologin countersign && \
    install --directory --owner=10001 --group=10001 /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY manage.py ./
COPY site_settings site_settings
COPY cms cms
COPY syndication syndication
# The values only have to be there: production settings refuse to load without them.
RUN SECRET_KEY=build PUBLIC_ORIGIN=https://build.invalid ALLOWED_HOSTS=build.invalid \
    python manage.py collectstatic --noinput --verbosity 0

USER 10001:10001
VOLUME /data
EXPOSE 8000
# Asked under the public name: Django answers to no other.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-c", "\
import http.client, os, sys, urllib.parse as u; \
c = http.client.HTTPConnection('127.0.0.1', int(os.environ['GRANIAN_PORT']), timeout=8); \
c.request('GET', '/readyz', headers={'Host': u.urlsplit(os.environ['PUBLIC_ORIGIN']).netloc}); \
sys.exit(c.getresponse().status != 200)"]
CMD ["granian", "site_settings.wsgi:application"]
