"""Background work off the GUI thread. There are four lanes of one thread each: for the database, for the network, for printers and other
slow devices, and for upgrading the program, whose download may take an hour during which changes must still be sent.

    jobs.run(lambda: use_case(query), self._listed)                        # result arrives on the GUI thread
    jobs.run(work, done, failed, lane="net")
    jobs.run(lambda: find(text), self._found, key="search")                # a newer job of the same key replaces an older one
    job = jobs.run_long(lambda progress: plan(path, progress), done, failed, report=self._reported)
    job.stop()                                                             # the next progress() in the work raises Stopped
    jobs.run(judge_all, self._judged, later=True)                          # low priority: after all other work of the lane; with
                                                                           # `jobs.check_preempted` as its progress it is preempted as
                                                                           # well, and so is work that began at once

Without `failed` an error goes to the `failed` signal of Jobs, which the window shows. Tests use `InlineJobs`, which works synchronously.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Event, Lock
from types import FunctionType
from typing import Any, Literal, TypeVar, get_args

import shiboken6
from PySide6.QtCore import QEventLoop, QObject, Qt, Signal

from domain.errors import Stopped
from domain.progress import Progress as Progress
from domain.words import _

Lane = Literal["db", "net", "device", "upgrade"]
_T = TypeVar("_T")
_REPORT_EVERY = 0.1  # seconds; nobody reads faster


@dataclass(frozen=True)
class Report:
    """The progress of long work; `left`: estimated seconds to go, None while unknown."""

    done: int
    total: int
    what: str
    left: float | None


class Job:
    """A piece of work that is waiting or running.

    It alone refers to the work and to those who receive its result, and the GUI thread lets go of them: a widget whose last reference the
    working thread held would be destroyed there while the window uses it, which ends the program.
    """

    def __init__(
        self,
        work: Callable[[Job], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        key: str = "",
        *,
        later: bool = False,
    ) -> None:
        self._work, self._done, self._failed = work, done, failed
        self._answer: Callable[[], None] | None = None
        self.key, self.later = key, later
        self.replaced = False
        self.owner: QObject | None = None
        self._stop = Event()
        self._started = time.monotonic()
        self._reported = 0.0

    def do(self) -> None:
        """Do the work and keep its result or error, whatever it is."""
        try:
            self._answer = partial(self._done, self._work(self))
        except _Preempted:
            raise
        except Exception as error:
            _let_go_of_locals(error)
            self._answer = partial(self._failed, error)

    def take_answer(self) -> Callable[[], None] | None:
        """What delivers the result, None if there is none; the job refers to nothing from now on. Called in the GUI thread."""
        answer = self._answer
        del self._work, self._done, self._failed, self._answer
        return answer

    def stop(self) -> None:
        """Ask the work to stop; it is rolled back and ends with `Stopped`."""
        self._stop.set()

    def check(self, done: int, total: int, what: str) -> Report | None:
        """Return the progress to report, None when the last report is too recent. Raises `Stopped`. Called on the working thread."""
        if self._stop.is_set():
            raise Stopped(_("已停止，什么都没有改变"))
        now = time.monotonic()
        if now - self._reported < _REPORT_EVERY and done < total:
            return None
        self._reported = now
        spent = now - self._started
        left = spent / done * (total - done) if done and total and spent > 1 else None
        return Report(done, total, what, left)


class _Preempted(Exception):
    """Low-priority work was interrupted for other work of its lane."""


class Jobs(QObject):
    """Runs work on its lane's thread and hands results to the GUI thread by queued signals."""

    failed = Signal(object)
    """An exception of work without a `failed` callback."""
    noted = Signal(str)
    """What to tell, in the status line, of work that nobody asked for."""
    _deliver = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes = {name: ThreadPoolExecutor(1, f"jobs-{name}", initializer=_with_timers) for name in get_args(Lane)}
        self._latest: dict[str, Job] = {}
        self._open: set[Job] = set()
        self._awaited = dict.fromkeys(self._lanes, 0)
        self._counting = Lock()
        self._closed = False
        self.owner: QObject | None = None
        """The window that receives results. Work started for an earlier window is still done, but its results are dropped."""
        self._deliver.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], _T],
        done: Callable[[_T], None],
        failed: Callable[[Exception], None] | None = None,
        *,
        lane: Lane = "db",
        key: str = "",
        later: bool = False,
    ) -> Job:
        """Do `work` on `lane`, then call `done(result)` or `failed(error)` on the GUI thread. `key`: only the newest job of a key delivers
        its result. `later`: it begins when no other work of its lane waits."""
        return self._start(Job(lambda _job: work(), done, failed or self.failed.emit, key, later=later), lane)

    def run_long(
        self,
        work: Callable[[Progress], _T],
        done: Callable[[_T], None],
        failed: Callable[[Exception], None] | None = None,
        *,
        report: Callable[[Report], None],
        lane: Lane = "db",
    ) -> Job:
        """Like `run`, for work that reports its progress and can be stopped; `report` is called on the GUI thread."""

        def with_progress(job: Job) -> _T:
            def progress(count: int, total: int, what: str) -> None:
                now = job.check(count, total, what)
                if now is not None:
                    self._send(lambda: report(now) if self._wanted(job) else None)

            return work(progress)

        return self._start(Job(with_progress, done, failed or self.failed.emit), lane)

    def check_preempted(self, _done: int = 0, _total: int = 0, _what: str = "") -> None:
        """A progress callback for work on the database: interrupts it when other work waits; it starts again after that."""
        if self._closed:
            raise Stopped
        if self._awaited["db"]:
            raise _Preempted

    @property
    def busy(self) -> bool:
        """Whether any work is waiting, under way or not yet delivered."""
        return bool(self._open)

    def close(self) -> None:
        """Stop what can be stopped, wait for the rest and deliver nothing more."""
        self._closed = True
        for job in self._open:
            job.stop()
        for lane in self._lanes.values():
            lane.shutdown(wait=True, cancel_futures=True)
        while self._open:
            self._open.pop().take_answer()

    def _start(self, job: Job, lane: Lane) -> Job:
        job.owner = self.owner
        if job.key:
            if job.key in self._latest:
                self._latest[job.key].replaced = True
            self._latest[job.key] = job
        self._open.add(job)
        self._count(lane, job, 1)
        self._submit(lane, partial(self._begin, lane, job))
        return job

    def _count(self, lane: Lane, job: Job, more: int) -> None:
        if not job.later:
            with self._counting:
                self._awaited[lane] += more

    def _begin(self, lane: Lane, job: Job) -> None:
        self._count(lane, job, -1)
        try:
            if job.later and self._awaited[lane] and not self._closed:
                raise _Preempted
            if not job.replaced:
                job.do()
        except _Preempted:
            job.later = True  # it has given way once, and gives way again
            self._submit(lane, partial(self._begin, lane, job))
        else:
            self._send(partial(self._end, job))

    def _submit(self, lane: Lane, call: Callable[[], None]) -> None:
        self._lanes[lane].submit(call)

    def _send(self, call: Callable[[], None]) -> None:
        if not self._closed:
            self._deliver.emit(call)

    def _end(self, job: Job) -> None:
        call = job.take_answer()
        self._open.discard(job)
        if self._latest.get(job.key) is job:
            del self._latest[job.key]
        if call is not None and self._wanted(job) and not _receiver_deleted(call):
            call()

    def _wanted(self, job: Job) -> bool:
        return not job.replaced and job.owner in (None, self.owner)

    def _call(self, call: Callable[[], None]) -> None:
        if not self._closed:  # it may have been closed since the call was sent
            call()


def _receiver_deleted(call: Callable[..., None]) -> bool:
    """Whether a widget or model that the callback refers to was deleted meanwhile, such as a form that was closed.

    These are the object of a bound method, the variables in the closure of a function, and the arguments of a `partial`.
    """
    given: list[Any] = []
    while isinstance(call, partial):
        given += call.args
        call = call.func
    variables = (cell.cell_contents for cell in call.__closure__ or ()) if isinstance(call, FunctionType) else ()
    named = (getattr(call, "__self__", None), *variables, *given)
    return any(isinstance(one, QObject) and not shiboken6.isValid(one) for one in named)


def _let_go_of_locals(error: BaseException | None) -> None:
    """Clear the variables of the functions that an error came through, in this thread: they may be documents that were laid out here."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _with_timers() -> None:
    """Prepare this thread for Qt timers, which the layout of text documents uses."""
    QEventLoop()


class InlineJobs(Jobs):
    """Jobs for tests: work is done and its result delivered before `run` returns."""

    def _submit(self, lane: Lane, call: Callable[[], None]) -> None:
        call()

    _send = Jobs._call
