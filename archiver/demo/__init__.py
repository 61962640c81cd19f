"""A small made-up world on loopback, and the whole way through it."""
