# Flags of an image for a board: small, and with the board's own options in front of every source.
include_guard()

set(CMAKE_C_FLAGS_RELEASE "-Os -g")
set(LATCHKEY_OPTIONS "" CACHE FILEPATH "A header whose options (src/options.h) go before the board's own")
foreach(header IN LISTS LATCHKEY_OPTIONS ITEMS "${PROJECT_SOURCE_DIR}/boards/${LATCHKEY_BOARD}/board.h")
    target_compile_options(lk_common_flags INTERFACE "$<$<COMPILE_LANGUAGE:C>:SHELL:-include ${header}>")
endforeach()
# Without these newlib's headers hide their POSIX half. Our sys/_pthreadtypes.h stands before newlib's.
target_compile_definitions(lk_common_flags INTERFACE
    _POSIX_THREADS=1 _POSIX_THREAD_PRIORITY_SCHEDULING=1 _POSIX_PRIORITY_SCHEDULING=1 _UNIX98_THREAD_MUTEX_ATTRIBUTES=1
    _POSIX_THREAD_PROCESS_SHARED=200112L _POSIX_TIMERS=1 _POSIX_MONOTONIC_CLOCK=200112L _POSIX_CLOCK_SELECTION=200112L)
target_include_directories(lk_common_flags INTERFACE
    "${PROJECT_SOURCE_DIR}/ports/rtos/include" "${PROJECT_SOURCE_DIR}/ports")
# The linker script is the board's; it includes what boards share from boards/ and ports/rtos.
target_link_options(lk_common_flags INTERFACE
    -nostartfiles -T "${PROJECT_SOURCE_DIR}/boards/${LATCHKEY_BOARD}/link.ld" "-L${PROJECT_SOURCE_DIR}/boards"
    "-L${PROJECT_SOURCE_DIR}/ports/rtos")
