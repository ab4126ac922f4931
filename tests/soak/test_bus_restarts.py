"""The message bus and the daemon on it go and come back, again and again, under a plugin host that stays."""

import asyncio
import json

from crowd import SPEC, Caller, Subscriber
from watched import until

NOBODY = {"result": {"containers": [], "success": True}}


def test_a_host_outlives_its_bus(watch, start_dbus_daemon, tmp_path, scale):
    path = f"unix:path={tmp_path}/bus"

    def start_bus():
        return start_dbus_daemon("--session", f"--address={path}")

    bus = start_bus()
    dobby = watch("--bus", path, "--progression", "immediate", module="fakedobby")
    host = watch("serve", "--port", "0", "--bus", path)
    files, memory = [], []

    async def back(caller):
        """Return when a container can be started again."""
        for number in range(10_000):
            answer = await caller.call("startContainerFromDobbySpec", {"containerId": "a", "dobbySpec": SPEC})
            if "result" in answer:
                return number
        return None

    async def scene():
        nonlocal bus, dobby
        async with Caller.on(host.port) as caller:
            subscriber = await Subscriber.come(host.port, "onContainerStarted")
            for number in range(scale.restarts):
                assert await back(caller) is not None
                assert await subscriber.until(
                    lambda n=number: subscriber.names("onContainerStarted") == ["a"] * (n + 1)
                )
                bus.kill()
                bus.wait()
                assert dobby.process.wait(20) == 1
                assert await caller.call("listContainers") == NOBODY
                assert (await caller.call("getContainerState", {"containerId": "a"}))["error"]["code"] == 1
                bus = start_bus()
                dobby = watch("--bus", path, "--progression", "immediate", module="fakedobby")
                until(lambda n=number: host.said().count("is back") == n + 1)
                files.append(host.open_files)
                memory.append(host.memory)
            await subscriber.leave()

    asyncio.run(scene())
    assert len(set(files)) == 1
    assert memory[-1] <= memory[0] * 1.05 + 2**20
    status, said = host.end()
    assert (status, "Traceback" in said) == (0, False), said
    assert said.count("went away; looking for it") == scale.restarts
    assert json.dumps(said).count("ERROR") == 0
