"""Which tests need Linux, and why; the others run against a board too (LATCHKEY_BOARD)."""

import os

FILES = "looks at or changes files of the data folder"
PROCESS = "starts or signals a Linux process"
FOLDER = "mails go to a folder; tests/board/test_mail.py changes their way by SMTP"
ONE_BY_ONE = "a board is told one setting at a time"
LOOPBACK = "asks from an address of the server's own machine: none reaches a board"
MAIL = "reads the text of a mail, which a board's log leaves out; tests/board/test_mail.py reads it by SMTP"
IPV4 = "a board's network knows IPv4 alone"
MEMORY = "pictures of 6 and 16 megabytes"
SLOW = "the store is filled through an emulated SPI chip, for minutes; mps2-an386 fills the same store"
UNICODE = "a board takes ASCII usernames alone (LK_UNICODE in src/options.h)"

# Names of test functions, or, with a username that is not ASCII, of one of their cases.
LEFT_OUT = {
    "test_first_start_makes_what_it_needs": FILES,
    "test_refused_starts": PROCESS,
    "test_reload_takes_the_way_of_mails": FOLDER,
    "test_reload_takes_all_or_nothing": ONE_BY_ONE,
    "test_reload_to_the_self_signed_certificate": FILES,
    "test_reload_takes_rotated_keys": FILES,
    "test_owner_certificate": FILES,
    "test_own_certificate_is_renewed": FILES,
    "test_stops_cleanly_under_load": PROCESS,
    "test_the_metrics_are_not_for_whom_a_proxy_brings": LOOPBACK,
    "test_a_client_of_ipv6_behind_a_proxy": IPV4,
    "test_invite_by_mail": MAIL,
    "test_mails_speak_the_language_of_the_request": MAIL,
    "test_an_invitation_in_french_of_a_device_with_a_name": MAIL,
    "test_brand_logo": FILES,
    "test_a_bad_brand_is_an_error_at_the_start": PROCESS,
    "test_large_pictures": MEMORY,
    "test_unicode_name": UNICODE,
    "test_roles_and_other_scripts": UNICODE,
    "test_one_name_in_two_forms_is_one_name": UNICODE,
}


def reason(item):
    """Why this test is left out on a board; None where it runs."""
    case = getattr(item, "callspec", None)
    if item.originalname == "test_usernames_taken" and not str(case.params["sent"]).isascii():
        return UNICODE
    if item.originalname == "test_full_store" and os.environ["LATCHKEY_BOARD"] == "emcraft-sf2":
        return SLOW
    return LEFT_OUT.get(item.originalname)
