"""Every error that Surefoot raises on purpose. Each class has a stable code; each error says what to do next.

SurefootError
├── UsageError                     what was asked for makes no sense as it stands
│   └── ConfigError                surefoot.toml, .env or an environment variable
├── FolderError                    the folder of migrations cannot be read as one
│   ├── FormatUnknown              no format fits
│   ├── FormatAmbiguous            several formats fit, and would do different things
│   ├── DuplicateVersion           two migrations claim one version
│   ├── MalformedFile              a file breaks its format's rules, or is not UTF-8 text
│   ├── CommandRefused             a client command (psql's, mysql's) that only that client can run
│   └── TransactionRefused         transaction control that would split a step
├── Refused                        Surefoot will not do it, and says why
│   ├── Edited                     an applied migration's text has changed
│   ├── Missing                    an applied migration is not in the folder
│   ├── OutOfOrder                 a pending migration stands before an applied one
│   ├── NoDown                     there is no way back
│   ├── DownDiffers                the folder's way back is not the one that was stored
│   ├── UnknownVersion             no such version
│   ├── Interrupted                an earlier run stopped in the middle of a step
│   ├── HistoryTooNew              a newer Surefoot wrote this history
│   ├── HookRefused                the caller's hook refused a step
│   ├── NotProven                  a step has no valid proof, and proof is required
│   └── NotConfirmed               somebody has to say yes first
├── StatementFailed                the database refused a statement
├── OutcomeUnknown                 nobody can tell whether a statement took effect
├── Busy                           a lock was not to be had within its bound
│   ├── TargetLocked               another runner works on this target
│   └── LockTimeout                the application holds what a statement needs
├── Unreachable                    the database does not answer
│   ├── ConnectionLost             it answered, and then no more
│   └── PoolerFound                a transaction-pooling proxy stands in between
├── ShadowFailed                   no shadow database is to be had, or it lacks what the migrations need
├── Denied                         the platform does not know who asks, or that person may not do this
│   ├── NotSignedIn                nobody is signed in, or the session or token is no longer valid
│   ├── SignInFailed               what was given does not prove who somebody is
│   ├── NotAllowed                 the role or the token's scopes do not hold this
│   └── StepUpNeeded               something dangerous: prove again who you are
├── NotDone                        the platform understood, and changed nothing
│   ├── NotFound                   there is no such object in this workspace
│   ├── Conflict                   the state of an object is against it
│   ├── Stale                      somebody changed the object since it was read
│   ├── Invalid                    a value is not one that can be used
│   └── NoDeviceToken              a program on a device gets no token, as RFC 8628 tells it
│       ├── DevicePending          nobody has approved it yet
│       ├── DeviceTooFast          it asks too often
│       ├── DeviceDenied           somebody has denied it
│       └── DeviceExpired          its code is not known, was used or has expired
├── TooMany                        a limit is reached; `retry_after` says when to come back, in seconds
├── Overloaded                     too much at once on this process; try again
├── Unavailable                    something that the platform needs does not answer
├── ToolFailed                     a program that Surefoot runs (pg_dump, initdb, ...) failed or is not there
└── Cancelled                      somebody asked the run to stop
"""

from __future__ import annotations


