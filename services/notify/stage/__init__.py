"""Notify's stages: what happened comes in, and who is told of it goes out as calls kept until they are done."""
