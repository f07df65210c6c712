"""Splitting for PostgreSQL: against the server's own grammar, and what only a file holds."""

from __future__ import annotations

import pglast
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.engine.dialects.postgres.split import split
from surefoot.engine.dialects.split import Split
from surefoot.engine.model import Fragment, Script
from surefoot.errors import CommandRefused, MalformedFile


def read(text: str, line: int = 1) -> Split:
    return split(Script("f.sql", (Fragment(text, line),)))


def texts(text: str) -> list[str]:
    return [statement.sql for statement in read(text).statements]


def oracle(text: str) -> list[str]:
    return list(pglast.parser.split(text))


NASTY = [
    "SELECT 1; SELECT 2",
    ";; SELECT 1 ;; ; SELECT 2;",
    "SELECT 'a;b', 'it''s;', ';'\n';'",
    "SELECT 'a\\'; SELECT 'b'",
    "SELECT E'a\\';b', e'\\\\'; SELECT 2",
    "SELECT E'a''b\\';c'; SELECT 2",
    "SELECT E'a'\n  'b\\';c'; SELECT 2",
    "SELECT E'a' -- why; not\n  'b\\';c'; SELECT 2",
    "SELECT 'a'\n 'b\\'; SELECT 2",
    "SELECT date'2020-01-01;', N'a;', B'01', X'1F', U&'d\\0061;', U&\"d\\0061;\" FROM t; SELECT 2",
    'SELECT ";", "a"";b"; SELECT 1',
    "SELECT $$a;b$$, $t$ ; $$ ; $u$ ; $t$; SELECT 1",
    "DO $a$ BEGIN EXECUTE $b$ SELECT $c$;$c$; $b$; END $a$; SELECT 1",
    "SELECT a$b$c, d$$ FROM t; SELECT 1 AS a$b$",
    "SELECT $é$;$é$; SELECT 1",
    "PREPARE p AS SELECT $1, $2; SELECT 1",
    "SELECT 1 /* a; /* b; */ c; */; SELECT 2",
    "SELECT 1 /*/ ; */; SELECT 2 /**/; SELECT 3 /***/; SELECT 4 /* **/",
    "SELECT 2 */* ; */ 3; SELECT 5--1;\n; SELECT 6 - -1",
    "SELECT 1 -- ' \" $$ /* ;\n; SELECT 2",
    "-- first\n/* /* nested */ */ SELECT 1; /* last */ -- end",
    "SELECT 1 /* inside */ + 2 -- tail\n; SELECT 2 -- no final newline",
    "CREATE RULE r AS ON INSERT TO t DO (INSERT INTO u VALUES (1); DELETE FROM v); SELECT 1",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 3",
    "create or replace function f() returns int begin atomic select case when a then 2 end; select a end; end; end",
    "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1);; END; SELECT 1",
    "CREATE PROCEDURE p() BEGIN /* ; */ ATOMIC END; SELECT 1",
    "CREATE /* c */ FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 ; /* END */ -- END\n SELECT 2; END; SELECT 1",
    "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'begin atomic; select 1'; SELECT 2",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1; SELECT 2",
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF true THEN NULL; END IF; END $$; SELECT 2",
    "BEGIN; SELECT 1; END; COMMIT",
    "SELECT 'größe;', \"ñandú;\", 日本 FROM ключ; SELECT '🦶;'",
    "SELECT a[1:2], b::text, :c FROM t; SELECT 1".replace(":c", "c"),
    "SELECT 1\f;\v SELECT\r\n 2",
    "SELECT (1), ((2)), (';'), (E'\\';'), ($$;$$), (\"a;\") FROM t; SELECT 2",
]


@pytest.mark.parametrize("text", NASTY)
def test_boundaries_are_those_of_the_servers_grammar(text: str) -> None:
    mine, theirs = texts(text), oracle(text)
    assert len(mine) == len(theirs)
    for own, other in zip(mine, theirs, strict=True):
        # The grammar keeps the comments behind a statement.
        assert other.startswith(own)
        assert texts(other) == [own]


