"""The daemon as an operator runs it: a process, signals, its control socket, a replica (issue 5, 6.1)."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.daemon_process import DaemonProcess, running_daemon
from support.processes import command_line, processes_about
from support.program import Program, environment_for
from support.replica import hero_path, running_replica
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch

TWO = ("question_one", "quizmeisters")
SCHEDULED = {"refresh:question_one", "refresh:quizmeisters", "cleanup", "snapshot", "weekly_report", "verify"}


@pytest.fixture
def environment(tmp_path: Path, database_url: str, replica: Replica) -> Mapping[str, str]:
    """Two sources of the replica, a database of the test's own."""
    urls = {slug: replica.index_urls[slug] for slug in TWO}
    return environment_for(tmp_path, urls, TRIVIA_DATABASE_URL=database_url)


def finished(daemon: DaemonProcess) -> set[str]:
    """Names of the jobs that have ended."""
    return {str(event["job"]) for event in daemon.named("job.finished")}


async def test_a_daemon_works_tells_and_ends(tmp_path: Path, environment: Mapping[str, str]) -> None:
    """6.1: runs happen, cleanup happens, metrics move, `status` tells it; downtime gave one catch-up of each job."""
    program = Program(tmp_path, environment)
    async with running_daemon(tmp_path, environment) as daemon:
        await daemon.event("daemon.ready")
        await daemon.until(lambda: finished(daemon) >= SCHEDULED, "every scheduled job")
        assert all(event["ok"] for event in daemon.named("job.finished"))
        code, ready = await daemon.ask("/readyz")
        assert (code, ready["ready"], ready["failing"]) == (200, True, [])
        code, page = await daemon.ask("/metrics")
        samples = dict(line.rsplit(" ", 1) for line in page.splitlines() if line and not line.startswith("#"))
        assert float(samples['trivia_scraper_venue_changes_total{kind="created"}']) == 24
        assert float(samples['trivia_scraper_runs_total{outcome="complete",source="question_one"}']) == 1
        told = await program.call("status", "--json")
        assert told.code == 0, told.err
        check = await program.call("status", "--check")
        assert (check.code, len(check.out.splitlines())) == (0, 1), check.err
        assert await daemon.stop() == 0
        assert (await program.call("db", "check")).code == 0
        assert (await program.call("status", "--check")).code == 1

    # The next start owes nothing: every slot of today has its row.
    async with running_daemon(tmp_path, environment, name="second") as daemon:
        await daemon.event("daemon.ready")
        await daemon.until(lambda: not daemon.named("job.started") and daemon.named("web.listening"))
        assert daemon.named("schedule.taken") == []
        assert await daemon.stop(signal.SIGINT) == 0


def slow_down(replica: Replica) -> None:
    """Every picture takes minutes, fast enough not to be given up."""
    for slug in TWO:
        for venue in replica.site.venues(slug):
            if venue.hero is not None:
                path = hero_path(replica.site, slug, venue)
                replica.site.flip(ImageSwitch(path=path, fault=ImageFault.SLOW, bytes_per_second=1_100))


async def test_f06_f07_one_signal_drains_two_end_it_at_once_and_the_next_start_goes_on(
    tmp_path: Path, database_url: str
) -> None:
    """F06, F07, G10: downloads that crawl do not hold it; the run goes on under its id, everything is consistent."""
    async with running_replica(world_size=12) as replica:
        urls = {slug: replica.index_urls[slug] for slug in TWO}
        environment = environment_for(tmp_path, urls, TRIVIA_DATABASE_URL=database_url)
        slow_down(replica)
        async with running_daemon(tmp_path, environment) as daemon:
            await daemon.until(lambda: len(daemon.named("image.download")) >= 8, "downloads that crawl")
            run_ids = {
                event["run_id"] for event in daemon.named("job.started") if event["job"].startswith("refresh:")
            }
            async with asyncio.timeout(10):  # 6.1; once, in a service's time to stop
                assert await daemon.stop() == 0
            assert not daemon.named("image.saved"), "no download had ended by itself"
        async with running_daemon(tmp_path, environment, name="hurried") as daemon:
            await daemon.until(lambda: len(daemon.named("image.download")) >= 8, "downloads that crawl")
            daemon.send(signal.SIGTERM)
            await daemon.event("daemon.draining")
            assert await daemon.stop() == 0
            assert not daemon.named("image.saved")
        replica.site.clear()
        program = Program(tmp_path, environment)
        assert (await program.call("db", "check")).code == 0
        async with running_daemon(tmp_path, environment, name="second") as daemon:
            await daemon.until(lambda: finished(daemon) >= {"refresh:question_one", "refresh:quizmeisters"})
            resumed = daemon.named("schedule.resumed")
            assert {event["run_id"] for event in resumed if event["name"].startswith("refresh:")} == run_ids
            assert await daemon.stop() == 0
        assert (await program.call("db", "check")).code == 0


