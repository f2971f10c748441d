"""The front: what `run.py` serves. It receives requests on an event loop, and runs the WSGI application in threads.

A WSGI application occupies a thread while it reads a body, however slowly that arrives, and cannot set a deadline. The
front reads bodies itself, so that only complete requests get a thread. Apart from `fast_lane/`, it works
without knowledge of the application.
"""
