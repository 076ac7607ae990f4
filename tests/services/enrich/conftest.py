"""Property tests on a shared machine are judged by what they find, not by how long one example took."""

from hypothesis import settings

settings.register_profile("no_deadline", deadline=None)
settings.load_profile("no_deadline")
