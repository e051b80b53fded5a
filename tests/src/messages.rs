//! One of every message, from an exhaustive match: a new message fails to compile here.
