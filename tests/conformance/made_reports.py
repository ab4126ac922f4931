"""Made-up reports in the form that all reports are made of, also for the picture of one in the documentation."""

import json

URL = "http://127.0.0.1:9998/jsonrpc"
HOSTILE = "</script><img src=x onerror=\"document.title='broken in'\"><script>document.title='broken in'</script>"
"""What a malicious target could answer."""


def request(call, params=None, *, answer="", status=200, at=0.0, number=3, url=URL, **more):
    """Return the step of a call over HTTP."""
    body = {"jsonrpc": "2.0", "id": number, "method": f"org.rdk.OCIContainer.1.{call}", "params": params or {}}
    return {
        "kind": "http",
        "call": call,
        "method": "POST",
        "url": url,
        "headers": [["Content-Type", "application/json"], ["Accept", "*/*"]],
        "body": json.dumps(body, separators=(",", ":")),
        "status": status,
        "reason": "OK" if status else "",
        "answer_headers": [["Content-Type", "application/json"]] if status else [],
        "answer": answer,
        "error": "",
        "at": at,
        "seconds": 0.0011,
        **more,
    }


def frame(kind, text="", *, at=0.0, call=""):
    """Return a step on a WebSocket."""
    return {"kind": kind, "call": call, "connection": 1, "text": text, "at": at}


def finding(clause="pauseContainer.refusal", level="MUST", **more):
    """Return a difference."""
    return {
        "clause": clause,
        "level": level,
        "requirement": "A call that cannot be carried out fails: with an error, or with a success that is false.",
        "source": clause.partition(".")[0],
        "path": "$.result.success",
        "expected": "false, or an error",
        "got": "true",
        "quirk": "",
        "step": 0,
        "curl": f"""curl -X POST {URL} -d '{{"jsonrpc":"2.0","id":3,"method":"x"}}'""",
        **more,
    }


def result(case="pauseContainer/1", verdict="pass", **more):
    """Return what came out of a case; ``case`` lacks the plugin's name."""
    return {
        "id": f"ocicontainer/{case}",
        "title": "The documented call gives the documented result.",
        "clause": f"{case.partition('/')[0]}.success",
        "level": "MUST",
        "tags": ["lifecycle"],
        "verdict": verdict,
        "reason": "",
        "quirks": [],
        "waiver": None,
        "findings": [],
        "steps": [],
        "seconds": 0.012,
        **more,
    }


def failure(case="pauseContainer/3", **more):
    """Return a case that failed, with its evidence."""
    steps = [request("pauseContainer", {"containerId": "conf-1a2b3c4d-none"}, answer='{"result":{"success":true}}')]
    return result(case, "fail", **{"findings": [finding()], "steps": steps, **more})


def waiver(expires="2027-03-01", link="https://issues.example/77"):
    return {"reason": "mended in the next release", "link": link, "expires": expires}


def target(*results, **more):
    """Return what came out of a target."""
    broken = any(one["verdict"] == "fail" for one in results)
    return {
        "url": URL,
        "profile": "rdkservices",
        "run": "1a2b3c4d",
        "exit_status": 1 if broken else 0,
        "problem": "",
        "seconds": 4.1,
        "left_behind": [],
        "results": list(results),
        "latencies": {"listContainers": {"count": 12, "p50": 0.0004, "p99": 0.002}},
        **more,
    }


def report(*targets, **more):
    """Return a report of these targets, or of one with a case that passed."""
    targets = targets or (target(result()),)
    return {
        "format": "thunderoci-conformance/1",
        "suite": "0.1.0",
        "started": "2026-11-24T19:00:00Z",
        "seconds": 4.2,
        "exit_status": max(one["exit_status"] for one in targets),
        "seed": 1,
        "targets": list(targets),
        **more,
    }


def one_of_each():
    """Return a case of each verdict, and one with a waiver that is not needed."""
    events = [
        frame("open", at=0.0),
        frame("sent", '{"jsonrpc":"2.0","id":4,"method":"org.rdk.OCIContainer.1.register"}', at=0.001, call="register"),
        frame("received", '{"jsonrpc":"2.0","id":4,"result":0}', at=0.0024),
        request("stopContainer", {"containerId": "conf-1a2b3c4d-app"}, answer='{"result":{"success":true}}', at=0.006),
        frame("received", '{"jsonrpc":"2.0","method":"c.onContainerStopped","params":{"descriptor":"7"}}', at=0.0081),
        frame("closed", "1000", at=0.03),
    ]
    requirement = "An error says in a message what went wrong; real devices leave it out for some codes."
    return [
        result("listContainers/1", tags=["read-only"], steps=[request("listContainers", answer='{"result":{}}')]),
        failure(tags=["negative"], title="A container that does not exist can not be paused."),
        result(
            "envelope/4",
            "non-strict",
            level="SHOULD",
            tags=["negative", "robustness"],
            findings=[finding("envelope.message", "SHOULD", requirement=requirement, source="observed", got="nothing")],
            steps=[request("stop", answer='{"error":{"code":-32602}}')],
        ),
        result(
            "onContainerStopped/2",
            "known quirk",
            tags=["events"],
            quirks=["T-silence"],
            findings=[finding("onContainerStopped.payload", quirk="T-silence", step=4, curl="")],
            steps=events,
        ),
        result(
            "stopContainer/5", "waived", waiver=waiver(), findings=[finding("stopContainer.force", curl="", step=None)]
        ),
        result("resumeContainer/1", waiver=waiver()),
        result("startContainer/1", "skipped", reason="there is no bundle on the target: give --bundle-path"),
        result("latency/1", "error", tags=["latency"], reason="The conformance suite itself failed: KeyError: 'p50'."),
    ]