class SurefootError(Exception):
    """What happened, to which object (`message`), and what to do next (`hint`).

    `details` are the same facts for a program: JSON values only, and no secrets.
    """

    code = "error"

    def __init__(self, message: str, *, hint: str = "", **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def to_dict(self) -> dict[str, object]:
        """The error as a JSON object: code, message, hint and details."""
        return {"code": self.code, "message": self.message, "hint": self.hint, **self.details}


class UsageError(SurefootError):
    """What was asked for makes no sense as it stands."""

    code = "usage"


class ConfigError(UsageError):
    """`surefoot.toml`, `.env` or an environment variable holds something that cannot be used."""

    code = "config"


class FolderError(SurefootError):
    """The folder of migrations cannot be read as one."""

    code = "folder"


class FormatUnknown(FolderError):
    """No format fits the files of the folder."""

    code = "format-unknown"


class FormatAmbiguous(FolderError):
    """Several formats fit the files, and would do different things with them."""

    code = "format-ambiguous"


class DuplicateVersion(FolderError):
    """Two migrations claim the same version."""

    code = "duplicate-version"


class MalformedFile(FolderError):
    """A file breaks the rules of its format, or is not UTF-8 text."""

    code = "malformed-file"


class CommandRefused(FolderError):
    """The file holds a command that only the database's own client can run."""

    code = "client-command"


class TransactionRefused(FolderError):
    """The file holds transaction control that would split a step in two."""

    code = "transaction-control"


class Refused(SurefootError):
    """Surefoot will not do it, because the result could not be trusted."""

    code = "refused"


class Edited(Refused):
    """The text of an applied migration has changed since it ran."""

    code = "edited"


class Missing(Refused):
    """A migration that was applied is not in the folder."""

    code = "missing"


class OutOfOrder(Refused):
    """A pending migration stands before one that was applied."""

    code = "out-of-order"


class NoDown(Refused):
    """The migration has no way back."""

    code = "no-down"


class DownDiffers(Refused):
    """The folder's way back is not the one that was stored when the migration ran."""

    code = "down-differs"


class UnknownVersion(Refused):
    """There is no migration of that version."""

    code = "unknown-version"


class Interrupted(Refused):
    """An earlier run stopped in the middle of a step that does not run in one transaction."""

    code = "interrupted"


class HistoryTooNew(Refused):
    """A newer version of Surefoot wrote this target's history."""

    code = "history-too-new"


class HookRefused(Refused):
    """The caller's hook refused a step before it began."""

    code = "hook-refused"


class NotProven(Refused):
    """A step has no valid proof of its way back, and proof is required here."""

    code = "not-proven"


class NotConfirmed(Refused):
    """The command changes what cannot be changed back by itself, and nobody said yes."""

    code = "not-confirmed"


class StatementFailed(SurefootError):
    """The database refused a statement."""

    code = "statement-failed"


class OutcomeUnknown(SurefootError):
    """Nobody can tell whether a statement took effect: somebody has to look."""

    code = "unknown"


class Busy(SurefootError):
    """A lock was not to be had within its bound."""

    code = "busy"


class TargetLocked(Busy):
    """Another runner works on this target."""

    code = "target-locked"


class LockTimeout(Busy):
    """Somebody holds a lock that a statement needs."""

    code = "lock-timeout"


class Unreachable(SurefootError):
    """The database does not answer, or does not let us in."""

    code = "unreachable"


class ConnectionLost(Unreachable):
    """The database answered, and then no more."""

    code = "connection-lost"


class PoolerFound(Unreachable):
    """A transaction-pooling proxy stands between Surefoot and the database."""

    code = "pooler"


class ShadowFailed(SurefootError):
    """No shadow database is to be had, or it lacks what the migrations need."""

    code = "shadow"


class Denied(SurefootError):
    """The platform does not know who asks, or that person may not do this."""

    code = "denied"


class NotSignedIn(Denied):
    """Nobody is signed in, or the session or token is no longer valid."""

    code = "not-signed-in"


class SignInFailed(Denied):
    """What was given does not prove who somebody is."""

    code = "sign-in-failed"


class NotAllowed(Denied):
    """The role in the workspace, or the scopes of the token, do not hold this."""

    code = "not-allowed"


class StepUpNeeded(Denied):
    """Something dangerous: who asks has to prove again who they are."""

    code = "step-up-needed"


class NotDone(SurefootError):
    """The platform understood what was asked, and changed nothing."""

    code = "not-done"


class NotFound(NotDone):
    """There is no such object in this workspace, as far as the caller may know."""

    code = "not-found"


class Conflict(NotDone):
    """The state of an object is against it."""

    code = "conflict"


class Stale(NotDone):
    """Somebody changed the object since it was read."""

    code = "stale"


class Invalid(NotDone):
    """A value is not one that can be used."""

    code = "invalid"


class NoDeviceToken(NotDone):
    """A program on a device gets no token. The codes are those of RFC 8628, section 3.5."""

    code = "no-device-token"


class DevicePending(NoDeviceToken):
    """Nobody has approved the device yet; ask again."""

    code = "authorization_pending"


class DeviceTooFast(NoDeviceToken):
    """The device asks too often: from now on five seconds longer lie between two questions."""

    code = "slow_down"


class DeviceDenied(NoDeviceToken):
    """Somebody has denied the device."""

    code = "access_denied"


class DeviceExpired(NoDeviceToken):
    """The device's code is not known, was used or has expired; begin again."""

    code = "expired_token"


class TooMany(SurefootError):
    """A limit is reached. `details["retry_after"]` says when to come back, in seconds."""

    code = "too-many"


class Overloaded(SurefootError):
    """Too much at once on this process; `details["retry_after"]` in seconds."""

    code = "overloaded"


class Unavailable(SurefootError):
    """Something that the platform needs does not answer."""

    code = "unavailable"


class ToolFailed(SurefootError):
    """A program that Surefoot runs failed, or is not there."""

    code = "tool-failed"


class Cancelled(SurefootError):
    """Somebody asked the run to stop."""

    code = "cancelled"
