# How a folder of our own code, or a test, enters the build.
include_guard()

# lk_module(NAME SOURCES file… [USES library…]): the static library lk_NAME. Includes are written from src/ and
# ports/: "base/buf.h", "port.h". USES names what its headers or sources need: lk_base, wolfssl, …
function(lk_module name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
    add_library(lk_${name} STATIC ${arg_SOURCES})
    target_include_directories(lk_${name} PUBLIC "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/ports")
    target_link_libraries(lk_${name} PUBLIC ${arg_USES} PRIVATE lk_flags)
endfunction()

# lk_program(NAME SOURCES file… [USES library…]): an executable under build/<preset>/.
function(lk_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
    add_executable(${name} ${arg_SOURCES})
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/ports")
    target_link_libraries(${name} PRIVATE ${arg_USES} lk_flags)
    target_link_options(${name} PRIVATE $<IF:$<BOOL:${LATCHKEY_STATIC}>,-static-pie,-pie>)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
endfunction()

# What every test gets: its labels, its time limit in seconds, where the server is, and sanitizers that stop at once.
function(lk_test name labels timeout)
    set(environment
        "LATCHKEYD=${PROJECT_BINARY_DIR}/latchkeyd"
        "LATCHKEY_SWAGGER=$<IF:$<BOOL:${LATCHKEY_SWAGGER}>,ON,OFF>"
        "PYTHON=/usr/bin/python3"
        "PYTHONDONTWRITEBYTECODE=1"
        "PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/api"
        "ASAN_OPTIONS=detect_stack_use_after_return=1"
        "TSAN_OPTIONS=halt_on_error=1:suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp")
    set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${timeout} ENVIRONMENT "${environment}")
endfunction()

# lk_unit_test(NAME SOURCES file… [USES library…]): one cmocka program, label unit.
function(lk_unit_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
    add_executable(${name} ${arg_SOURCES})
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/ports")
    target_link_libraries(${name} PRIVATE ${arg_USES} cmocka lk_flags)
    target_link_options(${name} PRIVATE -pie)
    add_test(NAME ${name} COMMAND ${name})
    lk_test(${name} unit 300)
endfunction()

# lk_pytest(NAME FILE… [LABELS label…]): pytest over these files; LATCHKEYD names the server for them to start.
# Labels: api, and those given.
function(lk_pytest name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LABELS")
    add_test(NAME ${name} COMMAND /usr/bin/python3 -m pytest -q -p no:cacheprovider ${arg_UNPARSED_ARGUMENTS}
        WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
    lk_test(${name} "api;${arg_LABELS}" 1800)
endfunction()
