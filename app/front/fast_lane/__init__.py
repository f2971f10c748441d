"""The fast lane: the most frequent reads, and new books, without a thread for each request and without Flask.

Requests that arrive while the database answers others are answered together, by one statement, or in one transaction:
the more there are, the less each costs. Whatever is unusual about a request (an error included) makes it Flask's, which
remains the reference: the tests compare the two. Decisions 34 and 40 have the measurements. To remove the lane, delete
this package and its lines in `app/front/application.py`.
"""

from app.front.fast_lane.lane import FastLane

__all__ = ["FastLane"]
