"""How long a client may be silent."""

from twisted.internet.task import Clock

from thunderoci.silence import Silence


def make():
    clock, over = Clock(), []
    return clock, over, Silence(clock, lambda: over.append(clock.seconds()))


def test_nothing_heard_for_a_period_is_the_end():
    clock, over, silence = make()
    silence.allow(10)
    clock.pump([4, 5.5])
    assert over == []
    clock.advance(0.5)
    assert over == [10]
    assert clock.getDelayedCalls() == []


def test_each_word_begins_anew_without_a_timer_of_its_own():
    clock, over, silence = make()
    silence.allow(10)
    for _ in range(100):
        clock.advance(6)
        silence.heard()
        assert len(clock.getDelayedCalls()) == 1
    clock.pump([1] * 9)
    assert over == []
    clock.advance(1)
    assert over == [610]


def test_any_silence_is_allowed_while_an_answer_takes_its_time():
    clock, over, silence = make()
    silence.allow(10)
    silence.allow(None)
    clock.pump([5] * 20)
    assert over == []
    silence.allow(10)
    clock.pump([5, 4])
    assert over == []
    clock.advance(1)
    assert over == [110]


def test_a_shorter_period_holds_at_once():
    clock, over, silence = make()
    silence.allow(180)
    clock.advance(1)
    silence.allow(2)
    clock.pump([1, 1])
    assert over == [3]


def test_stopped():
    clock, over, silence = make()
    silence.allow(10)
    silence.stop()
    assert clock.getDelayedCalls() == []
    clock.advance(20)
    assert over == []
