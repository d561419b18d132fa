set(LATCHKEY_CPU_FLAGS "-mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard")
set(LATCHKEY_QEMU qemu-system-arm -M mps2-an500)
# It stops a board that hangs: a test shows that.
set(LATCHKEY_WATCHDOG ON)
