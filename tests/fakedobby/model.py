"""What a daemon should answer and say, worked out a second time and more simply: one second is the unit of time.

Written from the observed behaviour, not from the code under test: no state table, no queue, no timers.
"""

import re

SEQUENCE_SEED = 0x1BC
INVALID, RUNNING, PAUSED, HIBERNATING, HIBERNATED, AWAKENING = 0, 2, 4, 5, 6, 7


class Box:
    """A container of the model. `left` are the seconds of its program, None: for ever."""

    def __init__(self, container_id, descriptor, program):
        self.id = container_id
        self.descriptor = descriptor
        self.program = program
        self.state = RUNNING
        self.left = program.seconds
        self.annotations = {}
        self.mounts = set()
        self.restarts = [] if program.restarts else None

    @property
    def identity(self):
        return self.descriptor, self.id


class Model:
    """Containers, and `told`: the signals that the daemon should have sent."""

    def __init__(self):
        self.boxes = {}
        self.told = []
        self.now = 0
        self._register = SEQUENCE_SEED

    def _next_descriptor(self):
        used = {box.descriptor for box in self.boxes.values()}
        while True:
            low = self._register & 1
            fourth = (self._register >> 3) & 1
            self._register = (self._register >> 1) + 512 * (low != fourth)
            if self._register not in used:
                return self._register

    def _find(self, descriptor):
        return next((box for box in self.boxes.values() if box.descriptor == descriptor), None)

    def start(self, container_id, program):
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,128}", container_id) or ".." in container_id:
            return -1
        if not re.search("[A-Za-z]", container_id) or container_id in self.boxes or not program.accepted:
            return -1
        descriptor = self._next_descriptor()
        if not program.runnable or len(container_id) > 64 or container_id[0] in ".-":
            return -1
        box = self.boxes[container_id] = Box(container_id, descriptor, program)
        self.told.append(("Started", *box.identity))
        return descriptor

    def _end(self, box, status):
        del self.boxes[box.id]
        self.told += [("StoppedWithStatus", *box.identity, status), ("Stopped", *box.identity)]

    def stop(self, descriptor, force):
        box = self._find(descriptor)
        if box is None or (box.state == PAUSED and not force):
            return False
        on_term = box.program.on_term
        self._end(box, 9 if force or on_term is None else on_term)
        return True

    def pause(self, descriptor):
        return self._change(descriptor, {RUNNING: PAUSED})

    def resume(self, descriptor):
        return self._change(descriptor, {PAUSED: RUNNING})

    def hibernate(self, descriptor):
        return self._change(descriptor, {RUNNING: HIBERNATING})

    def wake(self, descriptor):
        return self._change(descriptor, {HIBERNATED: AWAKENING, HIBERNATING: AWAKENING})

    def _change(self, descriptor, moves):
        box = self._find(descriptor)
        if box is None or box.state not in moves:
            return False
        box.state = moves[box.state]
        return True

    def execute(self, descriptor, options):
        box = self._find(descriptor)
        return box is not None and box.state == RUNNING and options != "--nonsense"

    def annotate(self, descriptor, key, value):
        box = self._find(descriptor)
        if box is not None:
            box.annotations[key] = value
        return box is not None

    def remove_annotation(self, descriptor, key):
        box = self._find(descriptor)
        return box is not None and box.annotations.pop(key, None) is not None

    def mount(self, descriptor, target, flag):
        box = self._find(descriptor)
        if box is None or flag != "bind" or target in box.mounts:
            return False
        box.mounts.add(target)
        return True

    def unmount(self, descriptor, target):
        box = self._find(descriptor)
        if box is None or target not in box.mounts:
            return False
        box.mounts.remove(target)
        return True

    def state(self, descriptor):
        box = self._find(descriptor)
        return INVALID if box is None else box.state

    def listed(self):
        ids = sorted(self.boxes, key=str.encode)
        return [[self.boxes[container_id].descriptor for container_id in ids], ids]

    def settle(self):
        """Do what takes no time: what memcr began, and the ends of programs."""
        for box in list(self.boxes.values()):
            if box.state == HIBERNATING:
                box.state = HIBERNATED
                self.told.append(("Hibernated", *box.identity))
            elif box.state == AWAKENING:
                box.state = RUNNING
                self.told.append(("Awoken", *box.identity))
            if box.state == RUNNING and box.left == 0:
                self._program_ends(box)

    def second(self):
        """Let a second go by."""
        self.settle()
        self.now += 1
        for box in list(self.boxes.values()):
            if box.state == RUNNING and box.left is not None:
                box.left -= 1
        self.settle()

    def _program_ends(self, box):
        recent = [moment for moment in box.restarts or [] if self.now - moment < 300]
        if not box.program.status or box.restarts is None or len(recent) == 10:
            self._end(box, box.program.status)
            return
        self.told += [
            ("StoppedWithStatus", *box.identity, box.program.status),
            ("Stopped", *box.identity),
            ("Started", *box.identity),
        ]
        box.restarts = [*recent, self.now]
        box.left = box.program.seconds
