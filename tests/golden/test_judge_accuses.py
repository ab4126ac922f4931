"""The judge that accuses no recorded item does accuse each of them when one thing in it is changed."""

import copy
import json

import pytest
from judging import ENT, RDK, answer, clauses, filled, profile_of, raw
from recorded import PAIRS, STORIES, TRAFFIC

from conformance import spec
from conformance.asked import Place, asked, place
from conformance.judge import strict_json
from conformance.offline import judge_exchange, plugin
from conformance.rawhttp import Answer, received
from conformance.trace import Trace


def successes(pair):
    """Yield name, method, request and answer of each exchange in which a call of the plugin succeeds."""
    specification = spec.load(profile_of(pair))
    for name, item in TRAFFIC[pair].items():
        came = answer(item["response"]) if "request" in item else None
        request = received(raw(item["request"])) if came else None
        if not came or came.status != 200 or request.problem or not request.body:
            continue
        about = asked(request.body)
        where, method = place(specification, plugin(specification), request.path, about.method)
        try:
            message = strict_json(came.body)
        except ValueError:
            continue
        if where is Place.METHOD and isinstance(message["result"], dict) and message["result"]["success"]:
            yield name, method, request, message


def judge(pair, request, message, **how):
    """Judge an answer, given as JSON or as bytes, to a request."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return judge_exchange(spec.load(profile_of(pair)), request, Answer(200, "OK", (), body), dobby="scripted", **how)


def required(specification, schema, value, path=(), *, real=False):
    """Yield path and clause annotation of each required member that is there."""
    schema = specification.resolved(schema)
    if isinstance(value, list) and value and "items" in schema:
        yield from required(specification, schema["items"], value[0], (*path, 0), real=real)
    if isinstance(value, dict):
        for member in schema.get("required", ()):
            held = schema["properties"][member]
            yield (*path, member), specification.resolved(held)["x-clause"]
            # what stands in an info is of real containers alone as it has to be
            if real or member != "info":
                yield from required(specification, held, value[member], (*path, member), real=real)


def changed(value, path, change):
    """Return a copy in which the member at a path is dropped, or has become something else."""
    value = copy.deepcopy(value)
    holder = value
    for step in path[:-1]:
        holder = holder[step]
    if change is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = change(holder[path[-1]])
    return value


def another_type(held):
    """Return a value of a type that no member of a result has where this one is."""
    return {"of another": "type"} if not isinstance(held, dict) else "of another type"


@pytest.mark.parametrize("change", [None, another_type], ids=["dropped", "retyped"])
@pytest.mark.parametrize("pair", PAIRS)
def test_each_member_of_each_success_counts(pair, change):
    specification = spec.load(profile_of(pair))
    count = 0
    for name, method, request, message in successes(pair):
        known = specification.methods[method]
        members = [
            (("result", *path), specification.clause_id(clause, known.group))
            for path, clause in required(specification, specification.schemas[known.result], message["result"])
        ]
        members += [(("jsonrpc",), "envelope.version"), (("result",), "envelope.outcome" if change is None else "")]
        for path, clause in members:
            verdict, breaches = judge(pair, request, changed(message, path, change))
            if path == ("result", "info") and change is not None:
                continue
            assert verdict == "fail", (name, path)
            assert not clause or clause in clauses(breaches), (name, path)
            count += 1
    assert count > 150


@pytest.mark.parametrize("pair", [RDK, ENT])
def test_each_figure_of_a_real_container_counts(pair):
    specification = spec.load(profile_of(pair))
    count = 0
    for story in STORIES[pair].values():
        for step in story["steps"]:
            reply = step.get("reply", {})
            if not str(step.get("method")).endswith("getContainerInfo") or not isinstance(reply.get("result"), dict):
                continue
            if reply["result"]["success"] is not True:
                continue
            message = filled(reply)
            request = json.dumps(
                {"jsonrpc": "2.0", "id": step["id"], "method": step["method"], "params": step["params"]}
            )
            schema = specification.schemas["getContainerInfo"]
            for path, clause in required(specification, schema, message["result"], real=True):
                trace = Trace(specification)
                trace.called(request, json.dumps(changed(message, ("result", *path), None)))
                verdict, breaches = trace.finish()
                assert verdict == "fail"
                assert specification.clause_id(clause, "getContainerInfo") in clauses(breaches)
                count += 1
    assert count > 100


@pytest.mark.parametrize("pair", PAIRS)
def test_each_refusal_counts(pair):
    """An error without a code, with a code that is text, or that is no object, is found in each recorded error."""
    count = 0
    for item in TRAFFIC[pair].values():
        body = raw(item["response"], "body") if "request" in item else b""
        message = json.loads(body) if body.startswith(b"{") and b'"error":{"code"' in body else None
        if message is None or asked(received(raw(item["request"])).body).kind != "a request with an id":
            continue
        request = received(raw(item["request"]))
        for path, change, clause in [
            (("error", "code"), None, "envelope.code"),
            (("error", "code"), str, "envelope.code"),
            (("error",), str, "envelope.error"),
            (("error",), None, "envelope.outcome"),
        ]:
            verdict, breaches = judge(pair, request, changed(message, path, change))
            assert (verdict, clause in clauses(breaches)) == ("fail", True)
            count += 1
    assert count > 15


@pytest.mark.parametrize("pair", PAIRS)
def test_each_answer_is_read_strictly(pair):
    count = 0
    for name, _, request, message in successes(pair):
        if request.path != "/jsonrpc":
            continue  # elsewhere an answer without a body may say that there is nothing
        about = asked(request.body)
        text = json.dumps(message)
        for broken in (
            text + "x",
            text + text,
            text[:-1],
            text.replace('"success": true', '"success": true, "success": true'),
            text.replace('"success": true', '"success": true, "x": NaN'),
            text.replace('"success": true', '"success": true, "x": "\\ud800"'),
            "",
        ):
            verdict, breaches = judge(pair, request, broken.encode())
            assert (verdict, clauses(breaches)) == ("fail", {"envelope.json"}), name
        for other in (about.id + 1, str(about.id), float(about.id), None) if about.plain else ():
            verdict, breaches = judge(pair, request, {**message, "id": other})
            assert (verdict, "envelope.id" in clauses(breaches)) == ("fail", True), name
        verdict, breaches = judge(pair, request, [message])
        assert (verdict, clauses(breaches)) == ("fail", {"envelope.object"}), name
        verdict, breaches = judge(pair, request, {**message, "extra": 1})
        assert "envelope.closed" in clauses(breaches), name
        count += 1
    assert count > 20


def test_http_itself_counts():
    item = TRAFFIC[RDK]["designator/org.rdk.OCIContainer.1.listContainers"]
    request, came = raw(item["request"]), answer(item["response"])
    bad = {
        "http.length": [
            Answer(200, "OK", (("Content-Length", "3"),), came.body),
            Answer(200, "OK", (("Content-Length", "x"),), came.body),
            b"garbage\r\n\r\n" + came.body,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcdefgh\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        ],
        "http.status": [Answer(500, "Internal", (), came.body), Answer(404, "Not Found", (), came.body)],
        "http.answer": [None],
        "envelope.json": [Answer(200, "OK", (("Content-Length", "0"),), b""), Answer(200, "OK", (), b"<html>")],
    }
    for clause, answers in bad.items():
        for broken in answers:
            _, breaches = judge_exchange(spec.load("rdkservices"), request, broken, dobby="scripted")
            assert clauses(breaches) == {clause}, broken
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(came.body) + came.body
    assert judge_exchange(spec.load("rdkservices"), request, whole) == ("pass", [])


def test_what_has_to_be_refused_counts():
    """A call that lacks what is demanded, or names what does not exist, must not be answered by a success."""
    success = {"jsonrpc": "2.0", "id": 1, "result": {"success": True}}
    for name, clause, verdict in (
        ("methods/pauseContainer-missing", "pauseContainer.param.containerId.missing", "fail"),
        ("methods/pauseContainer-true", "pauseContainer.param.containerId.type", "non-strict"),
        ("methods/pauseContainer-emptystr", "pauseContainer.param.containerId.empty", "non-strict"),
        ("designator/org.rdk.OCIContainer.1.nope", "envelope.unknown-method", "fail"),
        ("designator/org.rdk.OCIContainer.2.listContainers", "designator.version.unsupported", "non-strict"),
        ("designator/org.rdk.OCIContainer.1.ListContainers", "designator.case", "non-strict"),
        ("methods/hibernateContainer-known", "profile.methods", "non-strict"),
    ):
        found = judge(RDK, raw(TRAFFIC[RDK].get(name, TRAFFIC[ENT][name])["request"]), success)
        assert (found[0], clauses(found[1])) == (verdict, {clause}), name


def test_a_wrong_answer_to_what_is_no_request_counts():
    for name, clause in (("json/mal-notjson", "envelope.parse-error"), ("json/mal-number", "envelope.invalid-request")):
        request = raw(TRAFFIC[RDK][name]["request"])
        for message in ({"error": {"code": -32603, "message": "m"}}, {"result": {}}):
            _, breaches = judge(RDK, request, {"jsonrpc": "2.0", "id": None, **message})
            assert clauses(breaches) == {clause}
        code = {"envelope.parse-error": -32700, "envelope.invalid-request": -32600}[clause]
        right = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": "m"}}
        assert judge(RDK, request, right) == ("pass", [])
    batch = raw(TRAFFIC[RDK]["json/mal-batch-2"]["request"])
    assert clauses(judge(RDK, batch, {"jsonrpc": "2.0", "id": 1, "result": 0})[1]) == {"envelope.batch"}
    assert judge(RDK, batch, [])[0] == "pass"
    notification = raw(TRAFFIC[RDK]["json/id-missing"]["request"])
    assert clauses(judge(RDK, notification, {"jsonrpc": "2.0", "result": 0})[1]) == {"envelope.notification"}
    assert judge(RDK, notification, b"") == ("pass", [])
