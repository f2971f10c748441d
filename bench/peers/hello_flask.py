"""A bare Flask on the server of the service: what every request of any Flask application costs there."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    """Say hello."""
    return "Hello"
