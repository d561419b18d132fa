# Compiler and linker flags. `lk_flags` is for our own code, `lk_foreign_flags` for the libraries of others.
include_guard()

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# What every object of the program shares. Unused functions leave at link time.
add_library(lk_common_flags INTERFACE)
target_compile_options(lk_common_flags INTERFACE -ffunction-sections -fdata-sections -fno-strict-aliasing)
target_compile_definitions(lk_common_flags INTERFACE _GNU_SOURCE)
target_link_options(lk_common_flags INTERFACE -Wl,--gc-sections)
if(LATCHKEY_BOARD)
    include(BoardFlags)
else()
    include(HostFlags)
endif()

add_library(lk_flags INTERFACE)
target_link_libraries(lk_flags INTERFACE lk_common_flags)
target_compile_options(lk_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Werror)
if(LATCHKEY_SANITIZE)
    target_compile_options(lk_flags INTERFACE -fsanitize=${sanitizers} -fno-sanitize-recover=all)
endif()

# Others' code: no warnings, and no undefined-behaviour checks, which would report habits that are theirs to change.
add_library(lk_foreign_flags INTERFACE)
target_link_libraries(lk_foreign_flags INTERFACE lk_common_flags)
target_compile_options(lk_foreign_flags INTERFACE -w)
if("address" IN_LIST LATCHKEY_SANITIZE)
    target_compile_options(lk_foreign_flags INTERFACE $<$<COMPILE_LANGUAGE:C>:-fsanitize=address>)
elseif("thread" IN_LIST LATCHKEY_SANITIZE)
    target_compile_options(lk_foreign_flags INTERFACE $<$<COMPILE_LANGUAGE:C>:-fsanitize=thread>)
endif()
