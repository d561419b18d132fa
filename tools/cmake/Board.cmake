# How a program for the board, or a test that runs in its emulator, enters the build.
include_guard()

include("${PROJECT_SOURCE_DIR}/boards/${LATCHKEY_BOARD}/board.cmake")

# A change of one links anew: the board's own, and all that it may include.
file(GLOB lk_linker_scripts "${PROJECT_SOURCE_DIR}/boards/*/*.ld"
    "${PROJECT_SOURCE_DIR}/ports/rtos/*.ld")

# lk_image(NAME SOURCES file… [USES library…]): build/<preset>/NAME.elf, with start-up, kernel and board.
function(lk_image name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
    add_executable(${name} ${arg_SOURCES})
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/ports")
    target_link_libraries(${name} PRIVATE lk_startup lk_board ${arg_USES} lk_kernel lk_flags)
    target_link_options(${name} PRIVATE "-Wl,-Map=${PROJECT_BINARY_DIR}/${name}.map")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}" SUFFIX .elf
        LINK_DEPENDS "${lk_linker_scripts}")
endfunction()

# lk_board_test(NAME IMAGE image [ARGUMENT word] [STATUS n TEXT regex] [QEMU option…]): boots the image in the board's
# emulator with this command line. It passes when the image ends with status 0; or with STATUS, having said TEXT.
function(lk_board_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "IMAGE;ARGUMENT;STATUS;TEXT" "QEMU")
    set(semihosting enable=on,target=native)
    if(arg_ARGUMENT)
        string(APPEND semihosting ",arg=${arg_ARGUMENT}")
    endif()
    set(command ${LATCHKEY_QEMU} -display none -monitor none -serial stdio -nic none -no-reboot
        -semihosting-config ${semihosting} ${arg_QEMU} -kernel $<TARGET_FILE:${arg_IMAGE}>)
    if(arg_STATUS)
        list(PREPEND command ${CMAKE_COMMAND} -DSTATUS=${arg_STATUS} "-DTEXT=${arg_TEXT}"
            -P "${PROJECT_SOURCE_DIR}/tools/cmake/expect.cmake")
    endif()
    add_test(NAME ${name} COMMAND ${command})
    set_tests_properties(${name} PROPERTIES LABELS board TIMEOUT 120)
endfunction()

# lk_board_pytest(NAME [FOLDER folder] FILE [ARGUMENT…]): pytest over files that drive the board in QEMU
# (tests/board/board.py); FOLDER is this one unless given.
function(lk_board_pytest name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "FOLDER" "")
    if(NOT arg_FOLDER)
        set(arg_FOLDER "${CMAKE_CURRENT_SOURCE_DIR}")
    endif()
    add_test(NAME ${name} COMMAND /usr/bin/python3 -m pytest -q -p no:cacheprovider ${arg_UNPARSED_ARGUMENTS}
        WORKING_DIRECTORY "${arg_FOLDER}")
    set(environment
        "LATCHKEY_BOARD=${LATCHKEY_BOARD}"
        "LATCHKEY_BUILD=${PROJECT_BINARY_DIR}"
        "LATCHKEY_SWAGGER=OFF"
        "PYTHONDONTWRITEBYTECODE=1"
        "PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/api")
    set_tests_properties(${name} PROPERTIES LABELS "board;image" TIMEOUT 1800 ENVIRONMENT "${environment}")
endfunction()
