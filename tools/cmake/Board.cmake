# How a program for the board, or a test that runs in its emulator, enters the build.
include_guard()

include("${PROJECT_SOURCE_DIR}/boards/${LATCHKEY_BOARD}/board.cmake")

# lk_image(NAME SOURCES file… [USES library…]): build/<preset>/NAME.elf, with start-up, kernel and board.
function(lk_image name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
    add_executable(${name} ${arg_SOURCES})
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/ports")
    target_link_libraries(${name} PRIVATE lk_startup lk_board ${arg_USES} lk_kernel lk_flags)
    target_link_options(${name} PRIVATE "-Wl,-Map=${PROJECT_BINARY_DIR}/${name}.map")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}" SUFFIX .elf
        LINK_DEPENDS "${PROJECT_SOURCE_DIR}/boards/${LATCHKEY_BOARD}/link.ld;${PROJECT_SOURCE_DIR}/ports/rtos/sections.ld")
endfunction()

# lk_board_test(NAME IMAGE image [ARGS text]): boots the image in the board's emulator, with `ARGS` as its command
# line; it passes when the image ends with status 0. The console is the test's output.
function(lk_board_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "IMAGE" "QEMU")
    add_test(NAME ${name} COMMAND ${LATCHKEY_QEMU} -display none -monitor none -serial stdio
        -semihosting-config enable=on,target=native ${arg_QEMU} -kernel $<TARGET_FILE:${arg_IMAGE}>)
    set_tests_properties(${name} PROPERTIES LABELS board TIMEOUT 300)
endfunction()
