# Flags of a program for the machine that builds: hardened, or under a sanitizer.
include_guard()

find_package(Threads REQUIRED)

set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")
target_link_options(lk_common_flags INTERFACE -Wl,--as-needed)
# What is shipped tells nothing of the folder it was built in: two builds of one commit are the same bytes. The last
# one that fits counts.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(lk_common_flags INTERFACE
        "-ffile-prefix-map=${PROJECT_SOURCE_DIR}=latchkey" "-ffile-prefix-map=${PROJECT_BINARY_DIR}=build")
endif()

if(LATCHKEY_SANITIZE)
    list(JOIN LATCHKEY_SANITIZE "," sanitizers)
    target_link_options(lk_common_flags INTERFACE -fsanitize=${sanitizers})
else()
    target_compile_options(lk_common_flags INTERFACE -fstack-protector-strong -D_FORTIFY_SOURCE=2)
    target_link_options(lk_common_flags INTERFACE -static-libgcc -Wl,-z,relro,-z,now,-z,noexecstack)
endif()

target_compile_options(lk_common_flags INTERFACE -fPIE)
if(LATCHKEY_STATIC AND LATCHKEY_SANITIZE)
    message(FATAL_ERROR "LATCHKEY_STATIC excludes LATCHKEY_SANITIZE: the sanitizers need a shared C library")
endif()
