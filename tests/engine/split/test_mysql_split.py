"""Splitting for MariaDB and MySQL: the rules of the scanner, and the pieces on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pymysql
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.engine.dialects.mysql.split import split
from surefoot.engine.dialects.split import Split
from surefoot.engine.model import Fragment, Script
from surefoot.errors import CommandRefused, MalformedFile


def read(text: str, backslash_escapes: bool = True) -> Split:
    return split(Script("f.sql", (Fragment(text),)), backslash_escapes)


def texts(text: str, backslash_escapes: bool = True) -> list[str]:
    return [statement.sql for statement in read(text, backslash_escapes).statements]


@pytest.fixture
def server(mariadb_url: str) -> Iterator[pymysql.cursors.Cursor]:
    url = urlsplit(mariadb_url)
    with pymysql.connect(
        host=url.hostname or "",
        port=url.port or 0,
        user=url.username,
        password=url.password or "",
        database=url.path.strip("/"),
        autocommit=True,
    ) as connection:
        yield connection.cursor()


BODY = """BEGIN
  DECLARE v INT DEFAULT IF(1 > 2, 1, 2);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN SET v = 1; END;
  DECLARE CONTINUE HANDLER FOR NOT FOUND IF v THEN SET v = 2; END IF;
  -- END; it's only a comment
  lab: LOOP
    IF (v > 0) THEN LEAVE lab; ELSEIF v THEN SET v = 1; ELSE SET v = 2; END IF;
  END LOOP lab;
  CASE v WHEN 1 THEN SELECT CASE WHEN 1 THEN 'END;' END; ELSE BEGIN END; END CASE;
  WHILE v > 5 DO SET v = LENGTH(REPEAT('a', 2)); END WHILE;
  REPEAT SET v = v + 1; UNTIL v > 3 END REPEAT;
  DROP TEMPORARY TABLE IF EXISTS zz;
  SELECT begin, end INTO @a, @b FROM span WHERE end IN (1) FOR UPDATE;
  FOR i IN 1..2 DO SET v = i; END FOR;
  inner_one: BEGIN SET v = (SELECT MAX(end) FROM span); END inner_one;
