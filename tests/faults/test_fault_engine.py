"""When a fault strikes, and what a document of one may say."""

import pytest

from fakedobby.clock import StillClock
from fakedobby.emulation import Emulation
from fakedobby.errors import BadFault, FaultExists
from fakedobby.faultkinds import OPTIONS
from fakedobby.faults import DOBBY, KINDS, PLUGIN, Fault, FaultBook

CALLS = 12


def strikes(calls=("List",) * CALLS, **document):
    """Return for each call, a method or a method and a container, whether the fault strikes it."""
    book = FaultBook()
    book.add(Fault.of({"place": "dobby", "kind": "failure"} | document))
    return [bool(book.strike(DOBBY, *([call] if isinstance(call, str) else call))) for call in calls]


def which(struck):
    return [number for number, one in enumerate(struck, 1) if one]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, list(range(1, CALLS + 1))),
        ({"times": "always"}, list(range(1, CALLS + 1))),
        ({"times": "once"}, [1]),
        ({"times": 1}, [1]),
        ({"times": 3}, [1, 2, 3]),
        ({"nth": 3, "times": "once"}, [3]),
        ({"nth": 3, "times": 2}, [3, 4]),
        ({"nth": 11}, [11, 12]),
        ({"nth": 13}, []),
        ({"probability": 0}, []),
        ({"probability": 1.0}, list(range(1, CALLS + 1))),
    ],
)
def test_how_often(document, expected):
    assert which(strikes(**document)) == expected


def test_chance_is_the_same_with_the_same_seed_and_another_one_with_another():
    calls = ("List",) * 1000
    struck = {seed: strikes(calls, probability=0.3, seed=seed) for seed in (1, 2)}
    assert strikes(calls, probability=0.3, seed=1) == struck[1]
    assert struck[1] != struck[2]
    assert all(230 < sum(one) < 370 for one in struck.values())


def test_chance_goes_on_where_a_document_was_written():
    calls = ("List",) * 50
    whole = strikes(calls, probability=0.5, seed=7)
    book = FaultBook()
    book.add(Fault.of({"place": "dobby", "kind": "failure", "probability": 0.5, "seed": 7}))
    for _ in range(20):
        book.strike(DOBBY, "List")
    (fault,) = book
    assert fault.seen == 20
    again = Fault.of(fault.as_document())
    assert again == fault
    book.clear()
    book.add(again)
    assert [bool(book.strike(DOBBY, "List")) for _ in range(30)] == whole[20:]


def test_a_fault_that_is_rewound_begins_again():
    book = FaultBook()
    fault = book.add(Fault.of({"place": "dobby", "kind": "failure", "nth": 2, "times": "once"}))
    first = [bool(book.strike(DOBBY, "List")) for _ in range(3)]
    fault.rewind()
    assert [bool(book.strike(DOBBY, "List")) for _ in range(3)] == first == [False, True, False]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"method": "Stop"}, [("Stop", "app-1"), ("Stop", "web")]),
        ({"method": "St*"}, [("StartFromSpec", "app-1"), ("Stop", "app-1"), ("Stop", "web")]),
        ({"container": "app-*"}, [("StartFromSpec", "app-1"), ("Stop", "app-1")]),
        ({"container": "app-[2-9]"}, []),
        ({"method": "Stop", "container": "app-1"}, [("Stop", "app-1")]),
        ({"container": "**"}, [("StartFromSpec", "app-1"), ("Stop", "app-1"), ("Stop", "web")]),
        ({}, [("StartFromSpec", "app-1"), ("Stop", "app-1"), ("Stop", "web"), ("List",)]),
    ],
)
def test_what_it_is_meant_for(document, expected):
    calls = [("StartFromSpec", "app-1"), ("Stop", "app-1"), ("Stop", "web"), ("List",)]
    assert [call for call, struck in zip(calls, strikes(calls, **document), strict=True) if struck] == expected


def test_what_it_is_not_meant_for_does_not_count():
    calls = [("Stop", "b"), ("Stop", "a"), ("Stop", "b"), ("Stop", "a")]
    assert which(strikes(calls, container="a", nth=2)) == [4]


@pytest.mark.parametrize(
    ("pattern", "met"),
    [
        ("*", ["startContainer"]),
        ("start*", ["startContainer"]),
        ("org.rdk.OCIContainer.*", ["startContainer"]),
        ("Controller.*", ["Controller.activate"]),
        ("*.*", ["startContainer", "Controller.activate"]),
        ("activate", []),
    ],
)
def test_methods_of_other_plugins_need_a_callsign(pattern, met):
    book = FaultBook()
    book.add(Fault.of({"place": "plugin", "kind": "deactivate", "method": pattern}))
    names = {
        "startContainer": ("startContainer", "org.rdk.OCIContainer.startContainer"),
        "Controller.activate": ("Controller.activate",),
    }
    assert [name for name, spellings in names.items() if book.strike(PLUGIN, spellings)] == met


