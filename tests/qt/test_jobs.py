"""Work is done elsewhere, results arrive here."""

import sys
import threading
import weakref
from functools import partial

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QObject

from desktop.jobs import InlineJobs, Jobs, Report
from domain.errors import Stopped


@pytest.fixture
def jobs(qtbot):
    made = Jobs()
    yield made
    made.close()


def test_work_runs_off_the_gui_thread_and_is_answered_on_it(qtbot, jobs) -> None:
    here = threading.get_ident()
    seen: list[tuple[int, int]] = []
    jobs.run(threading.get_ident, lambda there: seen.append((there, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(seen))
    ((there, answered),) = seen
    assert there != here
    assert answered == here


def test_a_lane_does_one_thing_at_a_time_and_the_others_go_on(qtbot, jobs) -> None:
    gate, done = threading.Event(), []
    jobs.run(lambda: gate.wait(60), lambda _ok: done.append("first"))
    jobs.run(lambda: None, lambda _none: done.append("second"))
    jobs.run(lambda: gate.wait(60), lambda _ok: done.append("download"), lane="upgrade")
    jobs.run(lambda: gate.wait(60), lambda _ok: done.append("printer"), lane="device")
    jobs.run(lambda: None, lambda _none: done.append("net"), lane="net")
    qtbot.waitUntil(lambda: done == ["net"])
    gate.set()
    qtbot.waitUntil(lambda: len(done) == 5)
    assert done.index("first") < done.index("second")
    assert not jobs.busy


def test_what_nobody_waits_for_lets_everything_else_go_before(qtbot, jobs) -> None:
    gate, done = threading.Event(), []
    jobs.run(lambda: gate.wait(60), lambda _ok: done.append("first"))
    jobs.run(lambda: None, lambda _none: done.append("later"), later=True)
    jobs.run(lambda: None, lambda _none: done.append("one more later"), later=True)
    jobs.run(lambda: None, lambda _none: done.append("second"))
    jobs.run(lambda: 1 / 0, lambda _none: None, lambda _error: done.append("third"))
    gate.set()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert done[:3] == ["first", "second", "third"]
    assert sorted(done[3:]) == ["later", "one more later"]


def test_what_nobody_waits_for_gives_way_while_it_works_and_begins_again(qtbot, jobs) -> None:
    begun, done = threading.Event(), list[str]()

    def judge() -> None:
        while not done:
            begun.set()
            jobs.check_preempted()

    jobs.run(judge, lambda _none: done.append("later"), later=True)
    assert begun.wait(60)
    jobs.run(lambda: done.append("worked"), lambda _none: done.append("asked for"))
    qtbot.waitUntil(lambda: not jobs.busy)
    assert done == ["worked", "asked for", "later"]


def test_work_that_began_at_once_can_give_way_too(qtbot, jobs) -> None:
    """What waits is counted: counted once too often, nothing would give way any more."""
    begun, done = threading.Event(), list[str]()

    def look() -> None:
        while not done:
            begun.set()
            jobs.check_preempted()

    jobs.run(look, lambda _none: done.append("looked"))
    assert begun.wait(60)
    jobs.run(lambda: done.append("worked"), lambda _none: done.append("asked for"))
    qtbot.waitUntil(lambda: not jobs.busy)
    assert done == ["worked", "asked for", "looked"]
    assert jobs._awaited["db"] == 0


def test_what_nobody_waits_for_does_not_keep_the_program_open(qtbot) -> None:
    jobs, begun = Jobs(), threading.Event()

    def judge() -> None:
        while True:
            begun.set()
            jobs.check_preempted()

    jobs.run(judge, lambda _none: None, later=True)
    assert begun.wait(60)
    jobs.close()


def test_work_of_a_window_that_is_gone_is_done_and_told_to_nobody(qtbot, jobs) -> None:
    """Whoever changed the size of the text while something was read stood before the crash window."""
    gate, done = threading.Event(), list[str]()
    told: list[object] = []

    def save() -> None:
        gate.wait(60)
        done.append("saved")

    jobs.owner = QObject()
    jobs.run(save, told.append)
    jobs.run(lambda: 1 / 0, told.append, told.append)
    jobs.run_long(lambda progress: progress(1, 1, ""), told.append, report=told.append)
    jobs.owner = QObject()
    jobs.run(lambda: None, lambda _none: done.append("the next window's"))
    gate.set()
    qtbot.waitUntil(lambda: done == ["saved", "the next window's"])
    assert not told


def test_an_answer_to_what_is_gone_meanwhile_is_given_to_nobody(qtbot, jobs, monkeypatch) -> None:
    """A form closed before the name of an employer was found brought up the crash dialog."""
    crashes: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda *error: crashes.append(error))

    class Form(QObject):
        def ask(self) -> None:
            jobs.run(lambda: 1, self.setObjectName)
            jobs.run(lambda: 1, lambda n: told.append((self.objectName(), n)))
            form = self
            jobs.run(lambda: 1, lambda n: told.append((form.objectName(), n)))
            jobs.run(lambda: 1, partial(show, form))
            jobs.run(lambda: 1 / 0, told.append, lambda error: self.setObjectName(str(error)))

    def show(form: Form, n: int) -> None:
        told.append((form.objectName(), n))

    told: list[object] = []
    form, gate = Form(), threading.Event()
    jobs.run(gate.wait, lambda _ok: None)
    form.ask()
    shiboken6.delete(form)
    gate.set()
    jobs.run(lambda: 2, told.append)
    qtbot.waitUntil(lambda: 2 in told)
    assert (told, crashes) == ([2], [])


def test_an_error_goes_to_whoever_asked_or_to_all(qtbot, jobs) -> None:
    own: list[Exception] = []
    jobs.run(lambda: 1 / 0, lambda _x: None, own.append)
    qtbot.waitUntil(lambda: bool(own))
    with qtbot.waitSignal(jobs.failed) as told:
        jobs.run(lambda: 1 / 0, lambda _x: None)
    assert isinstance(told.args[0], ZeroDivisionError)


def test_only_the_newest_job_of_a_key_is_heard(qtbot, jobs) -> None:
    gate, heard, worked = threading.Event(), [], []
    jobs.run(lambda: gate.wait(60), lambda _ok: heard.append("blocker"))
    for text in ("z", "zh", "zha"):
        jobs.run(lambda text=text: worked.append(text), lambda _none, text=text: heard.append(text), key="search")
    gate.set()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert heard == ["blocker", "zha"]
    assert worked == ["zha"]  # those replaced before they began are not even done


def test_long_work_reports_and_can_be_stopped(qtbot, jobs) -> None:
    reports: list[Report] = []
    stopped: list[Exception] = []
    started = threading.Event()

    def work(progress) -> None:
        for n in range(10**9):
            progress(n, 10**9, "行")
            started.set()

    job = jobs.run_long(work, lambda _none: None, stopped.append, report=reports.append)
    assert started.wait(60)
    job.stop()
    qtbot.waitUntil(lambda: bool(stopped))
    assert isinstance(stopped[0], Stopped)
    assert reports[0] == Report(0, 10**9, "行", None)


def test_nothing_is_delivered_after_closing(qtbot) -> None:
    jobs = Jobs()
    gate = threading.Event()
    heard: list[object] = []
    jobs.run(lambda: gate.wait(60), heard.append)
    gate.set()
    jobs.close()
    qtbot.waitUntil(lambda: True)
    assert heard == []


def test_a_result_on_its_way_is_not_delivered_after_closing(qtbot) -> None:
    """An unlocking that ended while the window was closed opened another window, without jobs."""
    jobs = Jobs()
    done = threading.Event()
    heard: list[object] = []
    jobs.run(done.set, heard.append)
    assert done.wait(60)
    jobs.close()  # waits for the worker, which has sent its result by then
    QCoreApplication.processEvents()
    assert heard == []


def test_the_working_thread_destroys_nothing_of_the_window(qtbot, jobs, monkeypatch) -> None:
    """It held the last reference to a form that was closed when its answer came, and destroyed it while the window drew."""
    freed, answered, send = list[int](), threading.Event(), jobs._send

    class Form(QObject):
        def ask(self) -> None:
            jobs.run(self.objectName, self.show_name, self.show_error)

        def show_name(self, _name: str) -> None: ...

        def show_error(self, _error: Exception) -> None: ...

    def send_and_linger(call) -> None:
        send(call)
        answered.wait(60)

    monkeypatch.setattr(jobs, "_send", send_and_linger)
    form = Form()
    weakref.finalize(form, lambda: freed.append(threading.get_ident()))
    form.ask()
    del form
    qtbot.waitUntil(lambda: not jobs.busy)
    answered.set()
    jobs.close()
    assert freed == [threading.get_ident()]


def test_what_failed_work_made_is_destroyed_where_it_was_made(qtbot, jobs) -> None:
    """Documents laid out halfway came to the window with the error that ended them."""

    class Document(QObject): ...

    def work(progress) -> None:
        document = Document()
        weakref.finalize(document, lambda: freed.append(threading.get_ident()))
        try:
            raise Stopped
        except Stopped as error:
            raise ValueError from error

    freed, told = list[int](), list[Exception]()
    jobs.run_long(work, told.append, told.append, report=lambda _report: None)
    qtbot.waitUntil(lambda: bool(told))
    assert isinstance(told[0], ValueError)
    assert len(freed) == 1 and freed[0] != threading.get_ident()


def test_inline_jobs_do_the_same_at_once() -> None:
    jobs = InlineJobs()
    heard: list[object] = []
    jobs.run(lambda: 7, heard.append)
    jobs.run(lambda: 1 / 0, heard.append, heard.append)
    jobs.run_long(lambda progress: progress(1, 1, "x"), heard.append, report=heard.append)
    assert heard[0] == 7
    assert isinstance(heard[1], ZeroDivisionError)
    assert heard[2:] == [Report(1, 1, "x", None), None]
    jobs.close()
