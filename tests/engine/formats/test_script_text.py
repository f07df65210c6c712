"""Checksums and packed scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.engine.checksum import checksum
from surefoot.engine.model import Fragment, Script
from surefoot.engine.scripts import pack, unpack

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = st.text(st.characters(exclude_characters="\r\ufeff", exclude_categories=["Cs"]))
SCRIPTS = st.lists(
    st.builds(
        Script,
        TEXTS,
        st.lists(st.builds(Fragment, TEXTS, st.integers(1), st.booleans())).map(tuple),
        st.booleans(),
    )
).map(tuple)


def of(*texts: str) -> str:
    return checksum([Script("x.sql", tuple(Fragment(text) for text in texts))])


@pytest.mark.parametrize(
    ("texts", "digest"),
    [
        ((), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (("SELECT 1;\n",), "17db4fd369edb9244b9f91d9aeed145c3d04ad8ba6e95d06247f07a63527d11a"),
        (
            ("\n  \nSELECT 'é ';  \nSELECT 2;\n\n",),
            "2d5c6a5fc174ccf7250f21ed8b28b39c8476abfdca64a8beeec9c15f9e195bf8",
        ),
        (("A;", "B;"), "106d7e2cc22bc307ba634e3456709d2a609abd04099850aa9711bab728f88555"),
    ],
)
def test_checksums_are_these_for_ever(texts: tuple[str, ...], digest: str) -> None:
    assert of(*texts) == f"v1:{digest}"


@given(PLAIN)
def test_a_checksum_knows_no_line_ends_byte_order_mark_or_blank_lines_around(text: str) -> None:
    same = [
        text.replace("\n", "\r\n"),
        text.replace("\n", "\r"),
        "\ufeff" + text,
        text + "\n",
        "\n \t\n" + text + "\n\t",
    ]
    # A text that ends in blanks goes on with the tab, so that line is no longer the same.
    assert {of(other) for other in same} == {of(text)}


@given(PLAIN, st.data())
def test_a_checksum_changes_with_any_other_edit(text: str, data: st.DataObject) -> None:
    visible = st.characters(exclude_categories=["Cs", "Zs", "Cc"], exclude_characters="\ufeff")
    at = data.draw(st.integers(0, len(text)))
    assert of(text[:at] + data.draw(visible) + text[at:]) != of(text)


@given(st.sampled_from(["x ", "x\t", " x"]), st.sampled_from(["\ny", ""]))
def test_blanks_inside_lines_count(line: str, rest: str) -> None:
    assert of(line + rest) != of("x" + rest)


def test_paths_lines_and_cuts_between_files_do_not_count() -> None:
    one = [Script("a.sql", (Fragment("A;", 3), Fragment("B;", 9)))]
    two = [
        Script("b.sql", (Fragment("A;"),)),
        Script("c.sql", (Fragment("B;", whole=True),), transaction=False),
    ]
    assert checksum(one) == checksum(two)


@given(SCRIPTS)
def test_packed_scripts_come_back_equal(scripts: tuple[Script, ...]) -> None:
    assert unpack(pack(scripts)) == scripts


def test_packing_is_stable_and_small() -> None:
    scripts = [Script("x.sql", (Fragment("INSERT INTO t VALUES (1);\n" * 1000),))]
    assert pack(scripts) == pack(scripts)
    assert len(pack(scripts)) < 1000
