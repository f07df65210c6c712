"""How often what may be tried. Each limit says whom its subject names."""

from __future__ import annotations

from surefoot.limits.limiter import Limit

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0

# Signing in. An account is named by its normalised e-mail address, whether it exists or not.
ACCOUNT_AND_ADDRESS = Limit("account-and-address", 5, 5 * _MINUTE)
ACCOUNT = Limit("account", 20, _HOUR)
# The network of the client's address, as `network_of` gives it; so wherever an address is the subject.
ADDRESS = Limit("address", 30, _MINUTE)

SIGN_UP = Limit("sign-up", 20, _HOUR)
RESET_ADDRESSEE = Limit("reset-addressee", 5, _HOUR)
RESET_ADDRESS = Limit("reset-address", 20, _HOUR)
# Of one account: its mails go to whatever addresses it names.
EMAIL_CHANGE = Limit("email-change", 5, _HOUR)
RESEND_SHORT = Limit("resend-short", 1, 3 * _MINUTE)
RESEND_DAY = Limit("resend-day", 5, _DAY)

# Of one challenge, which does not live long enough to get a sixth.
TOTP_CHALLENGE = Limit("totp-challenge", 5, 5 * _HOUR)
TOTP_ACCOUNT = Limit("totp-account", 10, _HOUR)
REAUTHENTICATION = Limit("reauthentication", 5, 5 * _MINUTE)
BAD_TOKEN = Limit("bad-token", 20, _MINUTE)

LIMITS = (
    ACCOUNT_AND_ADDRESS,
    ACCOUNT,
    ADDRESS,
    SIGN_UP,
    RESET_ADDRESSEE,
    RESET_ADDRESS,
    EMAIL_CHANGE,
    RESEND_SHORT,
    RESEND_DAY,
    TOTP_CHALLENGE,
    TOTP_ACCOUNT,
    REAUTHENTICATION,
    BAD_TOKEN,
)
