"""The bench's own client: many connections, on each one request after the other, on epoll alone."""

import gc
import itertools
import select
import time

from benchmarks.connection import PATIENCE, Connection
from benchmarks.errors import TookTooLong, WrongAnswer
from benchmarks.sample import Sample

GOOD = b'"success":true'


class _Client:
    def __init__(self, connection, requests):
        self.connection = connection
        self.requests = requests
        self.began = 0.0
        self.ends = True

    def next(self, now):
        """Send the next request."""
        if self.ends:
            self.began = now
        request, self.ends = next(self.requests)
        self.connection.send(request)


def always(body, kind=Connection):
    """Return the requests of a client that asks for one thing over and over."""
    return lambda _: itertools.repeat((kind.wrap(body), True))


def in_turn(bodies, kind=Connection):
    """Return the requests of a client that asks for several things in turn."""
    return lambda _: itertools.cycle([(kind.wrap(body), True) for body in bodies])


def load(port, connections, requests, *, seconds=None, count=None, kind=Connection, good=GOOD):
    """Ask for so many seconds, or so many times in all (once on each connection at least); return the sample.

    `requests` makes an iterator of (bytes, whether its answer ends a unit of what is measured) for each connection's
    number. Every unit that was begun is finished, and counts. Every answer must have `good` in it.
    """
    clients = {}
    try:
        for number in range(connections):
            connection = kind(port)
            clients[connection.socket.fileno()] = _Client(connection, requests(number))
        return _run(clients, seconds, count, good)
    finally:
        for client in clients.values():
            client.connection.close()


def _run(clients, seconds, count, good):
    clock = time.perf_counter
    times = []
    with select.epoll() as poll:
        for number in clients:
            poll.register(number, select.EPOLLIN)
        gc.collect()
        gc.disable()
        try:
            began = now = clock()
            end = began + (float("inf") if seconds is None else seconds)
            left = float("inf") if count is None else count - len(clients)
            for client in clients.values():
                client.next(now)
            working = len(clients)
            while working:
                ready = poll.poll(PATIENCE)
                if not ready:
                    raise TookTooLong(what="the server", seconds=PATIENCE)
                for number, _ in ready:
                    client = clients[number]
                    answer = client.connection.take()
                    if answer is None:
                        continue
                    if good not in answer:
                        raise WrongAnswer(what="the server", answer=answer[-300:])
                    now = clock()
                    if client.ends:
                        times.append(now - client.began)
                        if now >= end or left <= 0:
                            working -= 1
                            continue
                        left -= 1
                    client.next(now)
            return Sample.of(times, clock() - began)
        finally:
            gc.enable()