def test_all_strike_in_their_order_but_only_one_of_those_that_decide():
    book = FaultBook()
    for kind in ("delay", "error", "failure", "delay"):
        book.add(Fault.of({"place": "dobby", "kind": kind} | ({"seconds": 1} if kind == "delay" else {})))
    assert [fault.id for fault in book.strike(DOBBY, "List")] == ["f1", "f2", "f4"]
    assert [(fault.id, fault.seen, fault.struck) for fault in book] == [
        ("f1", 1, 1),
        ("f2", 1, 1),
        ("f3", 1, 0),  # it was met, and counts the calls that others have decided
        ("f4", 1, 1),
    ]


def test_kinds_that_are_not_asked_for_do_not_count():
    book = FaultBook()
    book.add(Fault.of({"place": "dobby", "kind": "lose-signal"}))
    assert book.strike(DOBBY, "Started", "x", ("failure",)) == []
    assert [fault.seen for fault in book] == [0]


def test_places_say_where_anything_is_in_force():
    book = FaultBook()
    assert book.places == set()
    for place, kind in (("dobby", "failure"), ("dobby", "error"), ("transport", "hang")):
        book.add(Fault.of({"place": place, "kind": kind}))
    assert book.places == {"dobby", "transport"}
    book.remove("f1")
    assert book.places == {"dobby", "transport"}
    assert book.remove("f2").kind == "error"
    assert book.remove("f2") is None
    assert book.places == {"transport"}
    book.clear()
    assert book.places == set()
    assert book.strike(DOBBY, "List") == []


def test_ids():
    book = FaultBook()
    book.add(Fault.of({"id": "f2", "place": "dobby", "kind": "failure"}))
    added = [book.add(Fault.of({"place": "dobby", "kind": "failure"})).id for _ in range(2)]
    assert added == ["f1", "f3"]
    with pytest.raises(FaultExists, match="'f3' already"):
        book.add(Fault.of({"id": "f3", "place": "plugin", "kind": "deactivate"}))
    assert book.find("f3").place == "dobby"
    book.clear()
    assert book.find("f3") is None
    assert book.add(Fault.of({"place": "dobby", "kind": "failure"})).id == "f1"


EXAMPLES = {
    "seconds": 1.5,
    "error": "org.freedesktop.DBus.Error.NoMemory",
    "text": "no room",
    "code": -32000,
    "message": None,
    "field": "containers.0.Id",
    "value": {"any": ["thing", None]},
    "event": "onContainerStopped",
    "params": {"name": "x"},
    "status": 3,
    "signal": "SIGKILL",
}
ALL = [(place, kind) for place, kinds in KINDS.items() for kind in kinds]


@pytest.mark.parametrize(("place", "kind"), ALL)
def test_a_document_of_each_kind_comes_back(place, kind):
    what = KINDS[place][kind]
    least = {"place": place, "kind": kind} | {key: EXAMPLES[key] for key in what.needs}
    assert Fault.of(least).options == {key: EXAMPLES[key] for key in what.needs}
    full = least | {key: EXAMPLES[key] for key in what.takes} | {"nth": 2, "times": 3, "container": "a*"}
    document = Fault.of(full).as_document()
    assert full.items() <= document.items()
    assert Fault.of(document).as_document() == document


@pytest.mark.parametrize(("place", "kind"), ALL)
def test_an_option_of_another_kind_is_refused(place, kind):
    what = KINDS[place][kind]
    least = {"place": place, "kind": kind} | {key: EXAMPLES[key] for key in what.needs}
    for key in OPTIONS.keys() - {*what.needs, *what.takes}:
        with pytest.raises(BadFault, match=f"^The fault can't be put in force; {key}: a fault '{place} {kind}' takes"):
            Fault.of(least | {key: EXAMPLES[key]})
    for key in what.needs:
        with pytest.raises(BadFault, match=f"; {key}: a fault '{place} {kind}' needs it"):
            Fault.of({name: value for name, value in least.items() if name != key})


