"""Keeps the last sightings at the bird feeder, so that a restart does not forget them."""

from collections import OrderedDict


class SightingCache:
    def __init__(self, limit=200):
        self.limit = limit
        self.sightings = OrderedDict()

    def add(self, bird, seen_at):
        self.sightings.pop(bird, None)
        self.sightings[bird] = seen_at
        while len(self.sightings) > self.limit:
            self.sightings.popitem(last=False)
