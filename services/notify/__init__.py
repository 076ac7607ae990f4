"""Notify: notices leave Signalbox by mail, Slack and webhooks, and it is kept who was told what."""