BAD = [
    ("", [], "expected an object, not \\[\\]"),
    ("", None, "expected an object"),
    ("place", {}, "it must be there, one of dobby, plugin, transport"),
    ("place", {"place": "moon"}, "expected one of dobby, plugin, transport, not 'moon'"),
    ("place", {"place": ["dobby"]}, "expected one of"),
    ("kind", {"place": "plugin"}, "it must be there, one of error, delay, field, event, deactivate"),
    ("kind", {"place": "plugin", "kind": "gone"}, "expected one of error, delay, field"),
    ("kind", {"place": "plugin", "kind": None}, "expected one of error, delay, field"),
    ("colour", {"colour": 1}, "a fault 'dobby failure' takes place, kind, id, method"),
    ("'\\ud800'", {"\ud800": 1}, "takes place"),
    ("7", {7: 1}, "takes place"),
    ("method", {"method": ""}, "expected a pattern like start\\*"),
    ("method", {"method": "x" * 257}, "of 1 to 256 characters"),
    ("method", {"method": 5}, "not 5"),
    ("method", {"method": "startContainer"}, "a pattern for one of Annotate, .*, not 'startContainer'"),
    ("method", {"kind": "lose-signal", "method": "Stop"}, "a pattern for one of Awoken, Hibernated"),
    ("method", {"kind": "crash", "method": "StartFromSpec"}, "a pattern for one of Started,"),
    ("container", {"container": None}, "expected a pattern"),
    ("container", {"container": "\0"}, "expected a pattern"),
    ("nth", {"nth": 0}, "expected a whole number, 1 or more, not 0"),
    ("nth", {"nth": 1.0}, "not 1.0"),
    ("nth", {"nth": True}, "not True"),
    ("nth", {"nth": 10**400}, "expected a whole number"),
    ("times", {"times": 0}, '1 or more, or "once" or "always", not 0'),
    ("times", {"times": "twice"}, "not 'twice'"),
    ("times", {"times": None}, "not None"),
    ("probability", {"probability": 1.1}, "expected a number from 0 to 1, not 1.1"),
    ("probability", {"probability": float("nan")}, "not nan"),
    ("probability", {"probability": "1"}, "not '1'"),
    ("seed", {"seed": 2**63}, "64 bits"),
    ("seed", {"seed": "x"}, "64 bits"),
    ("id", {"id": "a/b"}, "characters"),
    ("id", {"id": ".."}, "characters"),
    ("id", {"id": 5}, "characters"),
    ("seen", {"seen": -1}, "0 or more"),
    ("struck", {"struck": 0.5}, "0 or more"),
    ("seconds", {"kind": "delay", "seconds": -1}, "expected a number of seconds"),
    ("seconds", {"kind": "delay", "seconds": float("inf")}, "not inf"),
    ("seconds", {"kind": "delay", "seconds": True}, "not True"),
    ("error", {"kind": "error", "error": "Failed"}, "expected the name of a D-Bus error"),
    ("text", {"kind": "error", "text": "\ud800"}, "expected a text"),
    ("text", {"kind": "error", "text": "a\0b"}, "expected a text"),
    ("status", {"kind": "exit", "status": 256}, "0 to 255"),
    ("signal", {"kind": "crash", "signal": "SIGCHLD"}, "like SIGSEGV"),
    ("signal", {"kind": "crash", "signal": 11}, "like SIGSEGV"),
    ("code", {"place": "plugin", "kind": "error", "code": 2**31}, "32 bits"),
    ("message", {"place": "plugin", "kind": "error", "message": 5}, "or null"),
    ("field", {"place": "plugin", "kind": "field", "field": ""}, "the name of a member"),
    ("field", {"place": "plugin", "kind": "field", "field": "a..b"}, "a path like containers.0.Id"),
    ("value", {"place": "plugin", "kind": "field", "field": "a", "value": float("nan")}, "a JSON value"),
    ("value", {"place": "plugin", "kind": "field", "field": "a", "value": object()}, "a JSON value"),
    ("event", {"place": "plugin", "kind": "event", "event": ""}, "the name of an event"),
    ("params", {"place": "plugin", "kind": "event", "event": "a", "params": {1, 2}}, "a JSON value"),
]


@pytest.mark.parametrize(("where", "document", "reason"), BAD)
def test_a_bad_document_is_told_where_and_why(where, document, reason):
    whole = isinstance(document, dict) and where not in {"place", "kind"}
    with pytest.raises(BadFault, match=reason) as caught:
        Fault.of({"place": "dobby", "kind": "failure"} | document if whole else document)
    assert caught.value.where == where
    assert len(str(caught.value)) < 600
    assert str(caught.value).startswith(f"The fault can't be put in force; {where or 'the document'}: ")


def test_log_and_journal_tell_of_each(caplog):
    emulation = Emulation.on(StillClock())
    emulation.faults.add(
        Fault.of({"place": "dobby", "kind": "error", "method": "Stop", "times": "once", "text": "no room"})
    )
    emulation.faults.strike(DOBBY, "Stop", "x")
    emulation.faults.strike(DOBBY, "Stop", "x")
    emulation.faults.clear()
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 3
    does = "the method answers a D-Bus error, and nothing is carried out"
    assert [record.message for record in caplog.records] == [
        f"added the fault f1 (dobby, error, method Stop, times 1, text no room): {does}",
        f"the fault f1 strikes Stop of 'x': {does}",
        f"removed the fault f1 (dobby, error, method Stop, times 1, text no room): {does}",
    ]
    facts = [entry.facts for entry in emulation.journal if entry.kind == "fault"]
    assert [(one["what"], one["fault"], one["method"]) for one in facts] == [
        ("added", "f1", "Stop"),
        ("struck", "f1", "Stop"),
        ("removed", "f1", "Stop"),
    ]
    assert facts[1]["container"] == "x"