async def test_f45_a_second_daemon_and_a_run_learn_who_holds_the_store(
    tmp_path: Path, environment: Mapping[str, str]
) -> None:
    """F45: exit 11 naming role, pid and host; `verify-refresh` cannot be handed over and says the same."""
    async with running_daemon(tmp_path, environment) as daemon:
        await daemon.event("daemon.ready")
        program = Program(tmp_path, environment)
        second = await program.call("daemon", TRIVIA__WEB__LISTEN="", STATE_DIRECTORY=str(tmp_path / "other"))
        assert second.code == 11
        assert f"daemon {daemon.pid} on host" in second.err
        assert daemon.process.returncode is None
        assert await daemon.stop() == 0


async def test_f08_f09_settings_are_read_anew_or_refused(tmp_path: Path, environment: Mapping[str, str]) -> None:
    """F08, F09: a good file counts at once; a broken one changes nothing and is told everywhere."""
    config = tmp_path / "machine" / "config.toml"
    config.parent.mkdir()
    config.write_text('[schedule]\nsnapshot = "0 6 * * *"\n')
    async with running_daemon(tmp_path, environment) as daemon:
        await daemon.event("daemon.ready")
        config.write_text('[schedule]\nsnapshot = "15 7 * * *"\n[http]\nmax_redirects = 3\n')
        daemon.send(signal.SIGHUP)
        loaded = await daemon.event("settings.loaded", need_restart=["http.max_redirects"])
        assert loaded["files"] == [str(config)]
        await daemon.until(lambda: finished(daemon) >= SCHEDULED - {"snapshot"})
        _, status = await daemon.ask("/status.json")
        assert "15 7 * * *" in json.dumps(status)

        config.write_text("[schedule]\nsnapshot = nonsense\n")
        code, answer = await daemon.ask("/reload", "POST")
        assert (code, answer["ok"]) == (422, False)
        assert f"{config}:2:" in answer["error"]["message"]
        _, ready = await daemon.ask("/readyz")
        assert "settings" in ready["warnings"]
        assert "the last reload was refused" in ready["status"]
        _, page = await daemon.ask("/metrics")
        assert "trivia_scraper_config_reload_success 0.0" in page
        _, status = await daemon.ask("/status.json")
        assert "15 7 * * *" in json.dumps(status)
        assert await daemon.stop() == 0


async def test_f10_a_dump_of_tasks(tmp_path: Path, environment: Mapping[str, str]) -> None:
    """F10: every task's stack is logged and the work goes on."""
    async with running_daemon(tmp_path, environment) as daemon:
        await daemon.event("daemon.ready")
        daemon.send(signal.SIGUSR1)
        await daemon.event("tasks.dumped", task="loop schedule")
        await daemon.until(lambda: finished(daemon) >= SCHEDULED)
        assert await daemon.stop() == 0


async def test_the_embedded_server_goes_with_the_daemon(tmp_path: Path, replica: Replica) -> None:
    """operations.md 5: under systemd whatever is left once the main process exits is killed."""
    environment = environment_for(tmp_path, {"question_one": replica.index_urls["question_one"]})
    async with running_daemon(tmp_path, environment) as daemon:
        await daemon.until(lambda: "refresh:question_one" in finished(daemon))
        assert await daemon.stop() == 0
        assert [command_line(pid) for pid in processes_about(tmp_path) if "postgres" in command_line(pid)] == []
