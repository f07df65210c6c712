"""What Surefoot prints: units, times, colours and widths."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.cli.output import Output, counted, duration, fit, moment, size, wants_color
from tests.cli.shell import Shell

STYLE = re.compile(r"\033\[[0-9;]*m")


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 ms"),
        (999, "999 ms"),
        (999.9, "1.0 s"),
        (59_940, "59.9 s"),
        (59_999, "1 min 0 s"),
        (61_500, "1 min 2 s"),
        (119_700, "2 min 0 s"),
        (3_599_900, "1 h 0 min"),
        (7_380_000, "2 h 3 min"),
    ],
)
def test_a_duration_has_a_unit(milliseconds: float, words: str) -> None:
    assert duration(milliseconds) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 << 20, "5.0 MiB"), (1 << 50, "1024.0 TiB")]
)
def test_a_size_has_a_unit(count: int, words: str) -> None:
    assert size(count) == words


def test_a_time_has_a_zone() -> None:
    local = datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert moment(local) == "2025-12-31 23:30:00 UTC"


def test_one_is_no_plural() -> None:
    assert [counted(number, "step") for number in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]


@pytest.mark.parametrize(
    ("when", "environ", "terminal", "colored"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_when_there_is_colour(when: str, environ: dict[str, str], terminal: bool, colored: bool) -> None:
    assert wants_color(when, environ, Terminal() if terminal else io.StringIO()) is colored


def test_colour_is_chosen_for_each_stream_by_itself() -> None:
    out, err = io.StringIO(), Terminal()
    output = Output(as_json=False, color=False, error_color=True, stdout=out, stderr=err)
    output.line(output.paint("plain", "red"))
    output.error(output.paint_error("red", "red"))
    assert (out.getvalue(), err.getvalue()) == ("plain\n", "\033[31mred\033[0m\n")


def test_a_line_that_is_replaced_is_only_for_a_terminal_and_never_wider_than_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        output = Output(as_json=False, color=True, error_color=True, stdout=stream, stderr=stream)
        output.transient(output.paint("x" * 50, "dim"))
        output.line("done")
    assert STYLE.sub("", terminal.getvalue()) == f"{'x' * 18}…\r\033[2Kdone\n"
    assert file.getvalue() == "done\n"


@given(st.lists(st.sampled_from(["\033[31m", "\033[0m", "abc", "ü", " "])), st.integers(5, 30))
def test_a_text_that_is_cut_keeps_its_colours(pieces: list[str], width: int) -> None:
    text = "".join(pieces)
    cut = fit(text, width)
    assert len(STYLE.sub("", cut)) <= width
    assert STYLE.findall(cut) == STYLE.findall(text)


@pytest.mark.parametrize("argv", [["status"], ["plan"], ["up"], ["history"], ["verify"], ["doctor"], ["down", "--yes"]])
def test_every_command_speaks_in_colour_and_without(argv: list[str], shop: Shell) -> None:
    if argv[0] in ("history", "down"):
        shop.ok("up")
    colored = shop(*argv, "--color", "always").out
    assert ("\033[" in colored) is True
    assert "\033[" not in shop(*argv, "--color", "never").out
    assert "\033[" not in shop(*argv).out


def test_an_error_is_coloured_and_its_difference_too(shop: Shell) -> None:
    shop.ok("up")
    shop.write({"002_orders.up.sql": "SELECT 2;"})
    said = shop("up", "--color", "always")
    assert "\033[31;1merror\033[0m[edited]" in said.err
    assert "\033[32m+SELECT 2;\033[0m" in said.err


@pytest.mark.parametrize("argv", [["status"], ["up", "--json"], ["nonsense"]])
def test_json_is_never_coloured(argv: list[str], shop: Shell) -> None:
    assert "\033[" not in shop(*argv, "--json", "--color", "always").out
