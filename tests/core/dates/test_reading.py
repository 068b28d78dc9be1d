"""Dates are read as feeds and pages write them, all over the world; nothing is filled in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.core.dates.parsed_time import IMPOSSIBLE, Place, settled
from transforms.core.dates.reading import read_iso, read_line, read_printed, read_stated
from transforms.core.dates.tokens import tokenize


def stated(text: str, **place: object) -> str | None:
    """Return a time to its precision, with "?" if its zone was assumed; "never" for impossible."""
    parsed = read_stated(text, Place(**place))  # type: ignore[arg-type]
    if parsed is None or parsed.at == IMPOSSIBLE:
        return "never" if parsed else None
    length = {"day": 10, "minute": 16, "second": 19}[parsed.precision]
    return parsed.at.isoformat()[:length] + "?" * parsed.zone_assumed


@pytest.mark.parametrize(
    ("text", "time"),
    [
        # Forms of standards and programs.
        ("2024-04-30T14:05:09+02:00", "2024-04-30T12:05:09"),
        ("2024-04-30 14:05:09.123 -0530", "2024-04-30T19:35:09"),
        ("2024-04-30T9:05Z", "2024-04-30T09:05"),
        ("2024-04-29T24:00:00Z", "2024-04-30T00:00:00"),
        ("2024-04-30T12:04:60Z", "2024-04-30T12:05:00"),
        ("2024-04-30 14:05:09 UTC+2", "2024-04-30T12:05:09"),
        ("2024-11-22 21:00:00 +0000 UTC", "2024-11-22T21:00:00"),
        ("20240430", "2024-04-30"),
        ("20240430T140509Z", "2024-04-30T14:05:09"),
        ("202405011200", "2024-05-01T12:00:00?"),
        ("1714478709", "2024-04-30T12:05:09"),
        ("1714478709000", "2024-04-30T12:05:09"),
        ("1714478709.25", "2024-04-30T12:05:09"),
        ("Tue, 30 Apr 2024 07:05:09 EST", "2024-04-30T12:05:09"),
        ("20 Nov 2019 08:02 GMT", "2019-11-20T08:02"),
        ("Tue Apr 30 2024 14:05:09 GMT+0200 (CEST)", "2024-04-30T12:05:09"),
        ("Dec  2 14:05:09 CET 2025", "2025-12-02T13:05:09"),
        ("Tue Dec  2 14:05:09 2025", "2025-12-02T14:05:09?"),
        ("2025/6/29 15:07:41", "2025-06-29T15:07:41?"),
        ("2025.10.08 09:30", "2025-10-08T09:30?"),
        ("2025-Dec-02 10:00", "2025-12-02T10:00?"),
        ("02-Dec-25 10:00 AM CET", "2025-12-02T09:00"),
        # Names of months, in their languages.
        ("December 2nd, 2025", "2025-12-02"),
        ("2nd of December 2025", "2025-12-02"),
        ("2 Dec '25", "2025-12-02"),
        ("Dec. 2, 2025 3:30 p.m. ET", "2025-12-02T20:30"),
        ("3:30 p.m. ET July 2, 2025", "2025-07-02T19:30"),
        ("14:30, Tuesday 2 December 2025", "2025-12-02T14:30?"),
        ("Dienstag, 2. Dez. 2025, 14.30 Uhr", "2025-12-02T14:30?"),
        ("2. Jänner 2025", "2025-01-02"),
        ("1er décembre 2025 à 14h30", "2025-12-01T14:30?"),
        ("Martes, 2 de diciembre de 2025", "2025-12-02"),
        ("2 de setiembre del 2025", "2025-09-02"),
        ("2 dicembre 2025 alle ore 9:05", "2025-12-02T09:05?"),
        ("2 grudnia 2025, godz. 14:30", "2025-12-02T14:30?"),
        ("2. prosince 2025", "2025-12-02"),
        ("2 Aralık 2025 Salı 14:30", "2025-12-02T14:30?"),
        ("2 декабря 2025 г. в 14:30 МСК", "2025-12-02T11:30"),
        ("2 грудня 2025 року", "2025-12-02"),
        ("2 Δεκεμβρίου 2025", "2025-12-02"),
        ("2025. december 2. 14:30", "2025-12-02T14:30?"),
        ("2025 m. gruodžio 2 d. 14:30", "2025-12-02T14:30?"),
        ("2025. gada 2. decembris", "2025-12-02"),
        ("2025. gada 2. decembrī, 14:30", "2025-12-02T14:30?"),
        ("2025eko abenduaren 2a", "2025-12-02"),
        ("2025 оны 12-р сарын 02", "2025-12-02"),
        ("二〇二五年十二月二日", "2025-12-02"),
        ("二零二五年十月二十日 14:30", "2025-10-20T14:30?"),
        ("الثلاثاء، 2 ديسمبر 2025 02:30 م", "2025-12-02T14:30?"),
        ("2. joulukuuta 2025 klo 14.30", "2025-12-02T14:30?"),
        ("Ngày 2 tháng 12 năm 2025", "2025-12-02"),
        ("2 Desember 2025 pukul 14.30 WIB", "2025-12-02T07:30"),
        ("2 दिसंबर 2025", "2025-12-02"),
        ("২ ডিসেম্বর ২০২৫", "2025-12-02"),
        ("12 בדצמבר 2025", "2025-12-12"),
        ("2025年12月2日(火) 午後3時15分", "2025-12-02T15:15?"),
        ("2025年12月2日 星期二 14:30", "2025-12-02T14:30?"),
        ("2025년 12월 2일 오전 9시 30분", "2025-12-02T09:30?"),
        # Arabic: three sets of names, Arabic digits, two names of one month.
        ("2 كانون الأول 2025", "2025-12-02"),
        ("٢ ديسمبر ٢٠٢٥", "2025-12-02"),
        ("2 دجنبر 2025", "2025-12-02"),
        ("الثلاثاء 2 كانون الأول/ديسمبر 2025 - 14:30", "2025-12-02T14:30?"),
        ("\u200f22\u200f/\u200f12\u200f/2025", "2025-12-22"),
        # Other calendars.
        ("۱۱ آذر ۱۴۰۴", "2025-12-02"),
        ("۱۴۰۴/۰۹/۱۱ ۱۴:۳۰", "2025-12-02T14:30?"),
        ("۳۰ اسفند ۱۴۰۳", "2025-03-20"),
        ("11 جمادى الآخرة 1447 هـ", "2025-12-02"),
        ("2 ธ.ค. 2568", "2025-12-02"),
        ("2 ธันวาคม พ.ศ. 2568", "2025-12-02"),
        ("令和7年12月2日", "2025-12-02"),
        ("令和元年5月1日", "2019-05-01"),
        ("民國114年12月2日", "2025-12-02"),
        # Numbers whose order is plain.
        ("30/04/2024 10:00", "2024-04-30T10:00?"),
        ("04/30/2024", "2024-04-30"),
        ("02.12.2025", "2025-12-02"),
        ("02.12.25, 14:30 Uhr", "2025-12-02T14:30?"),
        ("05/05/2024", "2024-05-05"),
    ],
)
def test_time_is_read_as_it_is_stated(text: str, time: str | None) -> None:
    assert stated(text) == time


@pytest.mark.parametrize(
    "text",
    [
        *("04/05/2024", "2024-05", "2024", "12345", "99999999999999999999", "null", "", "soon"),
        *("yesterday", "2 hours ago", "Dec 2, 14:30", "2 December", "Tue, 31 Foo 2022 08:00 GMT"),
        *("10.1.20.14", "version 1.2.2025.1", "5-12 2025", "2. listopadu", "3/4 of 2025"),
        *("2 listopada 2025", "十二月二日", "२०८२ मंसिर १६"),
    ],
)
def test_what_does_not_say_a_day_is_no_date(text: str) -> None:
    assert stated(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("2024-13-45", "2024-02-30", "2024-05-01T12:00:00+99:00", "2024-05-01T24:01:00Z"),
        *("0001-13-01T00:00:00Z", "31 April 2024", "0000-00-00 00:00:00", "31/02/2024"),
    ],
)
def test_date_that_no_calendar_has(text: str) -> None:
    assert stated(text) == "never"
    assert read_iso(text) is None
    assert read_printed(text) is None


@pytest.mark.parametrize(
    ("language", "country", "day"),
    [
        ("en", "US", "2025-02-12"),
        ("en", "GB", "2025-12-02"),
        ("en", "IN", "2025-12-02"),
        ("en", None, "2025-02-12"),
        ("de", "US", "2025-12-02"),
        ("fil", "PH", "2025-02-12"),
        ("sv", None, "2025-12-02"),
        (None, "US", "2025-02-12"),
        (None, "FR", "2025-12-02"),
    ],
)
def test_day_and_month_are_in_the_order_of_the_place(
    language: str | None, country: str | None, day: str
) -> None:
    assert stated("02/12/2025", language=language, country=country) == day
    # Neither a name nor a number over 12 depends on it.
    assert stated("Dec 2, 2025", language=language, country=country) == "2025-12-02"
    assert stated("22/12/2025", language=language, country=country) == "2025-12-22"


def test_the_order_that_a_site_shows_is_stronger_than_its_language() -> None:
    assert stated("02/12/2025", language="en", country="US", day_first=True) == "2025-12-02"
    assert stated("02/12/2025", language="de", day_first=False) == "2025-02-12"


def test_of_two_orders_that_which_is_not_in_the_future_is_meant() -> None:
    now = datetime(2025, 3, 1, tzinfo=UTC)
    time = read_stated("02/12/2025", Place("en", "GB"))
    assert time is not None
    assert settled(time, now).at == datetime(2025, 2, 12, tzinfo=UTC)
    assert settled(time, now + timedelta(days=365)) == time


def test_order_is_unsure_only_in_english_from_nowhere() -> None:
    for place, unsure in (
        (Place("en"), True),
        (Place("en", "US"), False),
        (Place("de"), False),
        (Place("en", day_first=True), False),
    ):
        time = read_stated("02/12/2025", place)
        assert time is not None
        assert time.order_unsure is unsure


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("2. listopad 2025", "cs", "2025-11-02"),
        ("2. listopada 2025", "hr", "2025-10-02"),
        ("2 lipca 2025", "pl", "2025-07-02"),
        ("2. lipnja 2025", "hr", "2025-06-02"),
        ("25.12.02", "ko", "2025-12-02"),
        ("25.12.02", "de", "2002-12-25"),
    ],
)
def test_language_decides_between_the_meanings_of_a_name(
    text: str, language: str, day: str
) -> None:
    assert stated(text, language=language) == day


@pytest.mark.parametrize(
    ("zone", "country", "time"),
    [
        ("IST", "IN", "06:30"),
        ("IST", "IE", "11:00"),
        ("IST", "IL", "10:00"),
        ("IST", None, "06:30?"),
        ("BST", "GB", "11:00"),
        ("BST", "BD", "06:00"),
        ("CST", None, "18:00"),
        ("CST", "CN", "04:00"),
        ("CET", "US", "11:00"),
        ("EST", None, "17:00"),
        ("PT", None, "19:00"),
        ("XYZ", None, "12:00?"),
        ("pet owners", None, "12:00?"),
        ("", None, "12:00?"),
    ],
)
def test_zones_have_names(zone: str, country: str | None, time: str) -> None:
    # A Wednesday in May: clocks of the United States are at summer time.
    assert stated(f"2024-05-01 12:00 {zone}", country=country) == f"2024-05-01T{time}"


def test_zone_with_several_meanings_is_told_from_a_missing_one() -> None:
    unsure, missing = read_stated("2024-05-01 12:00 IST"), read_stated("2024-05-01 12:00")
    assert unsure is not None
    assert missing is not None
    assert (unsure.zone_unsure, missing.zone_unsure) == (True, False)


def test_all_times_of_a_line_are_found() -> None:
    line = "02/12/2025 09:12 | Actualizado a 04/12/2025 18:40 (CET) – 5 min"
    found = read_line(tokenize(line), Place("es"))

    assert [stamp.time.at.isoformat() for stamp in found] == [
        "2025-12-02T09:12:00+00:00",
        "2025-12-04T17:40:00+00:00",
    ]


@given(st.text(max_size=120), st.sampled_from(["en", "ja", "hu", None]))
def test_no_text_raises_and_what_is_read_is_aware(text: str, language: str | None) -> None:
    for line in (text, f"2 Dec 2025 {text}", f"{text} 2025-12-02 {text}", f"12 {text} 2025"):
        for parsed in (read_stated(line, Place(language)), read_printed(line), read_iso(line)):
            assert parsed is None or parsed.at.tzinfo is UTC