LITERALS = st.sampled_from(
    [
        "1",
        "'a;b'",
        "'it''s'",
        "E'\\';'",
        "E'x' \n 'y\\'z'",
        "U&'\\0061;'",
        "$$;$$",
        "$a$ $$ ; $b$ $a$",
        '";"',
        '"a"";"',
        "a$b$c",
        "(SELECT ';')",
        "(1 + (2))",
        "date'2020-01-01'",
        "CASE WHEN true THEN 1 END",
        "'\\'",
        "é",
        "$é_1$;$é_1$",
    ]
)
GAPS = st.sampled_from([" ", "\n", " /* ; */ ", " /* /* ' */ $$ */ ", " -- ; '\n", "\t\n ", " /***/ ", "--\n"])
SELECTS = st.builds(
    lambda gap, values, comma: f"SELECT{gap}" + f",{comma}".join(values),
    GAPS,
    st.lists(LITERALS, min_size=1, max_size=5),
    GAPS,
)
ROUTINES = st.builds(
    lambda gap, bodies: (
        f"CREATE{gap}FUNCTION f() RETURNS int BEGIN{gap}ATOMIC{gap}"
        + "".join(f"{body};{gap}" for body in bodies)
        + "END"
    ),
    GAPS,
    st.lists(SELECTS, max_size=3),
)
STATEMENTS = st.one_of(SELECTS, SELECTS, ROUTINES, st.just(""))


@given(st.lists(STATEMENTS, max_size=6), GAPS, GAPS)
def test_boundaries_agree_with_the_grammar_on_anything_hostile(statements: list[str], before: str, after: str) -> None:
    text = ";".join(f"{before}{statement}{after}" for statement in statements)
    assert texts(text) == [own for other in oracle(text) for own in texts(other)]
    assert len(texts(text)) == len([statement for statement in statements if statement])


@given(st.lists(STATEMENTS, min_size=1, max_size=6), GAPS, st.integers(1, 50))
def test_each_statement_stands_on_its_line_of_the_file(statements: list[str], gap: str, line: int) -> None:
    text = ";".join(f"{gap}{statement}" for statement in statements)
    lines = text.split("\n")
    for statement in read(text, line).statements:
        assert statement.sql.split("\n")[0] in lines[statement.line - line]


@given(st.lists(STATEMENTS, min_size=1, max_size=6), GAPS)
def test_no_significant_text_is_lost(statements: list[str], gap: str) -> None:
    text = ";".join(f"{gap}{statement}" for statement in statements)
    assert texts("".join(f"{sql};\n" for sql in texts(text))) == texts(text)
    rest = text
    for sql in texts(text):
        skipped, rest = rest.split(sql, 1)
        assert texts(skipped) == []
    assert texts(rest) == []


@given(st.text(alphabet="aE$'\"\\;/*-() \n1é.", max_size=40))
def test_any_text_is_split_or_refused_with_a_line(text: str) -> None:
    try:
        assert all(statement.sql in text and statement.sql.strip() for statement in read(text).statements)
        return
    except (MalformedFile, CommandRefused) as error:
        caught = error
    assert caught.details["file"] == "f.sql"
    assert 1 <= int(str(caught.details["line"])) <= text.count("\n") + 1
    assert caught.hint


def test_words_leave_out_comments_quoted_text_and_numbers() -> None:
    (statement,) = read("Create /* x */ unique INDEX \"i\" on a.b$c ($1, 'x', E'\\'', N'y', 1e5, $$z$$)").statements
    assert statement.words == ("CREATE", "UNIQUE", "INDEX", "ON", "A", "B$C")
    assert len(read("SELECT " + ", ".join("abcdefghijklmnopqrst")).statements[0].words) == 16


