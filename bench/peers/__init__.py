"""The peers of `make bench`: services with the same answers, each as users of its framework write it.

They run in an environment of their own (`requirements.txt`, `fastify/package-lock.json`): nothing here imports `app`,
and nothing elsewhere imports this. All read and write the tables of the service. They assemble each book from its rows,
have no authentication, limits, request ids, metrics or log of requests, and take their settings from `DATABASE_URL`.
"""
