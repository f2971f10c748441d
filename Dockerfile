# docker build -t books-api . && docker run -p 127.0.0.1:5000:5000 -v books:/books-api/instance books-api
FROM python:3.13-slim

WORKDIR /books-api

# The packages before the code: they change less often, and their layer is kept.
COPY requirements-prod.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore \
    --only-binary=:all: --require-hashes -r requirements-prod.txt

COPY . .

# The service may write to its own folder and to nothing else.
RUN install -d -o 10001 -m 0700 instance
USER 10001
VOLUME /books-api/instance

# As with `make run`: an SQLite file, unless DATABASE_URL says otherwise.
ENV HOST=0.0.0.0 \
    DATABASE_URL=sqlite:////books-api/instance/books.db
EXPOSE 5000

# Only whether it lives: /readyz asks the database, and a new container would not bring that back.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT') or 5000}/healthz\", timeout=4)"]

# exec puts run.py in the shell's place: it gets the SIGTERM of `docker stop`, and ends what it has begun.
CMD ["sh", "-c", "alembic upgrade head && exec python run.py"]