def test_a_whole_fragment_is_one_statement_as_it_stands() -> None:
    fragments = (
        Fragment("\n-- why\nSELECT 1; SELECT 2;\n-- end", 5, whole=True),
        Fragment(" /* ; */ \n", 9, whole=True),
        Fragment("SELECT 3; SELECT 4", 12),
    )
    statements = split(Script("f.sql", fragments)).statements
    assert [(each.sql, each.line) for each in statements] == [
        ("SELECT 1; SELECT 2", 7),
        ("SELECT 3", 12),
        ("SELECT 4", 12),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "-- nothing", "/* /* */ */\n", " ; ;\n;", "/*+ hint */;"])
def test_comments_and_semicolons_alone_are_no_statement(text: str) -> None:
    assert read(text).statements == ()


def test_a_huge_statement_is_one() -> None:
    text = "INSERT INTO t VALUES\n" + "('a;b', now(), (1)),\n" * 50_000 + "('', now(), (2));SELECT 1"
    first, second = read(text).statements
    assert len(first.sql) > 1_000_000
    assert second.line == 50_002


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("SELECT 1;\nSELECT 'a''\nb", 2, "string"),
        ("SELECT\n E'a\\'", 2, "string"),
        ('SELECT 1\n, "a', 2, "quoted name"),
        ("\n\n/* a /* b */", 3, "comment"),
        ("SELECT 1;\n\n/* a", 3, "comment"),
        ("DO\n$x$ BEGIN $y$", 2, "$x$ quote"),
        ("SELECT 1;\nSELECT\0", 2, "NUL"),
    ],
)
def test_what_has_no_end_is_malformed_where_it_begins(text: str, line: int, what: str) -> None:
    with pytest.raises(MalformedFile) as caught:
        read(text)
    assert caught.value.details == {"file": "f.sql", "line": line}
    assert what in caught.value.message
    assert caught.value.hint


def test_copy_takes_the_lines_below_it() -> None:
    text = 'COPY a."b;" ("x y", z) FROM stdin WITH (FORMAT csv);\n1,\'2;\n3,\\N\n\\.\nSELECT 1;\n'
    copy, select = read(text).statements
    assert copy.copy_data == "1,'2;\n3,\\N\n"
    assert (select.sql, select.line, select.copy_data) == ("SELECT 1", 5, None)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("copy t from STDIN;\n\\.\n", ""),
        ("COPY t FROM stdin;", ""),
        ("COPY t FROM stdin; -- rows\n1\n\\.", "1\n"),
        ("COPY t FROM stdin\\g\n1\n\\.\n", "1\n"),
        ("COPY BINARY t FROM stdin;\n1\n\\.\n", "1\n"),
        ("COPY t FROM /* c */ stdout;\n1\n\\.\n", "1\n"),
        ("COPY t FROM stdin;\n\\.x\n.\n2\n", "\\.x\n.\n2\n"),
        ("COPY t FROM stdin;\n1\n2", "1\n2\n"),
    ],
)
def test_copy_data_ends_with_its_mark_or_with_the_file(text: str, data: str) -> None:
    (statement,) = read(text).statements
    assert statement.copy_data == data


@pytest.mark.parametrize(
    "text",
    [
        "COPY t TO stdout",
        "COPY t FROM '/tmp/stdin'",
        "COPY (SELECT * FROM stdin) TO stdout",
        "COPY stdin TO stdout",
        "SELECT 'COPY t FROM stdin'",
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ COPY t FROM stdin; $$",
        "COPY t FROM stdin_file",
    ],
)
def test_other_statements_take_no_data(text: str) -> None:
    (statement, after) = read(f"{text};\nSELECT 1").statements
    assert statement.copy_data is None
    assert after.sql == "SELECT 1"


def test_copy_with_sql_behind_it_on_its_line_is_refused() -> None:
    with pytest.raises(MalformedFile, match=r"line 1: something follows COPY"):
        read("COPY t FROM stdin; SELECT 1;\n1\n\\.\n")


