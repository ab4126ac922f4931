"""The floor of a D-Bus call: a service with an empty method, and a client that calls it, by txdbus and by dbus-fast.

dbusfloor.py txdbus|dbus-fast serve ADDRESS                                     prints a line, and serves
dbusfloor.py txdbus|dbus-fast call ADDRESS NAME PATH INTERFACE MEMBER SECONDS IN-FLIGHT
                                                                               prints the times of calls as JSON
"""

import asyncio
import json
import os
import sys
import threading
import time

NAME, PATH, INTERFACE = "org.example.Floor", "/org/example/Floor", "org.example.Floor"


def leash():
    """End when whoever started us is gone."""
    sys.stdin.buffer.read()
    os._exit(0)


def serving():
    sys.stdout.write("serving\n")
    sys.stdout.flush()
    threading.Thread(target=leash, daemon=True).start()


async def measured(call, together, seconds, in_flight):
    """Call until the time is over, so many at a time, and print how long it took; `together` awaits coroutines."""
    times = []

    async def one_after_the_other():
        now = time.perf_counter()
        while now < began + seconds:
            await call()
            before, now = now, time.perf_counter()
            times.append(now - before)

    await call()
    began = time.perf_counter()
    await together([one_after_the_other() for _ in range(in_flight)])
    sys.stdout.write(json.dumps({"seconds": time.perf_counter() - began, "times": times}))


def txdbus_main(task, address, *more):
    from twisted.internet import defer, reactor, task as tasks  # noqa: PLC0415, I001 (each library loads only itself)
    from txdbus import client, interface, objects  # noqa: PLC0415

    async def serve(connection):
        class Served(objects.DBusObject):
            dbusInterfaces = [interface.DBusInterface(INTERFACE, interface.Method("Ping"))]  # noqa: RUF012 (its way)

            def dbus_Ping(self):  # noqa: N802 (txdbus's way)
                pass

        connection.exportObject(Served(PATH))
        await connection.requestBusName(NAME)
        serving()
        await defer.Deferred()

    async def call(connection, name, path, face, member, seconds, in_flight):
        def ping():
            return connection.callRemote(path, member, interface=face, destination=name)

        def together(parts):
            return defer.gatherResults([defer.ensureDeferred(part) for part in parts])

        await measured(ping, together, float(seconds), int(in_flight))

    async def main():
        connection = await client.connect(reactor, address)
        await {"serve": serve, "call": call}[task](connection, *more)

    tasks.react(lambda _: defer.ensureDeferred(main()))


def dbus_fast_main(task, address, *more):
    from dbus_fast import Message, MessageType  # noqa: PLC0415 (each library loads only itself)
    from dbus_fast.aio import MessageBus  # noqa: PLC0415
    from dbus_fast.service import ServiceInterface, dbus_method  # noqa: PLC0415

    class Served(ServiceInterface):
        @dbus_method()
        def Ping(self):  # noqa: N802 (the D-Bus name)
            pass

    async def call(bus, name, path, face, member, seconds, in_flight):
        async def ping():
            answer = await bus.call(Message(destination=name, path=path, interface=face, member=member))
            if answer.message_type is not MessageType.METHOD_RETURN:
                raise SystemExit(f"{member} was refused: {answer.body}")

        def together(parts):
            return asyncio.gather(*parts)

        await measured(ping, together, float(seconds), int(in_flight))

    async def main():
        bus = await MessageBus(bus_address=address).connect()
        if task == "call":
            await call(bus, *more)
            return
        bus.export(PATH, Served(INTERFACE))
        await bus.request_name(NAME)
        serving()
        await bus.wait_for_disconnect()

    asyncio.run(main())


if __name__ == "__main__":
    {"txdbus": txdbus_main, "dbus-fast": dbus_fast_main}[sys.argv[1]](*sys.argv[2:])
