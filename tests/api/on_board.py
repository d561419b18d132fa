"""Which tests need Linux, and why; the others run against a board too (LATCHKEY_BOARD)."""

FILES = "looks at or changes files of the data folder"
PROCESS = "starts or signals a Linux process"

UNICODE = "a board takes ASCII usernames alone (LK_UNICODE in src/options.h)"

# Names of test functions, or of one of their parameters: "name[parameter]".
LEFT_OUT = {
    "test_first_start_makes_what_it_needs": FILES,
    "test_refused_starts": PROCESS,
    "test_reload_takes_the_policy": FILES,
    "test_reload_takes_the_way_of_mails": FILES,
    "test_reload_takes_all_or_nothing": FILES,
    "test_reload_to_the_self_signed_certificate": FILES,
    "test_reload_takes_rotated_keys": FILES,
    "test_owner_certificate": FILES,
    "test_stops_cleanly_under_load": PROCESS,
}