HARMLESS = [
    r"\set ON_ERROR_STOP on",
    r"\set QUIET 1",
    r"\set ON_ERROR_ROLLBACK off",
    r"\set AUTOCOMMIT on",
    r"\set",
    r"\unset ON_ERROR_STOP",
    r"\unset AUTOCOMMIT",
    r"\echo 'it''s \\ done' now",
    r"\qecho x",
    r"\timing",
    r"\pset pager off",
    r"\x",
    r"\encoding UTF8",
    r"\encoding 'utf-8'",
    r"\restrict a1B2",
    r"\unrestrict a1B2",
    r"\d+ customer",
    r"\dt",
    r"\l+",
    r"\p",
    r"\?",
]


@pytest.mark.parametrize("command", HARMLESS)
def test_harmless_commands_are_passed_over_with_a_note(command: str) -> None:
    result = read(f"SELECT 1;\n{command}\nSELECT 2;")
    assert [statement.sql for statement in result.statements] == ["SELECT 1", "SELECT 2"]
    assert [note.line for note in result.notes] == [2]
    assert command.partition(" ")[0] in result.notes[0].text


REFUSED = {
    r"\i other.sql": "Put that file's SQL here",
    r"\ir other.sql": "Put that file's SQL here",
    r"\include other.sql": "Put that file's SQL here",
    r"\copy t from 'x.csv'": "COPY ... FROM stdin",
    r"SELECT 'DROP TABLE x' \gexec": "EXECUTE",
    r"SELECT 1 AS a \gset": "value",
    r"SELECT 1 \g out.txt": "semicolon",
    r"\g": "semicolon",
    r"\if true": "DO block",
    r"\elif true": "DO block",
    r"\else": "DO block",
    r"\endif": "DO block",
    r"\set schema shop": "value",
    r"\set QUIET `date`": "value",
    r"\set AUTOCOMMIT off": "directive",
    r"\set ON_ERROR_ROLLBACK on": "first error",
    r"\unset schema": "not kept",
    r"\c shop": "target",
    r"\connect shop": "target",
    r"\! rm -rf x": "SQL only",
    r"\!rm": "SQL only",
    r"\o out.txt": "results",
    r"\prompt 'x' y": "nobody",
    r"\password joe": "ALTER ROLE",
    r"\q": "runs to its end",
    r"SELECT 1 \watch 5": "DO block",
    r"SELECT $1 \bind 1 \g": "values",
    r"SELECT 1 \; SELECT 2;": "semicolon",
    r"\encoding LATIN1": "UTF-8",
    r"\nonsense": "SQL",
    r"SELECT \x 1;": "out of the statement",
    "\\": "SQL",
}


@pytest.mark.parametrize(("text", "hint"), REFUSED.items())
def test_other_commands_are_refused_with_what_to_write_instead(text: str, hint: str) -> None:
    with pytest.raises(CommandRefused) as caught:
        read(f"SELECT 0;\n\n{text}\n")
    assert (caught.value.details["file"], caught.value.details["line"]) == ("f.sql", 3)
    assert hint in caught.value.hint


def test_sql_goes_on_behind_a_double_backslash() -> None:
    assert texts("\\set QUIET on \\\\ SELECT 1;\n\\echo a \\echo b\nSELECT 2") == ["SELECT 1", "SELECT 2"]


def test_g_alone_ends_a_statement() -> None:
    assert texts("SELECT 1 -- one\n\\g\nSELECT (2 \\gx\nSELECT 3") == ["SELECT 1", "SELECT (2", "SELECT 3"]


def test_variables_are_left_to_the_server() -> None:
    assert texts("SELECT :a, :'b', :\"c\", x[1:n]; SELECT 2") == ["SELECT :a, :'b', :\"c\", x[1:n]", "SELECT 2"]
