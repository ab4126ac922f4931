"""The fake daemon is killed, and started again on a bus that lives on, again and again, under a host that stays."""

import asyncio

from crowd import SPEC, Caller, Subscriber
from watched import until

FAILED = {"error": {"code": 1, "message": "ERROR_GENERAL"}}


def test_a_host_outlives_daemons_that_are_killed(watch, message_bus, scale):
    def start_daemon():
        return watch("--bus", message_bus.address, "--progression", "immediate", module="fakedobby")

    dobby = start_daemon()
    host = watch("serve", "--port", "0", "--bus", message_bus.address)
    files, memory = [], []

    async def calls(caller, stop):
        """Call all the time; each call has an answer, whatever becomes of the daemon."""
        number = 0
        while not stop.is_set():
            answer = await caller.call("getContainerState", {"containerId": "a"})
            assert answer == FAILED or answer["result"]["containerId"] == "a"
            number += 1
        return number

    async def scene():
        nonlocal dobby
        loop = asyncio.get_running_loop()
        async with Caller.on(host.port) as caller, Caller.on(host.port) as other:
            subscriber = await Subscriber.come(host.port, "onContainerStarted")
            for number in range(scale.kills):
                stop = asyncio.Event()
                calling = asyncio.create_task(calls(other, stop))
                answer = await caller.call("startContainerFromDobbySpec", {"containerId": "a", "dobbySpec": SPEC})
                assert answer["result"]["success"] is True
                assert await subscriber.until(
                    lambda n=number: subscriber.names("onContainerStarted") == ["a"] * (n + 1)
                )
                dobby.process.kill()
                await asyncio.to_thread(dobby.process.wait)
                begun = loop.time()
                assert (await caller.call("listContainers"))["result"]["containers"] == []
                assert loop.time() - begun < 5  # nobody waits for a time-out
                dobby = await asyncio.to_thread(start_daemon)
                stop.set()
                assert await calling > 0
                files.append(host.open_files)
                memory.append(host.memory)
            await subscriber.leave()

    asyncio.run(scene())
    until(lambda: host.call("listContainers")["result"]["containers"] == [])
    assert len(set(files)) == 1
    assert memory[-1] <= memory[len(memory) // 2] + 2**21
    status, said = host.end()
    assert (status, "Traceback" in said, "ERROR" in said) == (0, False, False), said
