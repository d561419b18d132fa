# Toolchain of the Cortex-M boards. LATCHKEY_BOARD names a folder of boards/; its board.cmake names the CPU.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_ASM_COMPILER arm-none-eabi-gcc)
# A program links only with a board's linker script; the compiler is tried without.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LATCHKEY_BOARD)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)

set(lk_board_dir "${CMAKE_CURRENT_LIST_DIR}/../../boards/${LATCHKEY_BOARD}")
if(NOT EXISTS "${lk_board_dir}/board.cmake")
    message(FATAL_ERROR "LATCHKEY_BOARD=${LATCHKEY_BOARD}: no such folder in boards/")
endif()
include("${lk_board_dir}/board.cmake")
set(CMAKE_C_FLAGS_INIT "${LATCHKEY_CPU_FLAGS} -mthumb --specs=nano.specs")
set(CMAKE_ASM_FLAGS_INIT "${LATCHKEY_CPU_FLAGS} -mthumb")
