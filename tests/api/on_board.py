"""Which tests need Linux, and why; the others run against a board too (LATCHKEY_BOARD)."""

FILES = "looks at or changes files of the data folder"
PROCESS = "starts or signals a Linux process"

LOOPBACK = "asks from an address of the server's own machine"
MAIL = "reads the text of a mail, which a board's log leaves out"
MEMORY = "pictures of a megabyte and more"
PROXY = "a proxy in QEMU's network has the address of its network, not of the machine"
# Known to fail, not merely out of place: see CHANGES.md.
BROKEN = "a full store of 1 KB pages refuses the deletion that would make room"
SWAGGER = "Swagger UI stays out of a board's image"
UNICODE = "a board takes ASCII usernames alone (LK_UNICODE in src/options.h)"

# Names of test functions, or, with a username that is not ASCII, of one of their cases.
LEFT_OUT = {
    "test_first_start_makes_what_it_needs": FILES,
    "test_refused_starts": PROCESS,
    "test_reload_takes_the_policy": FILES,
    "test_reload_takes_the_way_of_mails": FILES,
    "test_reload_takes_all_or_nothing": FILES,
    "test_reload_to_the_self_signed_certificate": FILES,
    "test_reload_takes_rotated_keys": FILES,
    "test_owner_certificate": FILES,
    "test_own_certificate_is_renewed": FILES,
    "test_stops_cleanly_under_load": PROCESS,
    "test_metrics": LOOPBACK,
    "test_the_client_behind_a_proxy": PROXY,
    "test_the_throttle_counts_the_client_behind_the_proxy": PROXY,
    "test_the_metrics_are_not_for_whom_a_proxy_brings": PROXY,
    "test_full_store": BROKEN,
    "test_plain_listener": LOOPBACK,
    "test_the_client_behind_a_proxy": LOOPBACK,
    "test_the_throttle_counts_the_client_behind_the_proxy": LOOPBACK,
    "test_the_metrics_are_not_for_whom_a_proxy_brings": LOOPBACK,
    "test_invite_by_mail": MAIL,
    "test_brand": FILES,
    "test_a_bad_brand_is_an_error_at_the_start": PROCESS,
    "test_large_pictures": MEMORY,
    "test_picture_over_the_limit": MEMORY,
    "test_swagger_ui": SWAGGER,
    "test_unicode_name": UNICODE,
    "test_roles_and_other_scripts": UNICODE,
    "test_one_name_in_two_forms_is_one_name": UNICODE,
}


def reason(item):
    """Why this test is left out on a board; None where it runs."""
    case = getattr(item, "callspec", None)
    if item.originalname == "test_usernames_taken" and not str(case.params["sent"]).isascii():
        return UNICODE
    return LEFT_OUT.get(item.originalname)
