# docker build -t books-api . && docker run -p 127.0.0.1:5000:5000 -v books:/books-api/instance books-api
FROM python:3.13-slim-trixie

WORKDIR /books-api

# pg_dump and pg_restore, for scripts.backup and scripts.restore. Their version must not be below the server's.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*

# The packages before the code: they change less often, so their layer is cached.
COPY requirements-prod.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore \
    --only-binary=:all: --require-hashes -r requirements-prod.txt

COPY . .

# The service may write to its instance folder only.
RUN install -d -o 10001 -m 0700 instance
USER 10001
VOLUME /books-api/instance

# As with `make run`: an SQLite file, unless DATABASE_URL or DATABASE_URL_FILE is set. The default is in .env, where either
# replaces it: as a variable of the environment it would conflict with DATABASE_URL_FILE.
RUN echo DATABASE_URL=sqlite:////books-api/instance/books.db > .env
ENV HOST=0.0.0.0
EXPOSE 5000

# Liveness only: /readyz depends on the database, and a new container would not repair that.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT') or 5000}/healthz\", timeout=4)"]

# exec replaces the shell by run.py, which then receives the SIGTERM of `docker stop` and finishes its requests.
CMD ["sh", "-c", "alembic upgrade head && exec python run.py"]
