"""The commands of the platform: its processes, its operator's tools, and what a person does from a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from surefoot.cli.command import Argument, Command

# A group and what its commands are about.
GROUPS: Mapping[str, str] = {
    "account": "Your account on a platform: sign up, finish links of mails, second factor.",
    "accounts": "The operator's: accounts, what locks them out, and lost second factors.",
    "audit": "The operator's: verify, list, export and retire the audit trail.",
    "keys": "The operator's: the keys that secrets are sealed with.",
    "mail": "The operator's: mails in the outbox, where no mail server is configured.",
    "passwords": "The operator's: the list of breached passwords, which nobody may set.",
}

_PORT = Argument("--port", "The port to listen on; 0 for a free one.", kind="number", metavar="PORT")
_HOST = Argument("--host", "The address to listen on.", metavar="HOST")
_SERVER = Argument("--server", "The platform (or SUREFOOT_SERVER; http://localhost:8000).", metavar="URL")
_FILE = Argument("file", "The backup's file.", metavar="FILE")
_WORKSPACE = Argument("--workspace", "A workspace's chain; the system's without it.", metavar="ID")
_WHICH = (
    _WORKSPACE,
    Argument("--action", "Only this action; session.* for all that begin so.", metavar="WORD"),
    Argument("--about", "Only what is about this object, such as account/ID.", metavar="OBJECT"),
    Argument("--since", "Not before this time, such as 2026-11-23.", metavar="TIME"),
)
_OPERATOR = (0, 1, 2, 3, 6)
_PERSON = (0, 1, 2, 3, 5, 6)


def _command(  # a line of the table below
    name: str,
    summary: str,
    description: str,
    run: str,
    arguments: tuple[Argument, ...] = (),
    examples: tuple[tuple[str, str], ...] = (),
    exits: tuple[int, ...] = _OPERATOR,
) -> Command:
    return Command(name, summary, description, run, arguments, examples, exits, platform=True)


PLATFORM: tuple[Command, ...] = (
    _command(
        "serve",
        "Run the platform on this machine: API, worker and, unless one is named, a database.",
        "Starts an embedded PostgreSQL in SUREFOOT_DATA_DIR unless SUREFOOT_DATABASE_URL names one, migrates the "
        "platform's own schema, and runs API and worker until Ctrl-C. While there is no account, it shows a link that "
        "makes the first one, once.",
        "serve:serve",
        (_HOST, _PORT),
        (("surefoot serve", "On http://localhost:8000"), ("surefoot serve --port 9000", "On another port")),
        (0, 1, 2, 6),
    ),
    _command(
        "api",
        "Run the API alone, as one of many processes.",
        "Answers requests until it is told to stop; SUREFOOT_DATABASE_URL names the database that the processes share.",
        "serve:api",
        (_HOST, _PORT),
        (("surefoot api --port 8001", "One more API process"),),
        (0, 1, 2, 6),
    ),
    _command(
        "worker",
        "Run a worker alone, as one of many processes.",
        "Does what the queue holds until it is told to stop; SUREFOOT_DATABASE_URL names the database that the "
        "processes share.",
        "serve:worker",
        (),
        (("surefoot worker", "One more worker"),),
        (0, 1, 2, 6),
    ),
    _command(
        "backup",
        "Write a backup of the platform into a file.",
        "Dumps the platform's database and adds the files of its audit trail; the server may run meanwhile. The keys "
        "are named and not in it, unless --with-keys asks for them: without them what is sealed stays sealed.",
        "keep:backup",
        (_FILE, Argument("--with-keys", "Put the keys into the file as well.", kind="flag")),
        (
            ("surefoot backup /var/backups/surefoot.tar", "Keep the keys somewhere else"),
            ("surefoot backup surefoot.tar --with-keys", "One file that restores everything, and gives it away"),
        ),
    ),
    _command(
        "restore",
        "Restore a backup into an empty database.",
        "Needs an empty SUREFOOT_DATA_DIR (but for `keys`, where the backup does not hold them), and an empty database "
        "where SUREFOOT_DATABASE_URL names one. Migrates what an earlier version wrote.",
        "keep:restore",
        (_FILE,),
        (("surefoot restore surefoot.tar", "On a machine of its own, or with SUREFOOT_DATA_DIR"),),
    ),
    _command(
        "login",
        "Get a token for this machine.",
        "Shows a code, waits until you approve it where you are signed in, and keeps the token for this server in "
        "~/.config/surefoot/tokens.json. With --with-token it keeps a token that you have.",
        "login:login",
        (_SERVER, Argument("--with-token", "Read a token instead of asking for one.", kind="flag")),
        (
            ("surefoot login --server https://surefoot.example.org", "Approve it in a browser"),
            ("surefoot login --with-token", "Type or pipe a token that you have"),
        ),
        _PERSON,
    ),
    _command(
        "logout",
        "Revoke this machine's token, and forget it.",
        "Revokes the token that `login` kept for the server, and forgets it.",
        "login:logout",
        (_SERVER,),
        (("surefoot logout", "Nothing of this machine is signed in any more"),),
        _PERSON,
    ),
    _command(
        "account sign-up",
        "Ask for an account.",
        "Has a mail sent with a link; `surefoot account open LINK` or a browser finishes it.",
        "account:account_sign_up",
        (Argument("email", "Your address.", metavar="EMAIL"), _SERVER),
        (("surefoot account sign-up ada@example.org", "A mail is on its way"),),
        _PERSON,
    ),
    _command(
        "account open",
        "Finish what the link of a mail began.",
        "Verifies an address, sets a new password, confirms a new address, accepts an invitation, or makes the first "
        "account: whatever the link is for.",
        "account:account_open",
        (Argument("link", "The whole link, in quotes.", metavar="LINK"), _SERVER),
        (("surefoot account open 'http://localhost:8000/verify#token=...'", "Instead of a browser"),),
        _PERSON,
    ),
    _command(
        "account reset",
        "Ask for a new password.",
        "Has a mail sent with a link, if there is such an account.",
        "account:account_reset",
        (Argument("email", "Your address.", metavar="EMAIL"), _SERVER),
        (("surefoot account reset ada@example.org", "When the password is lost"),),
        _PERSON,
    ),
    _command(
        "account second-factor",
        "Protect the account with codes of an authenticator app.",
        "Signs in, shows a QR code to scan, asks for a code of the app, and shows the recovery codes.",
        "account:account_second_factor",
        (_SERVER,),
        (("surefoot account second-factor", "Takes a minute"),),
        _PERSON,
    ),
    _command(
        "account sessions",
        "List where you are signed in.",
        "Signs in, and lists the account's sessions with device, place and times.",
        "account:account_sessions",
        (_SERVER, Argument("--end-others", "End all other sessions first.", kind="flag")),
        (("surefoot account sessions --end-others", "Sign out everywhere else"),),
        _PERSON,
    ),
    _command(
        "account approve",
        "Approve a device that waits with a code.",
        "Signs in, shows which program asks for what and from where, and gives it a token after a yes.",
        "account:account_approve",
        (Argument("code", "What the device shows.", metavar="CODE"), _SERVER),
        (("surefoot account approve WDJB-MJHT", "For a `surefoot login` elsewhere"),),
        _PERSON,
    ),
    _command(
        "accounts list",
        "List accounts, those that are locked out first.",
        "Lists every account with what locks it out and until when.",
        "operate:accounts_list",
        (),
        (("surefoot accounts list", "Who cannot sign in?"),),
    ),
    _command(
        "accounts unlock",
        "Lift what locks an account out.",
        "Forgets wrong passwords and codes, and turns a password that was off on again.",
        "operate:accounts_unlock",
        (Argument("email", "The account's address.", metavar="EMAIL"),),
        (("surefoot accounts unlock ada@example.org", "They may try again"),),
    ),
    _command(
        "accounts disable",
        "Let nobody in by an account.",
        "Ends the account's sessions, and refuses it and its tokens until it is enabled again. What it owns stays.",
        "operate:accounts_disable",
        (Argument("email", "The account's address.", metavar="EMAIL"),),
        (("surefoot accounts disable ada@example.org", "Somebody has left"),),
    ),
    _command(
        "accounts enable",
        "Let a disabled account in again.",
        "Takes `surefoot accounts disable` back. Sessions that ended stay ended.",
        "operate:accounts_enable",
        (Argument("email", "The account's address.", metavar="EMAIL"),),
        (("surefoot accounts enable ada@example.org", "They are back"),),
    ),
    _command(
        "accounts remove-factors",
        "Take every second factor off an account.",
        "For somebody who lost all factors and recovery codes, once you have made sure that it is them. Removes the "
        "factors and the codes, ends every session, and tells them by mail.",
        "operate:accounts_remove_factors",
        (Argument("email", "The account's address.", metavar="EMAIL"),),
        (("surefoot accounts remove-factors ada@example.org", "Their phone is lost, and the codes with it"),),
    ),
    _command(
        "audit verify",
        "Recompute the audit trail.",
        "Recomputes every hash, link, checkpoint and signed segment. Exits with 0 where the trail is whole, 1 where it "
        "is broken, 2 where nobody can tell.",
        "operate:audit_verify",
        (),
        (("surefoot audit verify", "Has anybody changed what happened?"),),
        (0, 1, 2, 6),
    ),
    _command(
        "audit list",
        "List what happened, the newest first.",
        "Lists events of the system's chain, or of a workspace.",
        "operate:audit_list",
        (*_WHICH, Argument("--limit", "So many at most (50).", kind="number", metavar="N")),
        (("surefoot audit list --action 'session.*'", "Who signed in, and who was refused"),),
    ),
    _command(
        "audit export",
        "Write what happened to a new file.",
        "Writes events as JSON lines or CSV, the oldest first. The export is an event itself.",
        "operate:audit_export",
        (
            Argument("file", "A file that is not there yet.", metavar="FILE"),
            Argument("--form", "jsonl (the default) or csv.", metavar="FORM", values=("jsonl", "csv")),
            *_WHICH,
        ),
        (("surefoot audit export audit.csv --form csv", "For a spreadsheet"),),
    ),
    _command(
        "audit retire",
        "Take old months out of the database, as a signed file.",
        "Writes what was recorded before a month to SUREFOOT_DATA_DIR/audit/segments, signs it, and takes it out of "
        "the database; what is younger than 90 days stays. Verification goes on from there. Refuses what is broken.",
        "operate:audit_retire",
        (Argument("month", "The first month that stays.", metavar="MONTH"),),
        (("surefoot audit retire 2026-08", "Keep August and what came after it"),),
    ),
    _command(
        "keys rotate",
        "Make a new master key.",
        "Makes a new master key in SUREFOOT_DATA_DIR/keys and wraps the key of every secret with it while the platform "
        "runs. Earlier keys stay: back all of them up.",
        "operate:keys_rotate",
        (),
        (("surefoot keys rotate", "Once a year, or when somebody left"),),
    ),
    _command(
        "mail list",
        "List the mails in the outbox.",
        "Without SUREFOOT_SMTP_URL, mails are files in SUREFOOT_DATA_DIR/outbox.",
        "operate:mail_list",
        (),
        (("surefoot mail list", "Which mails would have gone out?"),),
        (0, 2),
    ),
    _command(
        "mail show",
        "Show a mail of the outbox, the newest unless one is named.",
        "Shows a mail's text with its links.",
        "operate:mail_show",
        (Argument("name", "The mail, as `surefoot mail list` names it.", metavar="NAME", optional=True),),
        (("surefoot mail show", "The newest: its link finishes sign-up"),),
        (0, 2, 3),
    ),
    _command(
        "passwords import",
        "Refuse passwords that are known from breaches.",
        "Makes SUREFOOT_DATA_DIR/breached-passwords.bin of a list that you have downloaded: one SHA-1 hash in "
        "hexadecimal a line, with or without :COUNT, in any order. It counts at once, without a restart; nothing is "
        "asked of the network.",
        "passwords:passwords_import",
        (Argument("file", "The list.", metavar="FILE"),),
        (("surefoot passwords import pwned-passwords-sha1.txt", "Of haveibeenpwned.com, for example"),),
        (0, 2, 3),
    ),
)
