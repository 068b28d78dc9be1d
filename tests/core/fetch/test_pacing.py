from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.core.fetch.backoff import (
    DEFAULT_BACKOFF_S,
    backoff,
    domain_backoff_s,
    retry_after_s,
)
from transforms.core.fetch.pacer import Pacer

NOW = datetime(2022, 10, 11, tzinfo=UTC)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 3)), max_size=50))
def test_starts_in_a_domain_are_spaced(requests: list[tuple[str, float]]) -> None:
    pacer, now = Pacer(1.0), 0.0
    started: dict[str, float] = {}
    for domain, passed in requests:
        now += passed
        at = now + pacer.delay(domain, now)
        pacer.record_start(domain, at)
        assert at - started.get(domain, -1.0) >= 1.0 - 1e-9
        started[domain] = at
        now = max(now, at)


def test_domains_do_not_wait_for_each_other() -> None:
    pacer = Pacer(1.0)
    pacer.record_start("a", 0.0)
    assert (pacer.delay("a", 0.25), pacer.delay("b", 0.25)) == (0.75, 0.0)


def test_a_site_may_widen_the_spacing_never_narrow_it() -> None:
    pacer = Pacer(1.0)
    pacer.slow_down("a", 5.0)
    pacer.slow_down("a", 0.1)
    pacer.slow_down("b", 1e9)
    for domain in "ab":
        pacer.record_start(domain, 0.0)
    assert (pacer.delay("a", 0.0), pacer.delay("b", 0.0)) == (5.0, 60.0)
    pacer.back_off("c", 0.0, 1e9)
    assert pacer.delay("c", 0.0) == 3600.0


def test_backoff_doubles_and_ends() -> None:
    assert [backoff(n) / timedelta(minutes=5) for n in (0, 1, 2, 3)] == [1, 1, 2, 4]
    assert backoff(10**9) == timedelta(days=1)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("9" * 50, 86400.0),
        ("Tue, 11 Oct 2022 00:01:00 GMT", 60.0),
        ("Tue, 11 Oct 2032 00:01:00 GMT", 86400.0),
        ("Mon, 10 Oct 2022 00:00:00 GMT", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, NOW) == seconds


@given(st.text(max_size=120))
def test_retry_after_never_raises(value: str) -> None:
    seconds = retry_after_s(value, NOW)
    assert seconds is None or 0 <= seconds <= 86400


def test_holds_since_the_arrival_add_up_while_one_lasts() -> None:
    pacer = Pacer(1.0)
    pacer.back_off("a", 0.0, 40.0)
    early = pacer.arrive("a", 0.0)
    assert pacer.site_wait_s("a", early, 0.0) == 40.0
    assert pacer.site_wait_s("a", early, 50.0) == 0.0
    pacer.back_off("a", 50.0, 30.0)
    pacer.back_off("a", 60.0, 30.0)
    assert pacer.site_wait_s("a", early, 60.0) == 80.0
    assert pacer.site_wait_s("a", pacer.arrive("a", 60.0), 60.0) == 30.0
    assert pacer.site_wait_s("b", pacer.arrive("b", 60.0), 60.0) == 0.0


@pytest.mark.parametrize(
    ("crawl_delay_s", "site_wait_s", "queue_s"), [(None, 0, 1), (10, 0, 10), (11, 44, 44)]
)
def test_a_queue_counts_where_each_crawl_delay_is_long(
    crawl_delay_s: float | None, site_wait_s: float, queue_s: float
) -> None:
    pacer = Pacer(1.0)
    if crawl_delay_s is not None:
        pacer.slow_down("a", crawl_delay_s)
    pacer.record_start("a", 0.0)
    assert pacer.site_wait_s("a", pacer.arrive("a", 0.0), 0.0, ahead=3) == site_wait_s
    assert pacer.queue_s("a", 0.0, ahead=3) == queue_s


def test_a_delay_that_comes_to_be_known_late_counts_from_the_arrival() -> None:
    pacer = Pacer(1.0)
    arrival = pacer.arrive("a", 0.0)
    pacer.slow_down("a", 30.0)
    pacer.record_start("a", 40.0)
    assert pacer.site_wait_s("a", arrival, 45.0) == 70.0


@pytest.mark.parametrize(
    ("status", "asked_s", "held_s"),
    [
        (429, 7.0, 7.0),
        (429, 0.0, 0.0),
        (429, None, DEFAULT_BACKOFF_S),
        (503, 7.0, 7.0),
        (503, None, None),
        (500, 7.0, None),
    ],
)
def test_a_domain_that_asks_for_a_wait_backs_off(
    status: int, asked_s: float | None, held_s: float | None
) -> None:
    assert domain_backoff_s(status, asked_s) == held_s


def test_a_deferred_site_has_no_queue_to_wait_in() -> None:
    pacer = Pacer(1.0)
    arrival = pacer.arrive("a", 0.0)
    pacer.defer("a", 0.0, 90.0)
    pacer.defer("a", 0.0, 5.0)
    assert pacer.delay("a", 0.0) == 90.0
    assert pacer.site_wait_s("a", arrival, 0.0) == 0.0
