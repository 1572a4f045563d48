"""The replica's server: counts, clean shutdown, the benchmark's world, and serving alone until a signal."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import signal
import socket
import sys

import httpx
import psutil
import pytest
from PIL import Image

from support.replica import hero_path, running_replica
from trivia_scraper.demo.bench_pictures import BenchPainter, split, stack
from trivia_scraper.demo.picture_names import ReplicaPicture
from trivia_scraper.demo.server import Replica, environment_lines, serve_replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch

QM = "quizmeisters"
ANY_SIZE = ReplicaPicture("/any.jpg", "jpg", 1, 1, 1)


async def test_the_log_tells_conditions_bodies_and_no_cache(replica: Replica, client: httpx.AsyncClient) -> None:
    path = hero_path(replica.site, QM, replica.site.venues(QM)[0])
    first = await client.get(replica.base_url + path, headers={"Cache-Control": "no-cache"})
    await client.get(replica.base_url + path, headers={"If-None-Match": first.headers["etag"]})
    log = replica.site.log
    assert log.total == 2
    assert log.count(path) == 2
    assert log.count(path, status=304, is_conditional=True, body_sent=False, is_no_cache=False) == 1
    assert log.count(path, status=200, is_conditional=False, body_sent=True, is_no_cache=True) == 1
    assert log.bytes_sent == len(first.content)
    log.reset()
    assert (log.total, log.bytes_sent, log.requests()) == (0, 0, ())


async def test_the_log_keeps_query_and_order(replica: Replica, client: httpx.AsyncClient) -> None:
    await client.get(replica.index_urls["question_one"])
    await client.get(replica.index_urls["question_one"], params={"paged": "2"})
    assert [seen.query for seen in replica.site.log.requests()] == ["", "paged=2"]


async def test_the_log_knows_how_many_were_under_way_at_once(replica: Replica, client: httpx.AsyncClient) -> None:
    path = hero_path(replica.site, QM, replica.site.venues(QM)[0])
    replica.site.flip(ImageSwitch(path=path, fault=ImageFault.SLOW, bytes_per_second=1))
    async with client.stream("GET", replica.base_url + path), client.stream("GET", replica.base_url + path):
        assert replica.site.log.in_flight == 2
    assert replica.site.log.most_in_flight == 2


async def test_the_port_is_free_again_and_nothing_is_left_running(client: httpx.AsyncClient) -> None:
    tasks = asyncio.all_tasks()
    async with running_replica(2) as replica:
        await client.get(replica.index_urls[QM])
        port = int(replica.base_url.rpartition(":")[2])
    assert asyncio.all_tasks() == tasks
    socket.create_server(("127.0.0.1", port)).close()


async def test_a_slow_body_does_not_hold_up_the_end(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(5):
        async with running_replica(2) as replica:
            path = hero_path(replica.site, QM, replica.site.venues(QM)[0])
            replica.site.flip(ImageSwitch(path=path, fault=ImageFault.SLOW, bytes_per_second=1))
            answer = await client.send(client.build_request("GET", replica.base_url + path), stream=True)
        with pytest.raises(httpx.RemoteProtocolError):
            await answer.aread()


async def test_an_error_inside_comes_out_as_itself() -> None:
    with pytest.raises(LookupError, match="mine"):
        async with running_replica(1):
            raise LookupError("mine")


async def test_a_taken_port_is_an_os_error() -> None:
    async with running_replica(1) as replica:
        port = int(replica.base_url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            async with serve_replica(1, port=port):
                pass


async def test_signals_stay_with_the_caller() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    async with running_replica(1):
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


async def test_environment_lines_name_every_source(replica: Replica) -> None:
    lines = environment_lines(replica)
    assert f"export TRIVIA__SOURCES__QUIZMEISTERS__INDEX_URL={replica.index_urls[QM]}" in lines
    assert f"export TRIVIA__SOURCES__QUESTION_ONE__INDEX_URL={replica.index_urls['question_one']}" in lines
    assert any("ALLOW_NETWORKS" in line and "127.0.0.0/8" in line for line in lines)


async def test_the_benchmark_serves_distinct_plain_jpegs(client: httpx.AsyncClient) -> None:
    async with running_replica(30, bench=True) as replica:
        digests = set()
        for venue in replica.site.venues(QM):
            assert venue.hero is not None
            answer = await client.get(venue.hero.href(f"{replica.base_url}/{QM}"))
            assert answer.content.startswith(b"\xff\xd8")
            assert answer.content.endswith(b"\xff\xd9")
            assert 80_000 < len(answer.content) < 300_000
            digest = hashlib.sha256(answer.content).hexdigest()
            assert answer.headers["etag"] == f'"{digest[:32]}"'
            digests.add(digest)
        assert len(digests) == 30


def test_benchmark_pictures_decode_look_different_and_repeat_for_a_seed() -> None:
    paint = BenchPainter()
    looks = []
    for number in range(60):
        body = paint(ANY_SIZE, f"/path/{number}")
        with Image.open(io.BytesIO(body)) as image:
            image.load()
            assert image.size == (1024, 768)
            looks.append(difference_hash(image))
    assert paint(ANY_SIZE, "/path/1") == BenchPainter()(ANY_SIZE, "/path/1")
    # The check for placeholders takes pictures within 4 bits for one and the same (safety.md 6).
    alike = [sum((look ^ other).bit_count() <= 4 for other in looks) for look in looks]
    assert max(alike) < 5


def difference_hash(image: Image.Image) -> int:
    pixels = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    rows = [pixels[start : start + 9] for start in range(0, 72, 9)]
    return sum((row[x] > row[x + 1]) << (8 * y + x) for y, row in enumerate(rows) for x in range(8))


def test_bands_of_two_pictures_make_one() -> None:
    bodies = []
    for colour in ("red", "blue"):
        encoded = io.BytesIO()
        Image.new("RGB", (64, 64), colour).save(encoded, "JPEG", subsampling="4:2:0", restart_marker_rows=2)
        bodies.append(split(encoded.getvalue()))
    red, blue = bodies
    with Image.open(io.BytesIO(stack(red, (red.bands[0], blue.bands[1]), b"seed"))) as image:
        image.load()
        top, bottom = image.getpixel((32, 10)), image.getpixel((32, 50))
        assert image.info["comment"] == b"seed"
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > 50 > top[2]
    assert bottom[2] > 200 > 50 > bottom[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_served_alone_it_ends_with_0_at_a_signal(client: httpx.AsyncClient, number: signal.Signals) -> None:
    call = "import sys; from trivia_scraper.demo.server import run_replica_forever as run; "
    call += "sys.exit(run(0, output=sys.stdout, world_size=3))"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", call, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            first = (await process.stdout.readline()).decode()
            base_url = first.rpartition(" ")[2].strip()
            answer = await client.get(f"{base_url}/quizmeisters/api/user/demo/locations")
            assert len(answer.json()["results"]["locations"]) == 3
            process.send_signal(number)
            rest = (await process.stdout.read()).decode()
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert "TRIVIA__SOURCES__QUESTION_ONE__INDEX_URL=" in rest
    assert not psutil.pid_exists(process.pid)
