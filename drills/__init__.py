"""Faults on purpose: real services on a real broker and database, killed, frozen and starved, then checked record by record.

Every drill is seeded and bounded, talks to loopback only, and ends only processes that it started, by pid.
"""
