"""The fast lane: the most frequent reads, answered without a thread for each and without Flask.

Requests that arrive while the database answers others are answered together, by one statement: the more there are, the
less each costs. Whatever is unusual about a request (an error included) makes it Flask's, which remains the reference:
the tests compare the two. Decision 34 has the measurements. To remove the lane, delete this package and its two lines
in `app/front/application.py`.
"""

from app.front.fast_lane.lane import FastLane

__all__ = ["FastLane"]