END"""

# One statement each, in an order in which a server takes them.
COMPOUND = [
    "CREATE TABLE span (id INT PRIMARY KEY AUTO_INCREMENT, begin INT, end INT)",
    "CREATE TABLE `even;t` (a INT) COMMENT='BEGIN; END'",
    f"CREATE PROCEDURE p(a INT) {BODY}",
    f"CREATE OR REPLACE DEFINER = CURRENT_USER PROCEDURE p2() COMMENT 'no; end' {BODY}",
    "CREATE PROCEDURE IF NOT EXISTS p3() SELECT 1 AS end",
    "CREATE PROCEDURE p4() IF 1 THEN SELECT 1; END IF",
    "CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN IF(a, 1, 2)",
    "CREATE FUNCTION g(a INT) RETURNS VARCHAR(10) NO SQL IF a THEN RETURN 'x;'; ELSE RETURN ';'; END IF",
    "CREATE TRIGGER t1 BEFORE INSERT ON `span` FOR EACH ROW SET NEW.end = IF(NEW.end, 1, 2)",
    "CREATE TRIGGER t2 AFTER INSERT ON span FOR EACH ROW BEGIN SET @x = 1; SET @y = NEW.end; END",
    "CREATE TRIGGER t3 AFTER UPDATE ON span FOR EACH ROW IF NEW.end THEN SET @x = 2; END IF",
    "CREATE EVENT e1 ON SCHEDULE EVERY 1 DAY ENDS NOW() + INTERVAL 9 DAY DO BEGIN SET @z = 1; END",
    (
        "/*!50003 CREATE*/ /*!50020 DEFINER=CURRENT_USER*/ /*!50003 TRIGGER t4 BEFORE DELETE ON span\n"
        "FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END */"
    ),
    "BEGIN NOT ATOMIC DECLARE q INT; SET q = 1; IF q THEN SET @m = 1; END IF; END",
    "IF 1 THEN SET @a = 1; ELSE SET @a = 2; END IF",
    "BEGIN",
    'INSERT INTO span VALUES (NULL, 5--1, \'it\\\'s;\' <=> "a"";")',
    "COMMIT",
    "START TRANSACTION",
    "COMMIT",
    "SELECT 1 /* ; ' */ + 2 # ;\n + 3 -- ;\n + 4 /*! + 5 */ /*M! + 6 */ /*!99999 ; it is */",
    "SELECT 'größe;', `id` FROM `span` WHERE 'a''b;' <> '\\\\' AND 2 */* ; */ 3",
    "DROP PROCEDURE p",
]


def test_statements_with_their_semicolons_inside_are_found_without_a_delimiter() -> None:
    assert texts(";\n".join(COMPOUND)) == COMPOUND
    assert texts(";".join(COMPOUND) + " ; ; -- end") == COMPOUND


def test_the_server_takes_each_piece(server: pymysql.cursors.Cursor) -> None:
    for sql in texts(";\n".join(COMPOUND)):
        server.execute(sql)
    server.execute("SELECT begin FROM span")
    assert server.fetchall() == ((6,),)


def test_delimiter_takes_over_until_the_next() -> None:
    text = (
        "SELECT 1; delimiter $$ -- of the client\n"
        "CREATE PROCEDURE p() BEGIN SELECT 'a$$b'; SELECT 2; END$$\n"
        "SELECT 3; SELECT 4 $ 5 $$\nDELIMITER //\nSELECT 6 / 7 /* // */ // SELECT 8//\n"
        "Delimiter ;;\nSELECT 9;SELECT 10;;\nDELIMITER '|'\nSELECT 11|\nDELIMITER ;\nSELECT 12; SELECT 13"
    )
    assert texts(text) == [
        "SELECT 1",
        "CREATE PROCEDURE p() BEGIN SELECT 'a$$b'; SELECT 2; END",
        "SELECT 3; SELECT 4 $ 5",
        "SELECT 6 / 7",
        "SELECT 8",
        "SELECT 9;SELECT 10",
        "SELECT 11",
        "SELECT 12",
        "SELECT 13",
    ]


@pytest.mark.parametrize("text", ["DELIMITER\nSELECT 1", "DELIMITER \\\\\nSELECT 1"])
def test_a_delimiter_has_to_be_one(text: str) -> None:
    with pytest.raises(MalformedFile, match="line 1: DELIMITER"):
        read(text)


def test_backslashes_escape_unless_the_mode_says_otherwise() -> None:
    assert texts("SELECT 'a\\'; SELECT 1; -- '") == ["SELECT 'a\\'; SELECT 1; -- '"]
    assert texts("SELECT 'a\\'; SELECT 1; -- '", backslash_escapes=False) == ["SELECT 'a\\'", "SELECT 1"]


def test_dashes_begin_a_comment_only_before_a_blank() -> None:
    assert texts("SELECT 5--1; SELECT 2 -- x; y\n+ 1;--\nSELECT 3;--\tx") == [
        "SELECT 5--1",
        "SELECT 2 -- x; y\n+ 1",
        "SELECT 3",
    ]


def test_a_dump_of_the_servers_own_tool_is_understood() -> None:
    text = (
        "/*!999999\\- enable the sandbox mode */ \n-- MariaDB dump\n/*!40101 SET NAMES utf8mb4 */;\n"
        "LOCK TABLES `t` WRITE;\n/*!40000 ALTER TABLE `t` DISABLE KEYS */;\nUNLOCK TABLES;\nDELIMITER ;;\n"
        "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN\n"
        "SET @a = 1; END */;;\nDELIMITER ;\n"
    )
    statements = read(text).statements
    assert [(each.words[:3], each.line) for each in statements] == [
        (("SET", "NAMES", "UTF8MB4"), 3),
        (("LOCK", "TABLES", "WRITE"), 4),
        (("ALTER", "TABLE", "DISABLE"), 5),
        (("UNLOCK", "TABLES"), 6),
        (("CREATE", "DEFINER", "TRIGGER"), 8),
    ]


def test_words_leave_out_quoted_text_variables_and_numbers() -> None:
    (statement,) = read(
        "select @a, @@session.b, `c`, \"d\", 'e', \\N, 1e5 /*!50000 f */ /* g */ from h -- i"
    ).statements
    assert statement.words == ("SELECT", "SESSION", "B", "F", "FROM", "H")


def test_a_whole_fragment_is_one_statement_as_it_stands() -> None:
    fragments = (
        Fragment("-- x\nCREATE PROCEDURE p() BEGIN SELECT 1; END;\n", 3, whole=True),
        Fragment("#", 9, whole=True),
    )
    (statement,) = split(Script("f.sql", fragments)).statements
    assert (statement.sql, statement.line) == ("CREATE PROCEDURE p() BEGIN SELECT 1; END", 4)


def test_g_ends_a_statement() -> None:
    assert texts("SELECT 1 \\G\nSELECT \\N\\g SELECT 3") == ["SELECT 1", "SELECT \\N", "SELECT 3"]


@pytest.mark.parametrize("command", ["warnings", "nowarning;", "\\W", "notee", "\\p", "STATUS"])
def test_harmless_commands_are_passed_over_with_a_note(command: str) -> None:
    result = read(f"SELECT 1;\n{command}\nSELECT 2;")
    assert [statement.sql for statement in result.statements] == ["SELECT 1", "SELECT 2"]
    assert [note.line for note in result.notes] == [2]


def test_set_autocommit_is_passed_over_with_a_note() -> None:
    result = read("SET AUTOCOMMIT = 0;\nset @@session.autocommit=ON ;\nSET @autocommit = 1; SET autocommit=0, x=1")
    assert [statement.sql for statement in result.statements] == ["SET @autocommit = 1", "SET autocommit=0, x=1"]
    assert [note.line for note in result.notes] == [1, 2]


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("USE shop;", "URL"),
        ("source other.sql", "Put that file's SQL here"),
        ("\\. other.sql", "Put that file's SQL here"),
        ("system ls", "SQL only"),
        ("\\! ls", "SQL only"),
        ("tee log.txt", "not kept"),
        ("pager less", "not kept"),
        ("connect shop", "target"),
        ("\\u shop", "URL"),
        ("\\d $$", "DELIMITER"),
        ("\\y", "SQL"),
        ("\\g", "SQL"),
        ("SELECT \\W 1;", "out of the statement"),
        ("quit", "runs to its end"),
    ],
)
def test_other_commands_are_refused_with_what_to_write_instead(command: str, hint: str) -> None:
    with pytest.raises(CommandRefused) as caught:
        read(f"SELECT 0;\n\n{command}\n")
    assert caught.value.details["line"] == 3
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("SELECT 1;\nSELECT 'a\\'", "string"),
        ('SELECT 1;\nSELECT "a', "quoted text"),
        ("SELECT 1;\nSELECT `a", "quoted name"),
        ("SELECT 1;\n/* a", "comment"),
        ("SELECT 1;\n/*! SELECT 1;", "comment"),
        ("SELECT 1;\nSELECT\0", "NUL"),
        ("SELECT 1;\nCREATE PROCEDURE p() BEGIN SELECT 'a; END", "string"),
    ],
)
def test_what_has_no_end_is_malformed_where_it_begins(text: str, what: str) -> None:
    with pytest.raises(MalformedFile, match=f"line 2: .*{what}"):
        read(text)


PIECES = st.sampled_from(
    [
        "SELECT 'a;\\';'",
        'SELECT ";"";"',
        "SELECT `;`",
        "SELECT 5--1",
        "SELECT 1 /* ; */ + 2",
        "SELECT 1 # ;\n+ 2",
        "/*!40101 SET @a = ';' ; SET @b = 1 */",
        "CREATE PROCEDURE p() BEGIN SELECT 1; END",
        "BEGIN",
        "SELECT (CASE WHEN 1 THEN 2 END) AS end",
        "SELECT 'é;🦶'",
    ]
)
GAPS = st.sampled_from(["", " ", "\n", " -- ;'\n", ' # ;"\n', " /* ;` */ ", "\n--\n"])


@given(st.lists(st.tuples(GAPS, PIECES, GAPS), max_size=6), st.sampled_from([";", "$$", "//", "END_OF_IT"]))
def test_pieces_come_back_whichever_the_delimiter(pieces: list[tuple[str, str, str]], delimiter: str) -> None:
    text = f"DELIMITER {delimiter}\n" + delimiter.join("".join(piece) for piece in pieces)
    statements = read(text).statements
    assert [statement.sql for statement in statements] == [piece for _, piece, _ in pieces]
    lines = text.split("\n")
    assert all(each.sql.split("\n")[0] in lines[each.line - 1] for each in statements)


@given(st.text(alphabet="aN$'\"`\\;/*!-#() \n1é@", max_size=40))
def test_any_text_is_split_or_refused_with_a_line(text: str) -> None:
    try:
        assert all(statement.sql in text and statement.sql.strip() for statement in read(text).statements)
        return
    except (MalformedFile, CommandRefused) as error:
        caught = error
    assert 1 <= int(str(caught.details["line"])) <= text.count("\n") + 1
